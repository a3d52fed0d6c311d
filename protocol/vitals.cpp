#include "protocol/vitals.hpp"

#include <algorithm>
#include <numeric>

namespace holdfast {

namespace {

/// What came in between. Never less than nothing: two actors note the shards' reports, and one that
/// lags behind may put back an older one for a moment.
std::uint64_t grown(std::uint64_t before, std::uint64_t after) {
  return after > before ? after - before : 0;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

} // namespace

vitals_totals totals_of(const shard_counters& sum, std::uint64_t cleanups_failed) {
  vitals_totals x;
  x.sockets = sum.sockets;
  x.admitted = sum.admitted;
  x.ended = sum.ended;
  x.refused = std::accumulate(sum.refused.begin(), sum.refused.end(), std::uint64_t{0});
  x.pongs = sum.pongs;
  x.missed = sum.missed;
  x.zombies = sum.zombies;
  x.cleanups_failed = cleanups_failed;
  x.in = sum.in;
  x.out = sum.out;
  x.rtt = sum.rtt;
  x.lag = sum.lag;
  return x;
}

vitals_window::vitals_window(duration span, unsigned parts, time_point start,
                             const vitals_totals& from)
  : span_{span},
    part_{span / std::max(parts, 1u)},
    samples_{{start, from}} {}

void vitals_window::note(time_point now, const vitals_totals& totals) {
  if (now - samples_.back().at >= part_)
    samples_.push_back({now, totals});
  while (samples_.size() > 1 && now - samples_[1].at >= span_)
    samples_.pop_front();
}

vitals_ratio heartbeat_success(const vitals_totals& from, const vitals_totals& now) {
  auto answered = grown(from.pongs, now.pongs);
  auto due = answered + grown(from.missed, now.missed);
  return {share(answered, due), due};
}

vitals_ratio zombie_ratio(const vitals_totals& from, const vitals_totals& now) {
  auto there = grown(from.ended, now.admitted);
  return {share(grown(from.zombies, now.zombies), there), there};
}

vitals_rates rates(const vitals_window::sample& from, time_point now, const vitals_totals& x) {
  constexpr duration least = std::chrono::milliseconds{500};
  vitals_rates result;
  if (now - from.at < least)
    return result;
  auto seconds = std::chrono::duration<double>{now - from.at}.count();
  auto rate = [seconds](std::uint64_t before, std::uint64_t after) {
    return static_cast<double>(grown(before, after)) / seconds;
  };
  auto& y = from.totals;
  result.accepted = rate(y.sockets, x.sockets);
  result.refused = rate(y.refused, x.refused);
  result.opened = rate(y.admitted, x.admitted);
  result.closed = rate(y.ended, x.ended);
  result.messages_in = rate(y.in.messages, x.in.messages);
  result.bytes_in = rate(y.in.bytes, x.in.bytes);
  result.messages_out = rate(y.out.messages, x.out.messages);
  result.bytes_out = rate(y.out.bytes, x.out.bytes);
  return result;
}

} // namespace holdfast
