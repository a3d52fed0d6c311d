#include "protocol/trace.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

std::string_view to_string(trace_kind what) {
  switch (what) {
  case trace_kind::admitted: return "admitted";
  case trace_kind::moved: return "moved";
  case trace_kind::message_in: return "message_in";
  case trace_kind::message_out: return "message_out";
  case trace_kind::ping_sent: return "ping_sent";
  case trace_kind::pong: return "pong";
  case trace_kind::paused: return "paused";
  case trace_kind::resumed: return "resumed";
  case trace_kind::close_queued: return "close_queued";
  case trace_kind::ended: return "ended";
  case trace_kind::refused: return "refused";
  }
  return "invalid";
}

std::string_view to_string(trace_end why) {
  switch (why) {
  case trace_end::limit: return "limit";
  case trace_end::time: return "time";
  case trace_end::too_many: return "too_many";
  case trace_end::restarted: return "restarted";
  case trace_end::unreachable: return "unreachable";
  }
  return "invalid";
}

trace_log::trace_log(std::uint64_t limit, time_point until)
  : left_{std::min(limit, most_traced_events)},
    until_{until} {}

bool trace_log::has_room() {
  if (left_ == 0)
    return false;
  if (untaken_ == most_untaken) {
    ++left_out_;
    return false;
  }
  --left_;
  ++untaken_;
  return true;
}

std::optional<trace_events> trace_log::gather(shard_index shard) {
  // What was left out is told with the next events: while nobody takes any, nothing is sent.
  if (gathered_.empty())
    return std::nullopt;
  return trace_events{shard, std::exchange(gathered_, {}), std::exchange(left_out_, 0)};
}

void trace_log::taken(std::uint64_t events) {
  untaken_ -= std::min(events, untaken_ - gathered_.size());
}

std::optional<trace_end> trace_log::over(time_point now) const {
  if (left_ == 0)
    return trace_end::limit;
  return now >= until_ ? std::optional{trace_end::time} : std::nullopt;
}

} // namespace holdfast
