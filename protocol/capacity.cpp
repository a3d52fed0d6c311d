#include "protocol/capacity.hpp"

#include <algorithm>
#include <limits>

namespace holdfast {

capacity::capacity(std::size_t limit, std::size_t reserve, std::size_t per_user)
  : limits_{clamped(limit, reserve)},
    per_user_{per_user} {}

bool capacity::take(bool priority) {
  auto now = limits_.load(std::memory_order_relaxed);
  std::size_t ceiling = priority ? now.total : now.total - now.reserve;
  auto count = taken_.load(std::memory_order_relaxed);
  while (count < ceiling) {
    if (taken_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed))
      return true;
  }
  return false;
}

bool capacity::give() {
  auto count = taken_.load(std::memory_order_relaxed);
  while (count > 0) {
    if (taken_.compare_exchange_weak(count, count - 1, std::memory_order_relaxed))
      return true;
  }
  return false;
}

void capacity::set_limits(std::size_t limit, std::size_t reserve) {
  limits_.store(clamped(limit, reserve), std::memory_order_relaxed);
}

capacity::limits capacity::clamped(std::size_t limit, std::size_t reserve) {
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  limit = std::min(limit, most);
  return {static_cast<std::uint32_t>(limit), static_cast<std::uint32_t>(std::min(limit, reserve))};
}

} // namespace holdfast
