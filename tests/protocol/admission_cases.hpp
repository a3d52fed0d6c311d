// What the cases of admission and of its rebuild share.
#pragma once

#include "protocol/admission.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace holdfast::test {

using namespace std::chrono_literals;

constexpr time_point start{1000s};
constexpr incarnation node{7};

inline connection_id id(std::uint64_t n, shard_index shard = 0) {
  return {node, n << 8 | shard};
}

inline admission make(std::size_t limit,
                      user_limit_policy policy = user_limit_policy::reject_newest) {
  return admission{admission_config{limit, policy}};
}

inline admission evicting(std::size_t limit) {
  return make(limit, user_limit_policy::evict_oldest);
}

template <class Expected>
bool is(const verdict& v) {
  return std::holds_alternative<Expected>(v);
}

using ids = std::vector<connection_id>;

inline ids evicted_by(const verdict& v) {
  auto* x = std::get_if<admitted_evicting>(&v);
  return x ? x->evicted : ids{};
}

} // namespace holdfast::test
