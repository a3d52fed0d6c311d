// Time as the rules see it: points and spans that somebody else measured.
// Nothing in this folder reads a clock; every decision takes `now` as an argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

/// A span of time. Nanoseconds, signed.
using duration = std::chrono::nanoseconds;

/// A point on the monotonic clock (never the wall clock: stepping that must change nothing).
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A point on the wall clock, for people to read: in logs and receipts. Nothing is decided by it
/// but whether a token holds, whose issuer is on another machine.
using wall_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// Whole milliseconds in `d`, rounded down; what goes over the wire and into logs.
constexpr std::int64_t to_ms(duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

/// `now + delay`; where time ends, when that would be later.
constexpr time_point after(time_point now, duration delay) {
  return delay > time_point::max() - now ? time_point::max() : now + delay;
}

} // namespace holdfast
