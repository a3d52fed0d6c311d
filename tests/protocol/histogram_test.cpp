#include "protocol/histogram.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <initializer_list>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(duration)

namespace {

struct tens {
  static constexpr std::array<duration, 3> upper{10ms, 20ms, 100ms};
};

histogram<tens> of(std::initializer_list<duration> samples) {
  histogram<tens> result;
  for (auto x : samples)
    result.add(x);
  return result;
}

using counts = std::array<std::uint64_t, 4>;

} // namespace

BOOST_AUTO_TEST_SUITE(histograms)

BOOST_AUTO_TEST_CASE(a_bucket_holds_what_is_above_the_bound_before_it_up_to_its_own) {
  BOOST_TEST(of({0ms, 10ms, 10001us, 20ms, 21ms, 100ms, 100001us, 1h}).counts()
             == (counts{2, 2, 2, 2}));
}

BOOST_AUTO_TEST_CASE(the_sum_is_exact_and_negative_durations_are_zero) {
  auto h = of({3ms, 50ms, 2s, -7ms});
  BOOST_TEST((h.sum() == 2053ms));
  BOOST_TEST(h.count() == 4u);
  BOOST_TEST(h.counts()[0] == 2u);
}

BOOST_AUTO_TEST_CASE(the_sum_of_two_counts_what_both_count) {
  auto h = of({5ms, 15ms});
  h += of({15ms, 1s});
  BOOST_TEST(h.counts() == (counts{1, 2, 0, 1}));
  BOOST_TEST((h.sum() == 1035ms));
}

BOOST_AUTO_TEST_CASE(what_came_since_an_older_state_is_told_apart) {
  auto before = of({5ms, 15ms});
  auto after = before;
  after.add(16ms);
  after.add(3s);
  BOOST_TEST(after.since(before).counts() == (counts{0, 1, 0, 1}));
  BOOST_TEST((after.since(before).sum() == 3016ms));
}

BOOST_AUTO_TEST_CASE(an_older_state_has_nothing_that_came_since_a_newer_one) {
  auto h = of({5ms}).since(of({5ms, 15ms}));
  BOOST_TEST(h.counts() == (counts{}));
  BOOST_TEST((h.sum() == 0ms));
}

BOOST_AUTO_TEST_CASE(a_quantile_lies_within_its_bucket_in_proportion) {
  // 10 in (0, 10], 10 in (10, 20]
  histogram<tens> h;
  for (int i = 0; i < 10; ++i) {
    h.add(1ms);
    h.add(11ms);
  }
  BOOST_TEST((h.quantile(0.25) == 5ms));
  BOOST_TEST((h.quantile(0.5) == 10ms));
  BOOST_TEST((h.quantile(0.75) == 15ms));
  BOOST_TEST((h.quantile(1) == 20ms));
}

BOOST_AUTO_TEST_CASE(a_quantile_of_nothing_is_unknown) {
  BOOST_TEST(!histogram<tens>{}.quantile(0.5).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_above_every_bound_is_told_as_the_last_one) {
  BOOST_TEST((of({1h}).quantile(0.5) == 100ms));
  BOOST_TEST((of({1ms, 1h, 1h}).quantile(0.99) == 100ms));
}

BOOST_AUTO_TEST_CASE(a_quantile_passes_over_empty_buckets) {
  BOOST_TEST((of({50ms, 60ms}).quantile(0.5) == 60ms));
}

BOOST_AUTO_TEST_CASE(the_bounds_in_use_ascend) {
  auto ascends = [](const auto& upper) {
    return std::adjacent_find(upper.begin(), upper.end(), std::greater_equal<>{}) == upper.end();
  };
  BOOST_TEST(ascends(reply_times::upper));
  BOOST_TEST(ascends(loop_delays::upper));
}

BOOST_AUTO_TEST_SUITE_END()
