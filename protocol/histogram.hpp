// Durations counted in fixed buckets: what can be added up over shards and read by Prometheus.
#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>

namespace holdfast {

/// Counts durations by the first of `Bounds::upper` (ascending, inclusive) that they do not exceed;
/// the last bucket has no bound. Negative ones count as zero. To add one is a few comparisons, and
/// nothing is allocated.
template <class Bounds>
class histogram {
public:
  static constexpr const auto& upper = Bounds::upper;
  static constexpr std::size_t buckets = Bounds::upper.size() + 1;

  void add(duration x) {
    x = std::max(x, duration::zero());
    std::size_t i = 0;
    while (i + 1 < buckets && x > upper[i])
      ++i;
    ++counts_[i];
    sum_ += x;
  }

  histogram& operator+=(const histogram& other) {
    for (std::size_t i = 0; i < buckets; ++i)
      counts_[i] += other.counts_[i];
    sum_ += other.sum_;
    return *this;
  }

  /// What came since `earlier`, an older state of this one.
  histogram since(const histogram& earlier) const {
    auto result = *this;
    for (std::size_t i = 0; i < buckets; ++i)
      result.counts_[i] -= std::min(counts_[i], earlier.counts_[i]);
    result.sum_ -= std::min(sum_, earlier.sum_);
    return result;
  }

  /// In each bucket alone, not up to it.
  const std::array<std::uint64_t, buckets>& counts() const { return counts_; }

  std::uint64_t count() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }

  duration sum() const { return sum_; }

  /// An estimate of the `q` quantile, `q` in 0..1: as if what is in a bucket were spread over it
  /// evenly. The largest bound stands for all above it. Nothing while there is none.
  std::optional<duration> quantile(double q) const {
    const auto total = count();
    if (total == 0)
      return std::nullopt;
    const auto rank = q * static_cast<double>(total);
    double below = 0;
    std::size_t i = 0;
    while (i + 1 < buckets && below + static_cast<double>(counts_[i]) < rank)
      below += static_cast<double>(counts_[i++]);
    if (i + 1 == buckets)
      return upper[i - 1];
    const auto from = i == 0 ? duration::zero() : duration{upper[i - 1]};
    const auto inside = static_cast<double>(counts_[i]);
    const auto share = inside > 0 ? (rank - below) / inside : 0;
    return from + std::chrono::duration_cast<duration>((upper[i] - from) * share);
  }

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, histogram& x) {
    return f(x.counts_, x.sum_);
  }

private:
  std::array<std::uint64_t, buckets> counts_{};
  duration sum_{};
};

/// What a peer, a network or a handshake takes.
struct reply_times {
  static constexpr std::array<duration, 13> upper{
    std::chrono::milliseconds{1},   std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
    std::chrono::milliseconds{10},  std::chrono::milliseconds{25},   std::chrono::milliseconds{50},
    std::chrono::milliseconds{100}, std::chrono::milliseconds{250},  std::chrono::milliseconds{500},
    std::chrono::seconds{1},        std::chrono::milliseconds{2500}, std::chrono::seconds{5},
    std::chrono::seconds{10}};
};

/// By how much an event loop is late. Below a millisecond is what timers of the kernel are.
struct loop_delays {
  static constexpr std::array<duration, 12> upper{
    std::chrono::microseconds{100}, std::chrono::microseconds{250},  std::chrono::microseconds{500},
    std::chrono::milliseconds{1},   std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
    std::chrono::milliseconds{10},  std::chrono::milliseconds{25},   std::chrono::milliseconds{50},
    std::chrono::milliseconds{100}, std::chrono::milliseconds{250},  std::chrono::seconds{1}};
};

using reply_histogram = histogram<reply_times>;
using lag_histogram = histogram<loop_delays>;

} // namespace holdfast
