// Watching connections from elsewhere: one actor that asks every shard and ends by itself.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/trace.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast {

/// How a trace ended.
struct trace_summary {
  trace_end why = trace_end::time;
  std::uint64_t told = 0;          ///< events
  std::uint64_t left_out = 0;      ///< that happened, and were not told because too many did
  std::vector<std::string> silent; ///< "pool/1": who did not answer, or ended meanwhile
};

/// Calls `events` with what happens to the connections that `wanted` selects, in the order in which
/// each shard saw it and never empty, and then `end` once. The trace ends after `wanted.limit`
/// events over all shards, after `wanted.span`, when there are too many, when a member of the pool
/// is restarted, or when none answers within a second. An exit message to the actor ends it at
/// once: then nothing more is called.
///
/// Both are called on `unit`'s thread, and may hold what they like until the actor has ended.
/// Threads: `unit`'s.
caf::actor trace_connections(host_unit& unit, services peers, start_trace wanted,
                             std::function<void(std::vector<trace_event>)> events,
                             std::function<void(const trace_summary&)> end);

} // namespace holdfast
