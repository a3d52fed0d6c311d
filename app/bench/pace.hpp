// When what is done at a rate is to be done.
#pragma once

#include "protocol/time.hpp"

#include <cmath>
#include <cstdint>

namespace holdfast::bench {

/// Turns 0, 1, 2 and so on at `per_second`, from `start`. Each has its time from the beginning on,
/// however late the one before was.
class pace {
public:
  pace(time_point start, double per_second) : start_{start}, per_second_{per_second} {}

  time_point due(std::uint64_t turn) const {
    return start_ + duration{std::llround(static_cast<double>(turn) * 1e9 / per_second_)};
  }

private:
  time_point start_;
  double per_second_;
};

} // namespace holdfast::bench
