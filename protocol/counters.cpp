#include "protocol/counters.hpp"

#include <algorithm>

namespace holdfast {

namespace {

traffic& operator+=(traffic& sum, const traffic& x) {
  sum.messages += x.messages;
  sum.bytes += x.bytes;
  return sum;
}

template <std::size_t N>
void add(std::array<std::uint64_t, N>& sum, const std::array<std::uint64_t, N>& x) {
  for (std::size_t i = 0; i < N; ++i)
    sum[i] += x[i];
}

} // namespace

void closed_counts::add(cause why, close_code code, std::uint64_t count) {
  if (info(code).code != code) // the row of those that are in no table
    code = other_code;
  auto found = std::find_if(entries_.begin(), entries_.end(),
                            [&](const closed_count& x) { return x.why == why && x.code == code; });
  if (found == entries_.end())
    entries_.push_back({why, code, count});
  else
    found->count += count;
}

closed_counts& closed_counts::operator+=(const closed_counts& other) {
  for (auto& entry : other.entries_)
    add(entry.why, entry.code, entry.count);
  return *this;
}

shard_counters& shard_counters::operator+=(const shard_counters& x) {
  sockets += x.sockets;
  admitted += x.admitted;
  ended += x.ended;
  add(refused, x.refused);
  add(in_state, x.in_state);
  in += x.in;
  out += x.out;
  pings += x.pings;
  pongs += x.pongs;
  missed += x.missed;
  suspects += x.suspects;
  zombies += x.zombies;
  slow_consumers += x.slow_consumers;
  mended += x.mended;
  forced += x.forced;
  queued_bytes += x.queued_bytes;
  closed += x.closed;
  rtt += x.rtt;
  handshake += x.handshake;
  lag += x.lag;
  return *this;
}

bool is_forced(cause why) {
  // Of the causes with which a drain ends a connection, `drained` alone is its slot.
  return why == cause::forced || why == cause::aborted || why == cause::close_timeout;
}

} // namespace holdfast
