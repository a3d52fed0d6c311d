#include "app/bench/second_bins.hpp"

#include <algorithm>

namespace holdfast::bench {

void second_bins::add(duration since_start) {
  auto bin
    = static_cast<std::size_t>(std::max<duration>(since_start, {}) / std::chrono::seconds{1});
  if (bin >= bins_.size())
    bins_.resize(bin + 1);
  ++bins_[bin];
  first_ = total_ == 0 ? since_start : std::min(first_, since_start);
  last_ = total_ == 0 ? since_start : std::max(last_, since_start);
  ++total_;
}

std::uint64_t second_bins::busiest() const {
  return bins_.empty() ? 0 : *std::max_element(bins_.begin(), bins_.end());
}

double second_bins::mean() const {
  std::chrono::duration<double> span = last_ - first_;
  return static_cast<double>(total_) / std::max(1.0, span.count());
}

} // namespace holdfast::bench
