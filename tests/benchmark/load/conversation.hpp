// What the server's bytes mean to a client, and what the client says to them.
#pragma once

#include "tests/benchmark/load/client.hpp"
#include "tests/benchmark/load/handshake.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::load {

/// The protocol side of all clients: checks the handshake's answer, takes frames apart, answers
/// pings and close frames, and tells the mode's `traffic`. Touches no socket.
class conversation {
public:
  explicit conversation(traffic& events) : events_{events} {}

  /// Handles `bytes` that came for `c`. Answers are appended to `c.out`. Returns why the client
  /// cannot go on, if it cannot.
  std::optional<std::string> digest(client& c, std::string_view bytes, time_point at) {
    auto stored = !c.in.empty();
    if (stored)
      bytes = c.in.append(bytes);
    if (auto fault = consume(c, bytes, at))
      return fault;
    if (stored)
      c.in.erase(0, c.in.size() - bytes.size());
    else
      c.in.assign(bytes);
    return std::nullopt;
  }

  /// Queues one message of `c`.
  void send(client& c, opcode op, std::string_view payload) {
    append_frame(c.out, op, payload, next_key());
  }

  /// Begins to close with `code`.
  void begin_close(client& c, std::uint16_t code) {
    c.state = client_state::closing;
    c.close_begun = true;
    std::string payload;
    detail::append_big_endian(payload, code, 2);
    send(c, opcode::close, payload);
  }

  /// Clients given up because the server sent what no server may, or fragments.
  std::uint64_t garbled() const { return garbled_; }

private:
  // Leaves in `bytes` what is only the beginning of something.
  std::optional<std::string> consume(client& c, std::string_view& bytes, time_point at) {
    if (c.state == client_state::handshaking) {
      auto end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos)
        return std::nullopt;
      if (auto why = refusal_of(bytes.substr(0, end + 2), c.leased); !why.empty())
        return why;
      bytes.remove_prefix(end + 4);
      c.state = client_state::open;
      c.out.shrink_to_fit(); // the request, sent long ago
      events_.opened(c, at);
    }
    for (frame_view frame;;) {
      auto taken = take_frame(bytes, frame);
      if (taken == take_result::incomplete)
        return std::nullopt;
      if (taken == take_result::invalid || !on_frame(c, frame, at)) {
        ++garbled_;
        return "garbled";
      }
    }
  }

  // False for fragments: this client does not put them together.
  bool on_frame(client& c, const frame_view& frame, time_point at) {
    switch (frame.op) {
    case opcode::ping:
      if (c.state == client_state::open) {
        send(c, opcode::pong, frame.payload);
        ++c.unsent_pongs;
        events_.pinged(c, at);
      }
      return true;
    case opcode::pong: return true;
    case opcode::close: on_close(c, frame.payload, at); return true;
    case opcode::text:
    case opcode::binary:
      if (frame.fin)
        events_.received(c, frame.payload, at);
      return frame.fin;
    case opcode::continuation: return false;
    }
    return false;
  }

  void on_close(client& c, std::string_view payload, time_point at) {
    if (c.close_heard)
      return;
    constexpr std::uint16_t no_status = 1005;
    auto code = payload.substr(0, 2);
    c.close_heard = true;
    c.close_code
      = code.size() < 2 ? no_status : static_cast<std::uint16_t>(detail::read_big_endian(code));
    c.state = client_state::closing;
    if (!c.close_begun)
      send(c, opcode::close, code);
    events_.close_received(c, at);
  }

  std::uint32_t next_key() {
    key_ ^= key_ << 13;
    key_ ^= key_ >> 17;
    key_ ^= key_ << 5;
    return key_;
  }

  traffic& events_;
  std::uint64_t garbled_ = 0;
  std::uint32_t key_ = 2463534242; // any number but 0; masking needs no secrets here
};

} // namespace holdfast::load
