#include "protocol/counters.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

std::string described(const closed_counts& x) {
  std::string text;
  for (auto& each : x.entries())
    text += std::string{to_string(each.why)} + " " + std::string{to_string(each.code)} + " "
            + std::to_string(each.count) + "; ";
  return text;
}

/// Visits every number that inspect() shows, as it does.
struct numbers {
  using result_type = void;

  template <class... Ts>
  void operator()(Ts&... xs) {
    (visit(xs), ...);
  }

  void visit(std::uint64_t& x) { f(x); }
  void visit(duration& x) {
    auto n = static_cast<std::uint64_t>(x.count());
    f(n);
    x = duration{static_cast<duration::rep>(n)};
  }
  void visit(closed_counts& x) {
    if (x.entries().empty())
      x.add(cause::kicked, close_code::kicked, 0);
    auto n = x.entries().front().count;
    auto before = n;
    f(n);
    x.add(cause::kicked, close_code::kicked, n - before);
  }
  template <std::size_t N>
  void visit(std::array<std::uint64_t, N>& x) {
    for (auto& each : x)
      visit(each);
  }
  template <class T>
  void visit(T& x) {
    inspect(*this, x);
  }

  std::function<void(std::uint64_t&)> f;
};

} // namespace

BOOST_AUTO_TEST_SUITE(counters)

BOOST_AUTO_TEST_CASE(ends_are_counted_by_cause_and_code) {
  closed_counts x;
  x.add(cause::kicked, close_code::kicked);
  x.add(cause::peer_closed, close_code::normal);
  x.add(cause::peer_closed, close_code::going_away);
  x.add(cause::peer_closed, close_code::normal);
  BOOST_TEST(described(x) == "kicked kicked 1; peer_closed normal 2; peer_closed going_away 1; ");
}

BOOST_AUTO_TEST_CASE(codes_that_are_in_no_table_count_as_one) {
  closed_counts x;
  for (unsigned code = 3000; code < 4000; ++code)
    x.add(cause::peer_closed, static_cast<close_code>(code));
  x.add(cause::peer_vanished, close_code::none);
  BOOST_TEST(described(x) == "peer_closed other 1000; peer_vanished none 1; ");
}

BOOST_AUTO_TEST_CASE(sums_of_ends_keep_their_pairs_apart) {
  closed_counts a, b;
  a.add(cause::idle, close_code::idle, 2);
  b.add(cause::forced, close_code::service_restart);
  b.add(cause::idle, close_code::idle, 5);
  a += b;
  BOOST_TEST(described(a) == "idle idle 7; forced service_restart 1; ");
}

// A counter that is left out of the sum would be missing from every metric.
BOOST_AUTO_TEST_CASE(every_counter_that_is_sent_is_added_up) {
  shard_counters a, b, sum;
  std::uint64_t n = 0;
  auto count_up = [&](std::uint64_t& x) { x = ++n; };
  numbers fill{count_up};
  fill.visit(a);
  n *= 1000;
  fill.visit(b);
  sum = a;
  sum += b;
  std::vector<std::uint64_t> of_a, of_b, of_sum;
  for (auto [from, to] : {std::pair{&a, &of_a}, {&b, &of_b}, {&sum, &of_sum}}) {
    numbers read{[to = to](std::uint64_t& x) { to->push_back(x); }};
    read.visit(*from);
  }
  BOOST_REQUIRE(of_a.size() > 60u);
  BOOST_REQUIRE(of_a.size() == of_sum.size());
  for (std::size_t i = 0; i < of_a.size(); ++i)
    BOOST_TEST(of_sum[i] == of_a[i] + of_b[i], i);
}

BOOST_AUTO_TEST_CASE(forced_is_what_a_drain_could_not_wait_for) {
  BOOST_TEST(is_forced(cause::forced));
  BOOST_TEST(is_forced(cause::aborted));
  BOOST_TEST(is_forced(cause::close_timeout));
  BOOST_TEST(!is_forced(cause::drained));
  BOOST_TEST(!is_forced(cause::kicked));
}

BOOST_AUTO_TEST_SUITE_END()
