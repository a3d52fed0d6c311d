// What a shard counts, and how the counts of several shards are added up.
#pragma once

#include "protocol/close_code.hpp"
#include "protocol/gate.hpp"
#include "protocol/histogram.hpp"
#include "protocol/lifecycle.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast {

inline constexpr std::size_t state_count = static_cast<std::size_t>(connection_state::closed) + 1;

/// Stands for every code that is in no table: a peer may send 2000 of those, and a label of a
/// metric must not have so many values.
inline constexpr close_code other_code{0xffff};

/// Connections that ended in one way.
struct closed_count {
  cause why = cause::none;
  close_code code = close_code::none;
  std::uint64_t count = 0;
};

/// One entry for each pair that has occurred, in the order of their first.
class closed_counts {
public:
  void add(cause why, close_code code, std::uint64_t count = 1);
  closed_counts& operator+=(const closed_counts& other);

  const std::vector<closed_count>& entries() const { return entries_; }

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, closed_counts& x) {
    return f(x.entries_);
  }

private:
  std::vector<closed_count> entries_; // some ten of them, so that to search is to look
};

/// What one shard counts. Monotonic but for the states and the queues.
struct shard_counters {
  std::uint64_t sockets = 0; ///< accepted from the kernel
  std::uint64_t admitted = 0;
  std::uint64_t ended = 0; ///< of the admitted
  std::array<std::uint64_t, refusal_count> refused{};
  std::array<std::uint64_t, state_count> in_state{}; ///< connections now
  traffic in;
  traffic out;
  std::uint64_t pings = 0;
  std::uint64_t pongs = 0;
  std::uint64_t missed = 0;
  std::uint64_t suspects = 0;
  std::uint64_t zombies = 0;
  std::uint64_t slow_consumers = 0;
  std::uint64_t mended = 0;       ///< by the sweep: each is a defect
  std::uint64_t forced = 0;       ///< closed or aborted by a drain that had to end
  std::uint64_t queued_bytes = 0; ///< that sockets have not taken, as of the last tick
  closed_counts closed;           ///< of the admitted
  reply_histogram rtt;            ///< pings to their pongs
  reply_histogram handshake;      ///< sockets' accepts to the verdicts on their users
  lag_histogram lag;              ///< ticks of the loop: how late each was

  shard_counters& operator+=(const shard_counters& other);
};

/// Whether an end for this cause is one that a drain forced.
bool is_forced(cause why);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, closed_count& x) {
  return f(x.why, x.code, x.count);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_counters& x) {
  return f(x.sockets, x.admitted, x.ended, x.refused, x.in_state, x.in, x.out, x.pings, x.pongs,
           x.missed, x.suspects, x.zombies, x.slow_consumers, x.mended, x.forced, x.queued_bytes,
           x.closed, x.rtt, x.handshake, x.lag);
}

} // namespace holdfast
