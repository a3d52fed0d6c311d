// A second reading of RFC 6455 section 5, slow and plain, to hold the transport's against.
#pragma once

#include "protocol/close_code.hpp"
#include "protocol/lifecycle.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

/// RFC 3629 section 4.
class utf8_reader {
public:
  /// False when `b` cannot come here.
  bool take(std::uint8_t b) {
    if (missing_ > 0) {
      bool fits = b >= lowest_ && b <= highest_;
      lowest_ = 0x80;
      highest_ = 0xbf;
      --missing_;
      return fits;
    }
    if (b < 0x80)
      return true;
    if (b < 0xc2 || b > 0xf4)
      return false;
    missing_ = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
    lowest_ = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    highest_ = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    return true;
  }

  bool between_characters() const { return missing_ == 0; }

private:
  int missing_ = 0;
  std::uint8_t lowest_ = 0x80, highest_ = 0xbf;
};

/// What the application ought to be told: a message, a ping or a pong.
struct told {
  unsigned opcode;
  std::string payload;
};

/// What ends a client's stream of frames: its close frame, or what it did wrong.
struct stream_end {
  bool violation = false;
  close_code code = close_code::none; ///< the client's own, or the one that it is to be sent
  cause why = cause::none;
  std::string reason;             ///< of the client's close frame
  bool length_of_2_to_63 = false; ///< 1002 for the bit that must be 0, or 1009: both are right
};

/// Reads what a client sends, byte by byte, up to its close frame or first violation.
class reference_reader {
public:
  explicit reference_reader(std::size_t max_message_size) : max_{max_message_size} {}

  void read(std::string_view bytes) {
    for (auto c : bytes) {
      if (end_)
        return;
      take(static_cast<std::uint8_t>(c));
    }
  }

  /// Told in this order. Whoever checks takes from the front.
  std::deque<told>& waiting() { return waiting_; }
  bool all_told() const { return waiting_.empty(); }

  const std::optional<stream_end>& end() const { return end_; }

  /// Complete messages before the end.
  std::uint64_t messages() const { return messages_; }

  /// The next byte begins a frame.
  bool between_frames() const { return step_ == step::first; }

private:
  enum class step { first, second, rest_of_header, payload };

  void take(std::uint8_t b) {
    switch (step_) {
    case step::first:
      first_ = b;
      step_ = step::second;
      return;
    case step::second: take_second(b); return;
    case step::rest_of_header:
      header_ += static_cast<char>(b);
      if (header_.size() == length_bytes_ + 4)
        begin_payload();
      return;
    case step::payload: take_payload(b); return;
    }
  }

  unsigned opcode() const { return first_ & 0xf; }
  bool final() const { return (first_ & 0x80) != 0; }
  bool control() const { return opcode() >= 8; }

  void take_second(std::uint8_t b) {
    auto size = b & 0x7f;
    bool known = opcode() <= 2 || (opcode() >= 8 && opcode() <= 10);
    bool masked = (b & 0x80) != 0;
    bool plain_bits = (first_ & 0x70) == 0;
    bool fits = control() ? final() && size < 126 : (opcode() == 0) == message_.has_value();
    if (!known || !masked || !plain_bits || !fits) {
      violate(close_code::protocol_error, cause::protocol_violation);
      return;
    }
    length_bytes_ = size == 127 ? 8 : size == 126 ? 2 : 0;
    left_ = static_cast<std::uint64_t>(size);
    header_.clear();
    step_ = step::rest_of_header;
  }

  void begin_payload() {
    if (length_bytes_ > 0) {
      left_ = 0;
      for (std::size_t i = 0; i < length_bytes_; ++i)
        left_ = left_ << 8 | static_cast<std::uint8_t>(header_[i]);
      if (left_ < (length_bytes_ == 2 ? 126u : 65536u)) {
        violate(close_code::protocol_error, cause::protocol_violation);
        return;
      }
    }
    if (!control()) {
      if (!message_)
        message_ = told{opcode(), {}};
      if (left_ > max_ || message_->payload.size() > max_ - left_) {
        violate(close_code::message_too_big, cause::too_big);
        end_->length_of_2_to_63 = left_ >> 63 != 0;
        return;
      }
    }
    at_ = 0;
    step_ = step::payload;
    if (left_ == 0)
      end_frame();
  }

  void take_payload(std::uint8_t b) {
    auto plain = static_cast<std::uint8_t>(b ^ header_[length_bytes_ + at_++ % 4]);
    auto& into = control() ? control_payload_ : message_->payload;
    into += static_cast<char>(plain);
    if (!control() && message_->opcode == 1 && !text_.take(plain)) {
      violate(close_code::invalid_payload, cause::bad_utf8);
      return;
    }
    if (--left_ == 0)
      end_frame();
  }

  void end_frame() {
    step_ = step::first;
    if (opcode() == 8) {
      end_by_close();
    } else if (control()) {
      waiting_.push_back({opcode(), std::exchange(control_payload_, {})});
    } else if (final()) {
      if (!text_.between_characters()) {
        violate(close_code::invalid_payload, cause::bad_utf8);
        return;
      }
      ++messages_;
      waiting_.push_back(std::move(*message_));
      message_.reset();
    }
  }

  void end_by_close() {
    if (control_payload_.empty()) {
      end_ = stream_end{false, close_code::no_status, cause::peer_closed, {}, false};
      return;
    }
    unsigned code = 0;
    if (control_payload_.size() >= 2)
      code = static_cast<std::uint8_t>(control_payload_[0]) * 256u
             + static_cast<std::uint8_t>(control_payload_[1]);
    if (!may_be_sent(code)) {
      violate(close_code::protocol_error, cause::protocol_violation);
      return;
    }
    auto reason = control_payload_.substr(2);
    utf8_reader text;
    bool valid = true;
    for (auto c : reason)
      valid = valid && text.take(static_cast<std::uint8_t>(c));
    if (!valid || !text.between_characters())
      violate(close_code::invalid_payload, cause::bad_utf8);
    else
      end_ = stream_end{false, static_cast<close_code>(code), cause::peer_closed, reason, false};
  }

  /// RFC 6455 section 7.4, and the registry that it has opened.
  static bool may_be_sent(unsigned code) {
    switch (code) {
    case 1000:
    case 1001:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
    case 1011:
    case 1012:
    case 1013:
    case 1014: return true;
    default: return code >= 3000 && code < 5000;
    }
  }

  void violate(close_code code, cause why) { end_ = stream_end{true, code, why, {}, false}; }

  std::size_t max_;
  std::deque<told> waiting_;
  std::optional<stream_end> end_;
  std::uint64_t messages_ = 0;

  step step_ = step::first;
  std::uint8_t first_ = 0;
  std::size_t length_bytes_ = 0;
  std::string header_; // without its first two bytes
  std::uint64_t left_ = 0;
  std::size_t at_ = 0;
  std::string control_payload_;
  std::optional<told> message_; // that is incomplete
  utf8_reader text_;
};

} // namespace holdfast::fuzz
