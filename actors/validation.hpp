// A check of every connection and of every shard's books, now.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/connection_health.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast {

/// So many problems are told; all are counted.
inline constexpr std::size_t most_problems = 1000;

struct validation_report {
  std::uint64_t checked = 0;
  std::uint64_t healthy = 0;
  std::array<std::uint64_t, state_count> by_state{};
  std::vector<connection_problem> problems; ///< the first `most_problems`
  std::uint64_t problem_count = 0;
  std::vector<book_check> books;   ///< of each shard ("pool/0: connections open"), and the node's
  std::vector<std::string> silent; ///< "pool/1": who did not answer within a second
};

/// Checks the shards side by side, each a part at a time, so that none keeps its connections
/// waiting. `done` is called once on `unit`'s thread, unless the actor is sent an exit before.
///
/// The node's total is compared with the shards' places at another moment than they are counted,
/// so a difference is looked at again, twice, before it is called one; without all shards it is
/// not compared. Threads: `unit`'s.
caf::actor validate(host_unit& unit, services peers, health_limits limits,
                    std::function<void(const validation_report&)> done);

} // namespace holdfast
