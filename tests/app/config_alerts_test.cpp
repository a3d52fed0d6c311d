// The table [alerts].
#include "app/config_value.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(config_of_alerts)

BOOST_AUTO_TEST_CASE(thresholds_have_their_defaults) {
  auto alerts = load_sets({}).config.node.alerts;
  BOOST_TEST(alerts.pool_utilisation == 0.8);
  BOOST_TEST(alerts.zombie_ratio == 0.05);
  BOOST_TEST(alerts.heartbeat_success == 0.95);
  BOOST_TEST((alerts.window == 5min));
  BOOST_TEST(alerts.min_events == 20u);
}

BOOST_AUTO_TEST_CASE(a_file_and_a_command_line_set_them) {
  auto file = load_file("[alerts]\npool_utilisation = 0.9\nzombie_ratio = 1\n"
                        "heartbeat_success = 9.9e-1\nwindow = \"10m\"\nmin_events = 50\n");
  BOOST_TEST(errors_of(file) == "");
  auto& alerts = file.config.node.alerts;
  BOOST_TEST(alerts.pool_utilisation == 0.9);
  BOOST_TEST(alerts.zombie_ratio == 1);
  BOOST_TEST(alerts.heartbeat_success == 0.99);
  BOOST_TEST((alerts.window == 10min));
  BOOST_TEST(alerts.min_events == 50u);
  BOOST_TEST(load_sets({"alerts.zombie_ratio=.25"}).config.node.alerts.zombie_ratio == 0.25);
}

BOOST_AUTO_TEST_CASE(a_ratio_is_a_number_from_0_to_1) {
  for (auto text : {"1.01", "-0.1", "nan", "inf", "80%", "0,8", "", "0.8x", "0x1", "1e3"})
    BOOST_TEST(!load_sets({std::string{"alerts.zombie_ratio="} + text}).ok(), text);
  for (auto text : {"nan", "+inf", "1.5", "-1", "\"0.8\"", "true", "[0.8]"})
    BOOST_TEST(!load_file(std::string{"[alerts]\nzombie_ratio = "} + text + "\n").ok(), text);
  BOOST_TEST(contains(errors_of(load_file("[alerts]\nzombie_ratio = 1.5\n")),
                      "takes a number from 0 to 1 such as 0.8, not 1.5\n"));
}

BOOST_AUTO_TEST_CASE(a_window_shorter_than_what_rates_are_told_over_is_refused) {
  BOOST_TEST(load_sets({"alerts.window=10s"}).ok());
  BOOST_TEST(contains(errors_of(load_sets({"alerts.window=9s"})), "a duration of at least 10s"));
  BOOST_TEST(!load_sets({"alerts.window=25h"}).ok());
  BOOST_TEST(!load_sets({"alerts.min_events=0"}).ok());
}

BOOST_AUTO_TEST_CASE(a_number_with_a_point_is_no_whole_number) {
  BOOST_TEST(contains(errors_of(load_file("[pool]\nreserve = 1.5\n")), "not 1.5"));
}

BOOST_AUTO_TEST_CASE(small_and_odd_numbers_are_shown_as_they_can_be_read_again) {
  for (auto value : {0.1, 1e-7, 0.3333333333333333, 1.0, 0.0}) {
    auto text = shortest_text(value);
    auto result = load_file("[alerts]\nzombie_ratio = " + text + "\n");
    BOOST_TEST(errors_of(result) == "");
    BOOST_TEST(result.config.node.alerts.zombie_ratio == value, text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
