// The last connections that ended, with their receipts.
#pragma once

#include "protocol/messages.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast {

class receipt_ring {
public:
  /// The ring is allocated at once: at the worst moment, when everyone leaves, it must not grow.
  explicit receipt_ring(std::size_t capacity = 10'000) : ring_(capacity) {}

  void add(close_receipt receipt);

  /// Newest first; of `user` only, unless that is empty.
  std::vector<close_receipt> latest(std::string_view user, std::size_t limit) const;

  /// Copies only what is returned.
  receipt_page find(const find_receipts& x) const;

  /// Ever added.
  std::uint64_t added() const { return added_; }
  const std::array<std::uint64_t, cause_count>& by_cause() const { return by_cause_; }

private:
  std::vector<close_receipt> ring_;
  std::array<std::uint64_t, cause_count> by_cause_{};
  std::uint64_t added_ = 0;
};

} // namespace holdfast
