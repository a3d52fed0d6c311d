#include "protocol/restart.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr auto again = restart_verdict::restart;
constexpr auto enough = restart_verdict::give_up;

time_point at(duration since) {
  return time_point{1h} + since;
}

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(restart_verdict)

BOOST_AUTO_TEST_SUITE(restart)

BOOST_AUTO_TEST_CASE(five_failures_in_a_minute_are_restarted_and_the_sixth_is_not) {
  restarts r{restart_intensity{}};
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(r.on_failure(at(i * 1s)) == again);
  BOOST_TEST(r.on_failure(at(5s)) == enough);
}

BOOST_AUTO_TEST_CASE(failures_at_one_moment_count_each) {
  restarts r{{2, 10s}};
  BOOST_TEST(r.on_failure(at(0s)) == again);
  BOOST_TEST(r.on_failure(at(0s)) == again);
  BOOST_TEST(r.on_failure(at(0s)) == enough);
}

BOOST_AUTO_TEST_CASE(a_restart_counts_until_the_period_has_passed_the_last_moment_included) {
  restarts r{{1, 10s}};
  BOOST_TEST(r.on_failure(at(0s)) == again);
  BOOST_TEST(r.on_failure(at(10s)) == enough);
  restarts s{{1, 10s}};
  BOOST_TEST(s.on_failure(at(0s)) == again);
  BOOST_TEST(s.on_failure(at(10s + 1ns)) == again);
}

BOOST_AUTO_TEST_CASE(the_period_slides_with_each_failure) {
  restarts r{{2, 10s}};
  BOOST_TEST(r.on_failure(at(0s)) == again);
  BOOST_TEST(r.on_failure(at(6s)) == again);
  BOOST_TEST(r.on_failure(at(11s)) == again); // 0 s is forgotten, 6 s is not
  BOOST_TEST(r.on_failure(at(12s)) == enough);
}

BOOST_AUTO_TEST_CASE(failures_slower_than_the_intensity_are_restarted_for_ever) {
  restarts r{{5, 60s}};
  for (int i = 0; i < 1000; ++i)
    BOOST_TEST(r.on_failure(at(i * 13s)) == again);
  BOOST_TEST(r.total() == 1000u);
}

BOOST_AUTO_TEST_CASE(an_intensity_of_zero_gives_up_at_the_first_failure) {
  restarts r{{0, 60s}};
  BOOST_TEST(r.on_failure(at(0s)) == enough);
  BOOST_TEST(r.total() == 0u);
}

BOOST_AUTO_TEST_CASE(a_refused_restart_does_not_count_as_one) {
  restarts r{{1, 10s}};
  BOOST_TEST(r.on_failure(at(0s)) == again);
  BOOST_TEST(r.on_failure(at(9s)) == enough);
  BOOST_TEST(r.on_failure(at(11s)) == again);
  BOOST_TEST(r.total() == 2u);
}

BOOST_AUTO_TEST_CASE(verdicts_have_names) {
  BOOST_TEST(to_string(again) == "restart");
  BOOST_TEST(to_string(enough) == "give_up");
}

BOOST_AUTO_TEST_SUITE_END()
