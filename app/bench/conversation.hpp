// What the server's bytes mean to a client, and what the client says to them.
#pragma once

#include "app/bench/client.hpp"
#include "app/bench/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::bench {

/// The protocol side of all clients: checks the handshake's answer, takes frames apart, puts
/// messages together, answers pings and close frames, and tells the mode's `traffic`. Touches no
/// socket.
class conversation {
public:
  /// `protocols`: the subprotocols that clients offer besides holdfast.v1, with commas between.
  conversation(traffic& events, std::string protocols);

  /// Handles `bytes` that came for `c`. Answers are appended to `c.out`. Returns why the client
  /// cannot go on, if it cannot.
  std::optional<std::string> digest(client& c, std::string_view bytes, time_point at);

  /// Why the handshake of `c` failed, whose server has said its last word.
  std::string refusal_at_end(const client& c) const;

  /// Queues one message or control frame of `c`.
  void send(client& c, opcode op, std::string_view payload);

  /// Queues one fragment of a message, or any frame.
  void send(client& c, const frame_view& frame);

  /// Begins to close with `code`.
  void begin_close(client& c, std::uint16_t code);

  /// Clients given up because the server sent what no server may.
  std::uint64_t garbled() const { return garbled_; }

private:
  std::optional<std::string> consume(client& c, std::string_view& bytes, time_point at);
  std::optional<std::string> consume_answer(client& c, std::string_view& bytes, time_point at);
  bool on_frame(client& c, const frame_view& frame, time_point at);
  bool on_data(client& c, const frame_view& frame, time_point at);
  bool on_close(client& c, std::string_view payload, time_point at);
  std::string_view protocols_of(const client& c) const;
  std::uint32_t next_key();

  traffic& events_;
  std::string protocols_;
  std::uint64_t garbled_ = 0;
  std::uint32_t key_ = 2463534242; // any number but 0; masking needs no secrets here
};

} // namespace holdfast::bench
