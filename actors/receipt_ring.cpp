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

namespace {

bool matches(const find_receipts& x, const close_receipt& receipt) {
  if (x.from) {
    auto client = parse_client_address(without_port(receipt.address));
    if (!client || !x.from->contains(*client))
      return false;
  }
  return (!x.id || *x.id == receipt.id) && (!x.user || *x.user == receipt.user)
         && (!x.why || *x.why == receipt.why)
         && (!x.code || *x.code == static_cast<std::uint16_t>(receipt.code))
         && (x.route.empty() || x.route == receipt.route);
}

} // namespace

receipt_page receipt_ring::find(const find_receipts& x) const {
  receipt_page page;
  page.ever = added_;
  page.kept = std::min<std::uint64_t>(added_, ring_.size());
  auto oldest = added_ - page.kept; // receipts are numbered from 1 as they come
  auto number = x.before == 0 ? added_ : std::min(x.before - 1, added_);
  for (; number > oldest; --number) {
    auto& receipt = ring_[(number - 1) % ring_.size()];
    if (!matches(x, receipt))
      continue;
    if (page.receipts.size() == x.limit) { // there is one more, so there is a next page
      page.next = number + 1;
      break;
    }
    page.receipts.push_back(receipt);
  }
  return page;
}

} // namespace holdfast
