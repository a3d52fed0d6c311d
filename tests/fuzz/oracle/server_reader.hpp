// What a server may put on the wire after its 101.
#pragma once

#include "protocol/shared_frame.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

/// Splits the server's bytes into its answer to the handshake and frames, and checks their form:
/// whole messages, unmasked, no extension, the shortest length, one close frame and nothing after.
class server_reader {
public:
  struct frame {
    frame_opcode opcode;
    std::string payload;
  };

  void read(std::string_view bytes) {
    bytes_.append(bytes);
    total_ += bytes.size();
  }

  /// Up to and including the empty line, once that has come.
  std::optional<std::string> head() {
    auto end = bytes_.find("\r\n\r\n", at_);
    if (end == std::string::npos)
      return std::nullopt;
    total_ -= end + 4 - at_;
    return cut(end + 4 - at_);
  }

  /// The next frame, once it is complete.
  std::optional<frame> next() {
    if (between_frames())
      return std::nullopt;
    require(!closed_, "the server sends nothing after its close frame");
    auto opcode = byte(0) & 0xf;
    require((byte(0) & 0xf0) == 0x80, "the server's frames are final and use no extension");
    require(opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10), "the opcode is known");
    if (waiting() < 2)
      return std::nullopt;
    require(byte(1) < 0x80, "the server does not mask");
    std::size_t length_bytes = byte(1) == 127 ? 8 : byte(1) == 126 ? 2 : 0;
    require(opcode < 8 || length_bytes == 0, "control frames are short");
    if (waiting() < 2 + length_bytes)
      return std::nullopt;
    std::uint64_t size = length_bytes == 0 ? byte(1) : 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      size = size << 8 | byte(2 + i);
    require(length_bytes == 0 || size >= (length_bytes == 2 ? 126u : 65536u), "a short length");
    if (waiting() - 2 - length_bytes < size)
      return std::nullopt;
    at_ += 2 + length_bytes;
    closed_ = opcode == 8;
    return frame{static_cast<frame_opcode>(opcode), cut(size)};
  }

  /// Bytes of frames, those of one that is incomplete included.
  std::uint64_t total() const { return total_; }

  bool between_frames() const { return waiting() == 0; }

private:
  std::size_t waiting() const { return bytes_.size() - at_; }
  unsigned byte(std::size_t index) const { return static_cast<std::uint8_t>(bytes_[at_ + index]); }

  std::string cut(std::size_t size) {
    auto front = bytes_.substr(at_, size);
    at_ += size;
    if (waiting() == 0) {
      bytes_.clear();
      at_ = 0;
    }
    return front;
  }

  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t total_ = 0;
  bool closed_ = false;
};

} // namespace holdfast::fuzz
