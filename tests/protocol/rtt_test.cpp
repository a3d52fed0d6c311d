#include "protocol/rtt.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(duration)

BOOST_AUTO_TEST_SUITE(rtt)

BOOST_AUTO_TEST_CASE(nothing_is_known_before_the_first_sample) {
  rtt_estimator rtt;
  BOOST_TEST(!rtt.measured());
  BOOST_TEST((rtt.srtt() == 0ns));
  BOOST_TEST((rtt.rttvar() == 0ns));
}

BOOST_AUTO_TEST_CASE(the_first_sample_is_the_mean_and_half_of_it_the_variation) {
  rtt_estimator rtt;
  rtt.add(80ms);
  BOOST_TEST(rtt.measured());
  BOOST_TEST((rtt.srtt() == 80ms));
  BOOST_TEST((rtt.rttvar() == 40ms));
}

BOOST_AUTO_TEST_CASE(later_samples_weigh_an_eighth_and_their_distance_a_quarter) {
  rtt_estimator rtt;
  rtt.add(80ms);
  rtt.add(160ms);
  BOOST_TEST((rtt.srtt() == 90ms));   // 7/8 * 80 + 1/8 * 160
  BOOST_TEST((rtt.rttvar() == 50ms)); // 3/4 * 40 + 1/4 * |80 - 160|, of the mean before
  rtt.add(10ms);
  BOOST_TEST((rtt.srtt() == 80ms));      // 7/8 * 90 + 1/8 * 10
  BOOST_TEST((rtt.rttvar() == 57500us)); // 3/4 * 50 + 1/4 * |90 - 10|
}

BOOST_AUTO_TEST_CASE(equal_samples_leave_the_mean_and_let_the_variation_fade) {
  rtt_estimator rtt;
  for (int i = 0; i < 100; ++i)
    rtt.add(25ms);
  BOOST_TEST((rtt.srtt() == 25ms));
  BOOST_TEST((rtt.rttvar() <= 2us));
}

BOOST_AUTO_TEST_CASE(samples_that_cannot_be_told_count_as_the_nearest_that_can) {
  rtt_estimator none, negative, huge;
  none.add(0ns);
  negative.add(-5s);
  huge.add(48h);
  huge.add(48h);
  BOOST_TEST((none.srtt() == 1us));
  BOOST_TEST((negative.srtt() == 1us));
  BOOST_TEST((huge.srtt() == 4294967295us));
}

BOOST_AUTO_TEST_CASE(an_estimator_takes_8_bytes) {
  BOOST_TEST(sizeof(rtt_estimator) <= 8u);
}

BOOST_AUTO_TEST_SUITE_END()
