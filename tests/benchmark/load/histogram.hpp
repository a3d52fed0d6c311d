// Durations counted in log-linear buckets.
#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::load {

/// Counts durations in 64 buckets for each power of two of nanoseconds, so that a quantile is at
/// most 1/64 (1.6 %) above the true one. Below 128 ns and at the maximum it is exact.
class histogram {
public:
  void record(duration d) {
    auto value = static_cast<std::uint64_t>(std::max<duration::rep>(d.count(), 0));
    ++buckets_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  std::uint64_t count() const { return count_; }

  duration max() const { return duration{static_cast<duration::rep>(max_)}; }

  /// Upper end of the bucket that holds the `q` quantile, `q` in 0..1; zero when empty.
  duration quantile(double q) const {
    auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > rank || (seen == count_ && count_ > 0))
        return duration{static_cast<duration::rep>(std::min(upper_end(i), max_))};
    }
    return {};
  }

private:
  static constexpr unsigned bits = 6;
  static constexpr std::uint64_t steps = 1u << bits;

  // Values of 2 * steps and more lose their low bits until they fall into steps .. 2 * steps - 1.
  static std::size_t bucket_of(std::uint64_t value) {
    auto shift
      = value < 2 * steps ? 0u : 63u - bits - static_cast<unsigned>(__builtin_clzll(value));
    return static_cast<std::size_t>(shift * steps + (value >> shift));
  }

  static std::uint64_t upper_end(std::size_t bucket) {
    auto shift = bucket < 2 * steps ? 0 : bucket / steps - 1;
    auto top = bucket - shift * steps + 1;
    return (static_cast<std::uint64_t>(top) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - bits) * steps + steps> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace holdfast::load
