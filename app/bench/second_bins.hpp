// Events counted by the second.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <vector>

namespace holdfast::bench {

/// Counts events in bins of one second from a common start.
class second_bins {
public:
  void add(duration since_start);

  std::uint64_t total() const { return total_; }
  duration first() const { return first_; }
  duration last() const { return last_; }
  /// Bin k has the events of the second that begins k seconds after the start.
  const std::vector<std::uint64_t>& bins() const { return bins_; }
  std::uint64_t busiest() const;
  /// A second, over the time between the first and the last event, of one second at least.
  double mean() const;

private:
  std::vector<std::uint64_t> bins_;
  std::uint64_t total_ = 0;
  duration first_{};
  duration last_{};
};

} // namespace holdfast::bench
