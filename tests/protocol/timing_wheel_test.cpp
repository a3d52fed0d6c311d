#include "protocol/timing_wheel.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

using slots = std::vector<slot_index>;

time_point at(duration since) {
  return time_point{1h} + since;
}

slots due_at(timing_wheel& wheel, time_point now) {
  slots out;
  wheel.advance(now, [&](slot_index slot) { out.push_back(slot); });
  std::sort(out.begin(), out.end());
  return out;
}

/// What the wheel is measured by: looks at everything, every time.
class naive_wheel {
public:
  void schedule(slot_index slot, time_point due) { due_[slot] = std::max(due, now_ + 1ns); }
  void cancel(slot_index slot) { due_.erase(slot); }

  slots advance(time_point now, duration tick) {
    now_ = at((now - at(0ms)) / tick * tick);
    slots out;
    for (auto& [slot, due] : due_)
      if (due <= now_)
        out.push_back(slot);
    for (auto slot : out)
      due_.erase(slot);
    return out;
  }

  bool scheduled(slot_index slot) const { return due_.count(slot) != 0; }

private:
  time_point now_ = at(0ms);
  std::map<slot_index, time_point> due_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(timing_wheel_rule)

BOOST_AUTO_TEST_CASE(a_slot_is_due_at_its_deadline_not_before_and_only_once) {
  timing_wheel wheel{50ms, at(0ms)};
  wheel.schedule(7, at(1s));
  BOOST_TEST(due_at(wheel, at(999ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(1s)) == slots{7}, boost::test_tools::per_element());
  BOOST_TEST(due_at(wheel, at(1h)) == slots{});
}

BOOST_AUTO_TEST_CASE(a_deadline_between_two_ticks_is_due_at_the_later) {
  timing_wheel wheel{50ms, at(0ms)};
  wheel.schedule(7, at(951ms));
  BOOST_TEST(due_at(wheel, at(960ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(1000ms)) == slots{7}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_deadline_set_is_the_one_that_holds) {
  timing_wheel wheel{50ms, at(0ms)};
  wheel.schedule(7, at(1s));
  wheel.schedule(7, at(2s));
  BOOST_TEST(due_at(wheel, at(1900ms)) == slots{});
  wheel.schedule(7, at(1950ms));
  BOOST_TEST(due_at(wheel, at(1950ms)) == slots{7}, boost::test_tools::per_element());
  BOOST_TEST(due_at(wheel, at(3s)) == slots{});
}

BOOST_AUTO_TEST_CASE(a_cancelled_slot_is_never_due_and_cancelling_twice_is_nothing) {
  timing_wheel wheel{50ms, at(0ms)};
  wheel.schedule(7, at(1s));
  wheel.cancel(7);
  wheel.cancel(7);
  wheel.cancel(12345);
  BOOST_TEST(!wheel.scheduled(7));
  BOOST_TEST(!wheel.scheduled(12345));
  BOOST_TEST(due_at(wheel, at(2s)) == slots{});
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_is_due_with_the_next_tick) {
  timing_wheel wheel{50ms, at(0ms)};
  due_at(wheel, at(10s));
  wheel.schedule(1, at(3s));
  wheel.schedule(2, at(-5s));
  BOOST_TEST(due_at(wheel, at(10s + 49ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(10s + 50ms)) == (slots{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(time_that_goes_back_changes_nothing) {
  timing_wheel wheel{50ms, at(0ms)};
  due_at(wheel, at(10s));
  wheel.schedule(1, at(11s));
  BOOST_TEST(due_at(wheel, at(5s)) == slots{});
  BOOST_TEST(due_at(wheel, at(-5s)) == slots{});
  BOOST_TEST(due_at(wheel, at(10950ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(11s)) == slots{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_jump_over_centuries_costs_one_revolution) {
  timing_wheel wheel{5ms, at(0ms)};
  const duration hundred_years = 24h * 365 * 100; // 6e11 ticks: one at a time takes an hour
  wheel.schedule(1, at(1s));
  wheel.schedule(2, at(24h * 200));
  BOOST_TEST(due_at(wheel, at(hundred_years)) == (slots{1, 2}), boost::test_tools::per_element());
  wheel.schedule(3, at(hundred_years + 1s));
  BOOST_TEST(due_at(wheel, at(hundred_years + 995ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(hundred_years + 1s)) == slots{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_deadline_many_revolutions_away_waits_for_its_own) {
  timing_wheel wheel{5ms, at(0ms)};
  wheel.schedule(1, at(10min));
  for (duration t = 0s; t < 10min; t += 100ms)
    BOOST_REQUIRE(due_at(wheel, at(t)).empty());
  BOOST_TEST(due_at(wheel, at(10min)) == slots{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_deadline_beyond_the_range_of_ticks_comes_due_at_its_end) {
  timing_wheel wheel{5ms, at(0ms)};
  const duration range = 5ms * 4294967295;
  wheel.schedule(1, at(range + 24h * 365));
  BOOST_TEST(due_at(wheel, at(range - 5ms)) == slots{});
  BOOST_TEST(due_at(wheel, at(range)) == slots{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whoever_is_due_may_set_his_next_deadline_but_not_for_the_same_tick) {
  timing_wheel wheel{50ms, at(0ms)};
  int calls = 0;
  auto again = [&](slot_index slot) {
    ++calls;
    wheel.schedule(slot, at(1s));
  };
  wheel.schedule(7, at(1s));
  wheel.advance(at(5s), again);
  BOOST_TEST(calls == 1);
  wheel.advance(at(5s), again);
  BOOST_TEST(calls == 1);
  wheel.advance(at(5050ms), again);
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(whoever_is_due_may_cancel_and_move_others_that_are_due_too) {
  timing_wheel wheel{50ms, at(0ms)};
  for (slot_index slot = 0; slot < 4; ++slot)
    wheel.schedule(slot, at(1s));
  slots called;
  wheel.advance(at(1s), [&](slot_index slot) {
    called.push_back(slot);
    for (slot_index other = 0; other < 4; ++other)
      if (other != slot)
        other % 2 ? wheel.cancel(other) : wheel.schedule(other, at(2s));
    wheel.schedule(100000, at(2s)); // a new slot, which moves the nodes in memory
  });
  BOOST_REQUIRE(called.size() == 1u);
  BOOST_TEST(called[0] == 0u);
  BOOST_TEST(due_at(wheel, at(2s)) == (slots{2, 100000}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_list_that_is_searched_every_time) {
  std::mt19937 random{20240229};
  auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (auto tick : {duration{5ms}, duration{12500us}, duration{50ms}}) {
    timing_wheel wheel{tick, at(0ms)};
    naive_wheel naive;
    auto now = at(0ms);
    for (int step = 0; step < 20000; ++step) {
      const auto slot = static_cast<slot_index>(below(200));
      const auto kind = below(10);
      if (kind < 6) {
        // Mostly near, sometimes several revolutions away, sometimes past.
        const auto due = now + 1us * below(kind < 5 ? 3'000'000 : 300'000'000) - 100ms;
        wheel.schedule(slot, due);
        naive.schedule(slot, due);
      } else if (kind == 6) {
        wheel.cancel(slot);
        naive.cancel(slot);
      } else {
        now += 1us * below(below(50) == 0 ? 400'000'000 : 120'000);
        BOOST_REQUIRE(due_at(wheel, now) == naive.advance(now, tick));
      }
      BOOST_REQUIRE(wheel.scheduled(slot) == naive.scheduled(slot));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_slot_takes_12_bytes) {
  BOOST_TEST(timing_wheel::bytes_per_slot() <= 12u);
}

BOOST_AUTO_TEST_SUITE_END()
