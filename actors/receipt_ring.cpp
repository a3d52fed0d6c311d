#include "actors/receipt_ring.hpp"

#include <algorithm>

namespace holdfast {

void receipt_ring::add(close_receipt receipt) {
  ++by_cause_[static_cast<std::size_t>(receipt.why)];
  ring_[added_ % ring_.size()] = std::move(receipt);
  ++added_;
}

std::vector<close_receipt> receipt_ring::latest(std::string_view user, std::size_t limit) const {
  std::vector<close_receipt> result;
  auto kept = std::min<std::uint64_t>(added_, ring_.size());
  for (std::uint64_t back = 1; back <= kept && result.size() < limit; ++back) {
    auto& receipt = ring_[(added_ - back) % ring_.size()];
    if (user.empty() || receipt.user == user)
      result.push_back(receipt);
  }
  return result;
}

} // namespace holdfast
