// Whether a connection is well, and what is wrong with it, in sentences for people.
#pragma once

#include "protocol/heartbeat.hpp"
#include "protocol/messages.hpp"
#include "protocol/send_queue.hpp"
#include "protocol/time.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

/// What a connection is held against. Zero: not judged.
struct health_limits {
  unsigned max_missed_pongs = 0;
  duration silence{};                ///< without a frame, makes a zombie
  duration read_pause{};             ///< we may leave it unread for so long
  duration verdict{};                ///< it waits no longer for the verdict on its user
  duration closing{};                ///< a closing handshake takes no longer
  std::uint64_t queued_bytes = 0;    ///< bound of its send queue
  std::uint64_t queued_messages = 0; ///< another one
};

/// `closing`: the longest that a closing handshake may take, both its parts together.
health_limits limits_of(const heartbeat_config& heartbeat, const send_queue_config& queue,
                        duration closing);

struct connection_health {
  bool healthy = true;
  /// Of the fuller of the queue's two bounds; 1 is full. 0 where there is no bound.
  double queue_fill = 0;
  std::vector<std::string> findings; ///< why it is not; none when it is
};

/// A queue that is fuller than this is a finding.
inline constexpr double full_queue = 0.8;

/// Deadlines are allowed to be missed by this: what is to happen then happens with a tick, and by
/// messages that may wait behind others.
inline constexpr duration health_slack = std::chrono::seconds{2};

connection_health judge(const connection_view& x, const health_limits& limits);

// ---- all connections of a shard

/// Judge those in some slots of a shard. A whole shard is judged in several steps.
struct validate_connections {
  health_limits limits;
  slot_index from = 0;       ///< the first slot
  std::uint32_t slots = 512; ///< how many of them
};

/// Somebody who is not well.
struct connection_problem {
  connection_id id;
  std::string user;
  std::string problem; ///< all findings, with semicolons between them
};

struct validated_connections {
  std::uint64_t checked = 0;
  std::uint64_t healthy = 0;
  std::array<std::uint64_t, state_count> by_state{};
  std::vector<connection_problem> problems;
  slot_index next = 0; ///< where to go on
  bool done = false;   ///< there are no more slots
};

} // namespace holdfast
