// How long a round trip to a peer takes, as TCP estimates it.
#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace holdfast {

/// Smoothed round-trip time and its variation (RFC 6298, section 2: alpha = 1/8, beta = 1/4).
/// Kept in whole microseconds in 8 bytes, since every connection has one; what does not fit
/// (more than 71 minutes) counts as the longest that does.
class rtt_estimator {
public:
  /// Takes one measured round trip. Anything below a microsecond counts as one.
  void add(duration sample) {
    const auto r = to_us(sample);
    if (!measured()) {
      srtt_us_ = r;
      rttvar_us_ = r / 2;
      return;
    }
    // The variation first: RFC 6298 (2.3) has it use the smoothed time before this sample.
    const auto away = r > srtt_us_ ? r - srtt_us_ : srtt_us_ - r;
    rttvar_us_ = blend(rttvar_us_, away, 4);
    srtt_us_ = blend(srtt_us_, r, 8);
  }

  /// Whether there was any sample.
  bool measured() const { return srtt_us_ != 0; }

  /// Zero before the first sample.
  duration srtt() const { return std::chrono::microseconds{srtt_us_}; }
  duration rttvar() const { return std::chrono::microseconds{rttvar_us_}; }

private:
  static std::uint32_t to_us(duration d) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
    return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(us, 1, std::numeric_limits<std::uint32_t>::max()));
  }

  /// (1 - 1/share) * old + 1/share * fresh, rounded to nearest.
  static std::uint32_t blend(std::uint32_t old, std::uint32_t fresh, std::uint64_t share) {
    return static_cast<std::uint32_t>(((share - 1) * old + fresh + share / 2) / share);
  }

  std::uint32_t srtt_us_ = 0;
  std::uint32_t rttvar_us_ = 0;
};

} // namespace holdfast
