// The life of a connection: its states, what moves it between them, what is remembered of it,
// and the receipt it leaves behind.
#pragma once

#include "protocol/close_code.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class connection_state : std::uint8_t {
  handshaking, ///< upgraded or about to be; the verdict on its user is still out
  open,
  suspect, ///< a ping went unanswered for pong_timeout
  zombie,  ///< given up; marked and counted, about to be closed or swept
  closing, ///< our close frame is queued, or the peer's has arrived
  closed,
};

std::string_view to_string(connection_state state);

/// Why a connection moved from one state to another.
enum class cause : std::uint8_t {
  none,
  admitted,
  refused, ///< the verdict on its user was no
  pong_missed,
  heard_again,   ///< any frame from a suspect peer
  zombie_count,  ///< max_missed_pongs pings unanswered
  zombie_silent, ///< nothing heard for zombie_detection_threshold
  peer_closed,   ///< the peer sent a close frame
  peer_vanished, ///< end of stream or a reset without a close frame
  protocol_violation,
  bad_utf8,
  too_big,
  policy,
  paused_too_long, ///< we paused reading for longer than max_read_pause
  slow_consumer,
  idle,
  handler_closed, ///< the handler asked for it
  handler_crashed,
  bad_control_messages,
  superseded, ///< evict_oldest: a newer connection of its user took the place
  kicked,
  drained,
  forced,        ///< a straggler at the end of a drain, or a second signal
  aborted,       ///< reset by the node at the very end of a drain
  close_timeout, ///< the peer did not complete the closing handshake in time
  actor_stopped, ///< its actor ended without the transport's doing
  token_expired, ///< what proved its user was valid until now
};

inline constexpr std::size_t cause_count = static_cast<std::size_t>(cause::token_expired) + 1;

/// Label of logs and metrics ("pong_missed").
std::string_view to_string(cause why);

/// A sentence part for people ("no frame for pong_timeout after a ping").
std::string_view explain(cause why);

/// Whether the state machine has an arrow from `from` to `to`. Every state but `closed` may
/// become `closed`; only `suspect` and `zombie` may go back to `open`.
bool may_move(connection_state from, connection_state to);

/// Who ended a connection.
enum class ended_by : std::uint8_t { peer, node, network };

std::string_view to_string(ended_by who);

/// One line of a connection's history.
struct flight_entry {
  std::uint32_t at_ms = 0; ///< milliseconds since the connection was accepted; saturates
  connection_state from = connection_state::handshaking;
  connection_state to = connection_state::handshaking;
  cause why = cause::none;
  std::uint32_t number = 0; ///< depends on the cause: misses, count of the user, ...
};

/// The last `capacity` transitions of one connection. A connection that never got into trouble
/// has one or two, so the first few stand inline and the ring is allocated with the next.
class flight_recorder {
public:
  static constexpr std::size_t capacity = 32;
  static constexpr std::size_t inline_entries = 2;

  void add(const flight_entry& entry);

  /// Oldest first, at most `capacity`.
  std::vector<flight_entry> entries() const;

  /// The last one's time; 0 without any.
  std::uint32_t last_at_ms() const;

  /// How many were ever added, including those overwritten.
  std::uint32_t added() const { return added_; }

private:
  std::array<flight_entry, inline_entries> first_{};
  std::unique_ptr<std::array<flight_entry, capacity>> ring_;
  std::uint32_t added_ = 0;
};

/// Messages and payload bytes.
struct traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// What remains of a connection: exactly one for each that was admitted.
struct close_receipt {
  connection_id id;
  std::string user;  ///< empty: anonymous
  std::string route; ///< the path it was accepted on
  std::string address;
  wall_time opened{};
  duration age{};
  traffic in;                          ///< handed to the handler
  traffic out;                         ///< taken by the socket
  std::uint64_t acknowledged = 0;      ///< covered by the client's last `ack` (holdfast.v1)
  traffic never_written;               ///< still in our queue at the end, or dropped from it
  std::uint64_t unconfirmed_bytes = 0; ///< written, but not acknowledged by the peer's TCP
  std::uint64_t discarded_in = 0;      ///< messages that arrived after our close frame was queued
  close_code code = close_code::none;
  ended_by who = ended_by::network;
  cause why = cause::none;
  std::string detail; ///< an exception's text, the peer's reason, a system error
  std::vector<flight_entry> history;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, flight_entry& x) {
  return f(x.at_ms, x.from, x.to, x.why, x.number);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, traffic& x) {
  return f(x.messages, x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, close_receipt& x) {
  return f(x.id, x.user, x.route, x.address, x.opened, x.age, x.in, x.out, x.acknowledged,
           x.never_written, x.unconfirmed_bytes, x.discarded_in, x.code, x.who, x.why, x.detail,
           x.history);
}

} // namespace holdfast
