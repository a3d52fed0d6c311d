#include "app/bench/histogram.hpp"

#include <algorithm>

namespace holdfast::bench {

void histogram::record(duration d) {
  auto value = static_cast<std::uint64_t>(std::max<duration::rep>(d.count(), 0));
  ++buckets_[bucket_of(value)];
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

duration histogram::min() const {
  return count_ == 0 ? duration{} : duration{static_cast<duration::rep>(min_)};
}

duration histogram::quantile(double q) const {
  auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen > rank || (seen == count_ && count_ > 0))
      return duration{static_cast<duration::rep>(std::clamp(upper_end(i), min_, max_))};
  }
  return {};
}

// Values of 2 * steps and more lose their low bits until they fall into steps .. 2 * steps - 1.
std::size_t histogram::bucket_of(std::uint64_t value) {
  auto shift = value < 2 * steps ? 0u : 63u - bits - static_cast<unsigned>(__builtin_clzll(value));
  return static_cast<std::size_t>(shift * steps + (value >> shift));
}

std::uint64_t histogram::upper_end(std::size_t bucket) {
  auto shift = bucket < 2 * steps ? 0 : bucket / steps - 1;
  auto top = bucket - shift * steps + 1;
  return (static_cast<std::uint64_t>(top) << shift) - 1;
}

} // namespace holdfast::bench
