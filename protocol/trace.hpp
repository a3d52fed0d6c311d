// Watching connections: what is told of them as it happens, and how much of it.
#pragma once

#include "protocol/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

enum class trace_kind : std::uint8_t {
  admitted,    ///< `number`: connections of its user
  moved,       ///< `from`, `to`, `why`, `number`
  message_in,  ///< `payload`, `bytes`
  message_out, ///< the same; taken by the socket or by its queue
  ping_sent,
  pong,   ///< `rtt`, zero when it gives none
  paused, ///< reading
  resumed,
  close_queued, ///< `code`, `why`, `detail`
  ended,        ///< `code`, `why`, `detail`, `age`, `in`, `out`
  refused,      ///< `refused_for`, `detail`; without an id when there was no connection yet
};

/// The event's name ("message_in").
std::string_view to_string(trace_kind what);

/// What a kind does not mention is not set.
struct trace_event {
  wall_time at{};
  trace_kind what = trace_kind::moved;
  connection_id id;
  std::string user; ///< empty: anonymous, or not known yet
  std::string address;
  connection_state from = connection_state::handshaking;
  connection_state to = connection_state::handshaking;
  cause why = cause::none;
  std::uint32_t number = 0;
  payload_kind payload = payload_kind::text;
  std::uint64_t bytes = 0;
  duration rtt{};
  duration age{};
  close_code code = close_code::none;
  refusal refused_for = refusal::bad_request;
  traffic in;
  traffic out;
  std::string detail;
};

enum class trace_end : std::uint8_t {
  limit,       ///< as many events as were asked for
  time,        ///< it is over
  too_many,    ///< there are `most_traces` already
  restarted,   ///< an actor that was telling has ended
  unreachable, ///< nobody answered
};

std::string_view to_string(trace_end why);

/// Traces that a shard bears at a time.
inline constexpr std::size_t most_traces = 8;

/// Events that may be on their way from a shard to who asked; what comes meanwhile is left out.
inline constexpr std::size_t most_untaken = 256;

/// Most events that a trace may ask for, and longest time.
inline constexpr std::uint64_t most_traced_events = 10'000;
inline constexpr duration longest_trace = std::chrono::minutes{10};

/// Asks a shard's pool member to tell the sender what happens to connections, from now on. The
/// answer is `none` or `too_many_traces`. A trace belongs to its asker and ends with it.
struct start_trace {
  selector which;
  std::uint64_t limit = 100; ///< events
  duration span = std::chrono::seconds{10};
};

/// The sender has had enough.
struct stop_trace {};

/// To the asker: what happened in a turn of a shard's loop, oldest first.
struct trace_events {
  shard_index shard = 0;
  std::vector<trace_event> events;
  std::uint64_t left_out = 0; ///< since the last batch, because too many were on their way
};

/// From the asker: so many of them have been taken.
struct trace_taken {
  std::uint64_t events = 0;
};

/// To the asker: the shard tells no more.
struct trace_over {
  shard_index shard = 0;
  trace_end why = trace_end::time;
  std::uint64_t left_out = 0; ///< since the last batch
};

/// What one shard may still tell in one trace. Not thread-safe.
class trace_log {
public:
  trace_log(std::uint64_t limit, time_point until);

  /// Whether another event would be kept. If not, it counts as left out.
  bool has_room();

  void add(trace_event event) { gathered_.push_back(std::move(event)); }

  /// What is to be sent now; nothing when nothing was kept.
  std::optional<trace_events> gather(shard_index shard);

  /// What is said when it has ended.
  trace_over last_words(shard_index shard, trace_end why) const { return {shard, why, left_out_}; }

  void taken(std::uint64_t events);

  /// Why it has ended, if it has. What is gathered is still to be sent.
  std::optional<trace_end> over(time_point now) const;

private:
  std::uint64_t left_; // of the limit
  time_point until_;
  std::uint64_t untaken_ = 0; // gathered, or on their way
  std::uint64_t left_out_ = 0;
  std::vector<trace_event> gathered_;
};

} // namespace holdfast
