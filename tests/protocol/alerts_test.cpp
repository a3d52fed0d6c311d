#include "protocol/alerts.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <tuple>
#include <utility>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};
constexpr wall_time wall{1000s};

alert_readings reading(alert_name name, double value, std::uint64_t events = 1000) {
  alert_readings x;
  x[name] = {true, value, events};
  x.shutdown_limit = 30s;
  return x;
}

/// Judges one alert alone, by what it is told.
class judged {
public:
  explicit judged(alert_name name, const alert_config& config = {}) : name_{name}, rules{config} {}

  /// "raised", "cleared" or "".
  std::string at(duration t, double value, std::uint64_t events = 1000) {
    return tell(t, reading(name_, value, events));
  }

  std::string unknown_at(duration t) { return tell(t, {}); }

  std::string tell(duration t, const alert_readings& readings) {
    auto changed = rules.judge(start + t, readings);
    if (changed.empty())
      return {};
    BOOST_TEST_REQUIRE(changed.size() == 1u);
    BOOST_TEST_REQUIRE((changed.front() == name_));
    return rules.active(name_) ? "raised" : "cleared";
  }

private:
  alert_name name_;

public:
  alerts rules;
};

std::string summary(alert_name name, const alert_readings& readings) {
  alerts rules{{}};
  rules.judge(start, readings);
  return rules.status(name, start, wall).summary;
}

} // namespace

BOOST_AUTO_TEST_SUITE(alert_rules)

BOOST_AUTO_TEST_CASE(utilisation_above_its_threshold_for_long_enough_is_an_alert) {
  judged x{alert_name::pool_utilisation};
  BOOST_TEST(x.at(0s, 0.81) == "");
  BOOST_TEST(x.at(9s, 0.95) == "");
  BOOST_TEST(x.at(10s, 0.81) == "raised");
  BOOST_TEST(x.at(11s, 0.81) == "");
}

BOOST_AUTO_TEST_CASE(the_threshold_itself_is_no_alert) {
  judged x{alert_name::pool_utilisation};
  for (auto t = 0s; t < 60s; t += 1s)
    BOOST_TEST(x.at(t, 0.8) == "");
}

BOOST_AUTO_TEST_CASE(a_peak_shorter_than_the_hold_is_no_alert) {
  judged x{alert_name::pool_utilisation};
  for (auto t = 0s; t < 120s; t += 10s) {
    BOOST_TEST(x.at(t, 0.9) == "");
    BOOST_TEST(x.at(t + 9s, 0.79) == "");
  }
}

BOOST_AUTO_TEST_CASE(an_alert_is_over_a_tenth_below_its_threshold_and_not_before) {
  judged x{alert_name::pool_utilisation};
  x.at(0s, 0.9);
  BOOST_TEST(x.at(10s, 0.9) == "raised");
  for (auto t = 11s; t < 100s; t += 1s)
    BOOST_TEST(x.at(t, 0.73) == "");
  BOOST_TEST(x.at(100s, 0.71) == "");
  BOOST_TEST(x.at(110s, 0.71) == "cleared");
  BOOST_TEST(!x.rules.active(alert_name::pool_utilisation));
}

BOOST_AUTO_TEST_CASE(utilisation_counts_however_few_the_places_are) {
  judged x{alert_name::pool_utilisation};
  x.at(0s, 0.9, 9);
  BOOST_TEST(x.at(10s, 0.9, 9) == "raised");
}

BOOST_AUTO_TEST_CASE(zombies_above_their_share_are_an_alert) {
  judged x{alert_name::zombie_ratio};
  x.at(0s, 0.051);
  BOOST_TEST(x.at(10s, 0.051) == "raised");
  x.at(11s, 0.046);
  BOOST_TEST(x.at(30s, 0.046) == "");
  x.at(31s, 0.045);
  BOOST_TEST(x.at(41s, 0.045) == "cleared");
}

BOOST_AUTO_TEST_CASE(too_few_answered_pings_are_an_alert) {
  judged x{alert_name::heartbeat_success};
  x.at(0s, 0.949);
  BOOST_TEST(x.at(10s, 0.949) == "raised");
  x.at(11s, 0.954);
  BOOST_TEST(x.at(30s, 0.954) == "");
  x.at(31s, 0.956);
  BOOST_TEST(x.at(41s, 0.956) == "cleared");
}

