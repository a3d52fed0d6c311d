#include "protocol/stall_guard.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

time_point at(duration since) {
  return time_point{1h} + since;
}

std::int64_t awake_ms(const stall_guard& guard, duration since) {
  return to_ms(guard.awake(at(since)) - at(0s));
}

} // namespace

BOOST_AUTO_TEST_SUITE(stall_guard_rule)

BOOST_AUTO_TEST_CASE(ticks_up_to_four_ticks_apart_are_no_stall) {
  stall_guard guard{50ms, 300s, at(0s)};
  BOOST_TEST((guard.tick(at(50ms)) == 0ns));
  BOOST_TEST((guard.tick(at(250ms)) == 0ns));
  BOOST_TEST((guard.tick(at(250ms)) == 0ns));
  BOOST_TEST((guard.tick(at(100ms)) == 0ns));
  BOOST_TEST(awake_ms(guard, 250ms) == 250);
}

BOOST_AUTO_TEST_CASE(a_longer_gap_is_a_stall_of_all_but_one_tick) {
  stall_guard guard{50ms, 300s, at(0s)};
  guard.tick(at(50ms));
  BOOST_TEST((guard.tick(at(251ms)) == 151ms));
  BOOST_TEST(awake_ms(guard, 251ms) == 100);
}

BOOST_AUTO_TEST_CASE(before_after_and_between_stalls_the_awake_clock_is_known) {
  stall_guard guard{50ms, 300s, at(0s)};
  guard.tick(at(50ms));
  guard.tick(at(60s)); // asleep from 100 ms to 60 s
  for (auto t = 60s + 50ms; t <= 80s; t += 50ms)
    guard.tick(at(t));
  guard.tick(at(140s)); // asleep from 80.05 s to 140 s
  BOOST_TEST(awake_ms(guard, 20ms) == 20);
  BOOST_TEST(awake_ms(guard, 100ms) == 100);
  BOOST_TEST(awake_ms(guard, 30s) == 100);
  BOOST_TEST(awake_ms(guard, 60s) == 100);
  BOOST_TEST(awake_ms(guard, 70s) == 10'100);
  BOOST_TEST(awake_ms(guard, 100s) == 20'150);
  BOOST_TEST(awake_ms(guard, 140s) == 20'150);
}

BOOST_AUTO_TEST_CASE(a_time_after_the_last_tick_is_at_most_a_tick_after_it) {
  stall_guard guard{50ms, 300s, at(0s)};
  guard.tick(at(1s)); // a stall of 950 ms
  BOOST_TEST(awake_ms(guard, 1s + 30ms) == 80);
  BOOST_TEST(awake_ms(guard, 1s + 90ms) == 100);
  BOOST_TEST(awake_ms(guard, 99s) == 100);
}

BOOST_AUTO_TEST_CASE(a_span_is_measured_unless_a_stall_cuts_it_noted_or_not) {
  stall_guard guard{50ms, 300s, at(0s)};
  guard.tick(at(50ms));
  BOOST_TEST((*guard.elapsed(guard.awake(at(50ms)), at(90ms)) == 40ms));
  BOOST_TEST((*guard.elapsed(guard.awake(at(50ms)), at(250ms)) == 200ms));
  BOOST_TEST(!guard.elapsed(guard.awake(at(50ms)), at(251ms)));
  const auto before = guard.now();
  guard.tick(at(60s));
  BOOST_TEST(!guard.elapsed(before, at(60s)));
  BOOST_TEST((*guard.elapsed(guard.now(), at(60s + 10ms)) == 10ms));
}

BOOST_AUTO_TEST_CASE(stalls_close_together_are_kept_as_one_and_err_on_the_young_side) {
  stall_guard guard{50ms, 64s, at(0s)}; // told apart at 1 s
  guard.tick(at(10s));                  // asleep from 50 ms
  guard.tick(at(10s + 50ms));
  guard.tick(at(20s)); // asleep from 10.1 s
  BOOST_TEST(awake_ms(guard, 20s) == 150);
  BOOST_TEST(awake_ms(guard, 40ms) == 40);
  BOOST_TEST(awake_ms(guard, 10s + 20ms) == 150); // truly 70
}

BOOST_AUTO_TEST_CASE(however_many_stalls_a_time_within_the_horizon_is_off_by_a_64th_of_it) {
  stall_guard guard{50ms, 64s, at(0s)};
  duration real{}, awake{};
  std::vector<std::pair<duration, duration>> seen; // real, awake
  for (int i = 0; i < 10'000; ++i) {
    real += i % 3 ? 50ms : 700ms;
    awake += 50ms;
    guard.tick(at(real));
    seen.emplace_back(real, awake);
  }
  for (auto [then, truly] : seen) {
    const auto told = guard.awake(at(then)) - at(0s);
    if (awake - truly > 64s)
      BOOST_REQUIRE((told <= awake - 63s));
    else
      BOOST_REQUIRE((told >= truly && told <= truly + 1s));
  }
}

BOOST_AUTO_TEST_SUITE_END()
