#include "app/bench/histogram.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using holdfast::bench::histogram;
using std::chrono::nanoseconds;

BOOST_AUTO_TEST_SUITE(bench_histogram)

BOOST_AUTO_TEST_CASE(an_empty_one_says_zero) {
  histogram h;
  BOOST_TEST(h.count() == 0u);
  BOOST_TEST((h.min() == duration{} && h.max() == duration{} && h.quantile(0.5) == duration{}));
}

BOOST_AUTO_TEST_CASE(a_single_value_is_every_quantile_of_it) {
  // The upper end of its bucket would be above it.
  for (std::int64_t value : {0ll, 1ll, 127ll, 128ll, 1'000'003ll, 3'600'000'000'001ll}) {
    histogram h;
    h.record(nanoseconds{value});
    for (auto q : {0.0, 0.5, 0.999, 1.0})
      BOOST_TEST(h.quantile(q).count() == value);
    BOOST_TEST(h.min().count() == value);
    BOOST_TEST(h.max().count() == value);
  }
}

BOOST_AUTO_TEST_CASE(below_128_ns_quantiles_are_exact) {
  histogram h;
  for (int value = 0; value < 100; ++value)
    h.record(nanoseconds{value});
  BOOST_TEST(h.quantile(0.5).count() == 50);
  BOOST_TEST(h.quantile(0.9).count() == 90);
  BOOST_TEST(h.quantile(0.99).count() == 99);
  BOOST_TEST(h.quantile(1).count() == 99);
}

BOOST_AUTO_TEST_CASE(a_quantile_is_at_most_a_64th_above_the_true_one) {
  for (std::int64_t value = 1; value < 4'000'000'000'000; value += value / 5 + 1) {
    histogram h;
    h.record(nanoseconds{value});
    h.record(nanoseconds{4'000'000'000'000});
    auto found = h.quantile(0.25).count();
    BOOST_TEST(found >= value);
    BOOST_TEST(found - value <= value / 64);
  }
}

BOOST_AUTO_TEST_CASE(a_rare_value_is_seen_by_the_high_quantiles_alone) {
  histogram h;
  for (int i = 0; i < 9'990; ++i)
    h.record(nanoseconds{100});
  for (int i = 0; i < 10; ++i)
    h.record(nanoseconds{1'000'000});
  BOOST_TEST(h.quantile(0.99).count() == 100);
  BOOST_TEST(h.quantile(0.999).count() >= 1'000'000);
  BOOST_TEST(h.max().count() == 1'000'000);
  BOOST_TEST(h.count() == 10'000u);
}

BOOST_AUTO_TEST_CASE(a_negative_duration_counts_as_zero) {
  histogram h;
  h.record(nanoseconds{-5});
  BOOST_TEST(h.count() == 1u);
  BOOST_TEST(h.max().count() == 0);
}

BOOST_AUTO_TEST_CASE(the_longest_duration_has_a_bucket) {
  histogram h;
  h.record(duration::max());
  BOOST_TEST((h.quantile(0.5) == duration::max()));
}

BOOST_AUTO_TEST_SUITE_END()
