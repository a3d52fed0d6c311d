#include "protocol/alerts.hpp"
#include "tests/protocol/property.hpp"

#include <array>
#include <optional>
#include <ostream>
#include <vector>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

/// A second or so, and what is read then.
struct step {
  duration pause{};
  double value = 0;
  std::uint64_t events = 0;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  return out << x.pause.count() << "ns " << x.value << " of " << x.events;
}

/// Values are drawn around the thresholds, where an alert could flap.
rc::Gen<std::vector<step>> steps() {
  auto pause = rc::gen::weightedOneOf<int>(
    {{8, rc::gen::just(1000)}, {2, rc::gen::inRange(0, 3000)}, {1, rc::gen::inRange(0, 60'000)}});
  auto thousandth = rc::gen::weightedOneOf<int>({{3, rc::gen::inRange(930, 970)},
                                                 {3, rc::gen::inRange(30, 70)},
                                                 {3, rc::gen::inRange(700, 820)},
                                                 {1, rc::gen::inRange(0, 1001)}});
  auto events = rc::gen::weightedOneOf<std::uint64_t>(
    {{4, rc::gen::just<std::uint64_t>(1000)}, {1, rc::gen::inRange<std::uint64_t>(0, 30)}});
  auto one = rc::gen::map(rc::gen::tuple(pause, thousandth, events), [](const auto& x) {
    return step{std::chrono::milliseconds{std::get<0>(x)}, std::get<1>(x) / 1000.0, std::get<2>(x)};
  });
  return rc::gen::container<std::vector<step>>(one);
}

constexpr std::array ratios{alert_name::pool_utilisation, alert_name::zombie_ratio,
                            alert_name::heartbeat_success};

alert_readings all_read(const step& x) {
  alert_readings readings;
  for (auto name : ratios)
    readings[name] = {x.events > 0, x.value, x.events};
  return readings;
}

bool above(alert_name name) {
  return name != alert_name::heartbeat_success;
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_alerts)

BOOST_AUTO_TEST_CASE(no_ratio_changes_its_mind_twice_within_the_hold) {
  BOOST_TEST(holds([] {
    alerts rules{{}};
    std::array<std::optional<time_point>, alert_count> changed{};
    auto now = start;
    for (auto& x : *steps()) {
      now += x.pause;
      for (auto name : rules.judge(now, all_read(x))) {
        auto& last = changed[static_cast<std::size_t>(name)];
        RC_ASSERT(!last || now - *last >= rules.config().hold);
        last = now;
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(between_its_two_levels_no_alert_ever_changes) {
  BOOST_TEST(holds([] {
    alerts rules{{}};
    auto now = start;
    for (auto& x : *steps()) {
      now += x.pause;
      for (auto name : rules.judge(now, all_read(x))) {
        auto at = rules.status(name, now, {});
        auto beyond = above(name) ? x.value > at.threshold : x.value < at.threshold;
        auto good = above(name) ? x.value <= at.clears : x.value >= at.clears;
        RC_ASSERT((rules.active(name) ? beyond : (good || x.events == 0)));
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(nothing_is_raised_that_was_good_at_any_time_of_the_hold) {
  BOOST_TEST(holds([] {
    alerts rules{{}};
    auto now = start;
    std::vector<std::pair<time_point, step>> seen;
    for (auto& x : *steps()) {
      now += x.pause;
      seen.emplace_back(now, x);
      for (auto name : rules.judge(now, all_read(x))) {
        if (!rules.active(name))
          continue;
        auto threshold = rules.status(name, now, {}).threshold;
        auto enough = name == alert_name::pool_utilisation ? 1u : rules.config().min_events;
        for (auto& [at, then] : seen)
          if (now - at < rules.config().hold)
            RC_ASSERT(then.events >= enough
                      && (above(name) ? then.value > threshold : then.value < threshold));
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(whatever_is_bad_for_long_enough_is_raised_and_whatever_is_well_is_over) {
  BOOST_TEST(holds([] {
    alerts rules{{}};
    auto now = start;
    for (auto& x : *steps()) {
      now += x.pause;
      rules.judge(now, all_read(x));
    }
    auto settle = [&](double of_bad, double of_success) {
      alert_readings readings;
      readings[alert_name::pool_utilisation] = {true, of_bad, 1000};
      readings[alert_name::zombie_ratio] = {true, of_bad, 1000};
      readings[alert_name::heartbeat_success] = {true, of_success, 1000};
      for (auto end = now + rules.config().hold + 1s; now <= end; now += 1s)
        rules.judge(now, readings);
    };
    settle(0.9, 0.1);
    for (auto name : ratios)
      RC_ASSERT(rules.active(name));
    settle(0.01, 0.99);
    for (auto name : ratios)
      RC_ASSERT(!rules.active(name));
  }));
}

BOOST_AUTO_TEST_SUITE_END()
