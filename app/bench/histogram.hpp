// Durations counted in log-linear buckets.
#pragma once

#include "protocol/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::bench {

/// Counts durations in 64 buckets for each power of two of nanoseconds, so that a quantile is at
/// most 1/64 (1.6 %) above the true one. Below 128 ns, at the minimum and at the maximum it is
/// exact. Negative durations count as zero.
class histogram {
public:
  void record(duration d);

  std::uint64_t count() const { return count_; }

  /// Zero when empty.
  duration min() const;
  duration max() const { return duration{static_cast<duration::rep>(max_)}; }

  /// Upper end of the bucket that holds the `q` quantile, `q` in 0..1; zero when empty.
  duration quantile(double q) const;

private:
  static constexpr unsigned bits = 6;
  static constexpr std::uint64_t steps = 1u << bits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_end(std::size_t bucket);

  std::array<std::uint64_t, (64 - bits) * steps + steps> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

} // namespace holdfast::bench