BOOST_AUTO_TEST_CASE(a_ratio_of_fewer_events_than_asked_for_raises_nothing) {
  for (auto [name, value] :
       {std::pair{alert_name::zombie_ratio, 1.0}, {alert_name::heartbeat_success, 0.0}}) {
    judged x{name};
    for (auto t = 0s; t < 60s; t += 1s)
      BOOST_TEST(x.at(t, value, 19) == "");
    x.at(60s, value, 20);
    BOOST_TEST(x.at(70s, value, 20) == "raised");
  }
}

BOOST_AUTO_TEST_CASE(an_alert_stays_while_the_few_events_left_are_bad) {
  judged x{alert_name::heartbeat_success};
  x.at(0s, 0.5);
  BOOST_TEST(x.at(10s, 0.5) == "raised");
  x.at(11s, 0.5, 3);
  BOOST_TEST(x.at(60s, 0.5, 3) == "");
}

BOOST_AUTO_TEST_CASE(an_alert_is_over_when_nothing_is_left_to_judge_by) {
  judged x{alert_name::heartbeat_success};
  x.at(0s, 0.5);
  BOOST_TEST(x.at(10s, 0.5) == "raised");
  BOOST_TEST(x.unknown_at(11s) == "");
  BOOST_TEST(x.unknown_at(21s) == "cleared");
}

BOOST_AUTO_TEST_CASE(a_late_drain_is_told_at_once) {
  judged x{alert_name::shutdown_overdue};
  BOOST_TEST(x.at(30s, 30'000) == "");
  BOOST_TEST(x.at(30s, 30'001) == "raised");
}

BOOST_AUTO_TEST_CASE(a_late_drain_that_is_cancelled_is_no_alert_any_more) {
  judged x{alert_name::shutdown_overdue};
  BOOST_TEST(x.at(31s, 31'000) == "raised");
  BOOST_TEST(x.unknown_at(32s) == "cleared");
}

BOOST_AUTO_TEST_CASE(a_failed_cleanup_is_told_at_once_until_the_window_has_passed) {
  judged x{alert_name::cleanup_failed};
  BOOST_TEST(x.at(0s, 0, 0) == "");
  BOOST_TEST(x.at(1s, 1, 1) == "raised");
  BOOST_TEST(x.at(200s, 1, 1) == "");
  BOOST_TEST(x.at(301s, 0, 0) == "cleared");
}

BOOST_AUTO_TEST_CASE(every_threshold_can_be_set) {
  alert_config config;
  config.pool_utilisation = 0.5;
  config.zombie_ratio = 0.2;
  config.heartbeat_success = 0.6;
  config.min_events = 5;
  config.hold = 0s;
  BOOST_TEST(judged(alert_name::pool_utilisation, config).at(0s, 0.51) == "raised");
  BOOST_TEST(judged(alert_name::zombie_ratio, config).at(0s, 0.19) == "");
  BOOST_TEST(judged(alert_name::zombie_ratio, config).at(0s, 0.21, 5) == "raised");
  BOOST_TEST(judged(alert_name::heartbeat_success, config).at(0s, 0.61) == "");
  BOOST_TEST(judged(alert_name::heartbeat_success, config).at(0s, 0.59, 5) == "raised");
}

BOOST_AUTO_TEST_CASE(a_threshold_at_the_end_of_the_scale_turns_an_alert_off) {
  alert_config config;
  config.pool_utilisation = config.zombie_ratio = 1;
  config.heartbeat_success = 0;
  config.hold = 0s;
  BOOST_TEST(judged(alert_name::pool_utilisation, config).at(0s, 1) == "");
  BOOST_TEST(judged(alert_name::zombie_ratio, config).at(0s, 1) == "");
  BOOST_TEST(judged(alert_name::heartbeat_success, config).at(0s, 0) == "");
}

BOOST_AUTO_TEST_CASE(a_threshold_of_no_tolerance_is_over_when_all_is_well) {
  alert_config config;
  config.zombie_ratio = 0;
  config.heartbeat_success = 1;
  config.hold = 0s;
  for (auto [name, bad, good] : {std::tuple{alert_name::zombie_ratio, 0.001, 0.0},
                                 {alert_name::heartbeat_success, 0.999, 1.0}}) {
    judged x{name, config};
    BOOST_TEST(x.at(0s, bad) == "raised");
    BOOST_TEST(x.at(1s, bad) == "");
    BOOST_TEST(x.at(2s, good) == "cleared");
  }
}

BOOST_AUTO_TEST_CASE(other_thresholds_hold_from_the_next_judgement_on) {
  judged x{alert_name::pool_utilisation};
  x.at(0s, 0.85);
  BOOST_TEST(x.at(10s, 0.85) == "raised");
  alert_config config;
  config.pool_utilisation = 0.99;
  x.rules.set_config(config);
  BOOST_TEST(x.rules.active(alert_name::pool_utilisation));
  x.at(11s, 0.85);
  BOOST_TEST(x.at(21s, 0.85) == "cleared");
}

BOOST_AUTO_TEST_CASE(a_status_tells_since_when_and_where_it_changes) {
  judged x{alert_name::heartbeat_success};
  auto before = x.rules.status(alert_name::heartbeat_success, start, wall);
  BOOST_TEST(!before.active);
  BOOST_TEST(!before.known);
  BOOST_TEST((before.since == wall_time{}));
  x.at(0s, 0.9, 40);
  x.at(10s, 0.9, 40);
  auto status = x.rules.status(alert_name::heartbeat_success, start + 25s, wall);
  BOOST_TEST(status.active);
  BOOST_TEST(status.known);
  BOOST_TEST((status.since == wall - 15s));
  BOOST_TEST(status.value == 0.9);
  BOOST_TEST(status.threshold == 0.95);
  BOOST_TEST(status.clears == 0.955, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(status.events == 40u);
}

BOOST_AUTO_TEST_CASE(a_summary_is_a_sentence_with_the_figures) {
  using name = alert_name;
  BOOST_TEST(summary(name::pool_utilisation, reading(name::pool_utilisation, 0.912))
             == "91.2 % of all places are taken, alert above 80 %");
  BOOST_TEST(summary(name::zombie_ratio, reading(name::zombie_ratio, 0.0625, 340))
             == "6.2 % of 340 connections became zombies in the last 300 s, alert above 5 %");
  BOOST_TEST(summary(name::heartbeat_success, reading(name::heartbeat_success, 0.931, 512))
             == "93.1 % of 512 pings were answered in the last 300 s, alert below 95 %");
  BOOST_TEST(summary(name::shutdown_overdue, reading(name::shutdown_overdue, 31'200))
             == "the drain has taken 31.2 s, alert above 30 s");
  BOOST_TEST(summary(name::cleanup_failed, reading(name::cleanup_failed, 1))
             == "1 cleanup callback failed in the last 300 s");
  BOOST_TEST(summary(name::cleanup_failed, reading(name::cleanup_failed, 2))
             == "2 cleanup callbacks failed in the last 300 s");
}

BOOST_AUTO_TEST_CASE(a_summary_of_nothing_says_so) {
  using name = alert_name;
  BOOST_TEST(summary(name::pool_utilisation, {}) == "there are no places");
  BOOST_TEST(summary(name::zombie_ratio, {}) == "no connection in the last 300 s");
  BOOST_TEST(summary(name::heartbeat_success, {}) == "no ping was due in the last 300 s");
  BOOST_TEST(summary(name::shutdown_overdue, {}) == "no drain");
}

BOOST_AUTO_TEST_CASE(every_alert_has_a_name_and_a_unit) {
  using name = alert_name;
  BOOST_TEST(to_string(name::pool_utilisation) == "pool_utilisation");
  BOOST_TEST(to_string(name::zombie_ratio) == "zombie_ratio");
  BOOST_TEST(to_string(name::heartbeat_success) == "heartbeat_success");
  BOOST_TEST(to_string(name::shutdown_overdue) == "shutdown_overdue");
  BOOST_TEST(to_string(name::cleanup_failed) == "cleanup_failed");
  BOOST_TEST(to_string(unit_of(name::heartbeat_success)) == "ratio");
  BOOST_TEST(to_string(unit_of(name::shutdown_overdue)) == "ms");
  BOOST_TEST(to_string(unit_of(name::cleanup_failed)) == "count");
}

BOOST_AUTO_TEST_SUITE_END()
