#include "app/bench/figures.hpp"
#include "app/bench/numbered_text.hpp"
#include "app/bench/pace.hpp"
#include "app/bench/progress.hpp"
#include "app/bench/report.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace holdfast;
using namespace holdfast::bench;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A run of `options` that measured 2 s of wall time, 1 s of the server's and 0.5 s of its own.
template <class Options, class Figures>
report measured(const Options& options, const Figures& figures) {
  report of;
  of.asked.run.url = "ws://127.0.0.1:8080/echo";
  of.asked.mode = options;
  of.opened = 100;
  of.part = {2s, duration{1s}, 500ms};
  of.figures = figures;
  return of;
}

report an_echo() {
  echo_figures figures;
  figures.messages = 500'000;
  for (int i = 1; i <= 1000; ++i)
    figures.latency.record(i * 1us);
  return measured(echo_options{}, figures);
}

std::vector<report> one_of_each() {
  idle_figures idle;
  idle.steady = 100;
  idle.interval = interval_figures{1s, 2s, 3s};
  idle.memory = memory_figures{1 << 20, 100, 200, 300};
  storm_figures storm;
  storm.handshakes.record(1ms);
  fanout_figures fanout;
  fanout.deliveries = 1'000'000;
  fanout.latency.record(1ms);
  drain_figures drain;
  drain.plan = drain_plan_figures{2, 2.1, 7, 9};
  drain.close_codes = {{"1012", 1'000'000}, {"1000", 3}, {"4000", 17}};
  for (int i = 0; i < 10'000; ++i)
    drain.plain_closes.add(i * 1ms);
  drain.arrivals = drain.leased_closes = drain.plain_closes;
  return {an_echo(),
          measured(verify_options{}, verify_figures{18'000, 1u << 30, 2, 10, 10}),
          measured(idle_options{}, idle),
          measured(storm_options{}, storm),
          measured(fanout_options{}, fanout),
          measured(drain_options{}, drain)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_report)

BOOST_AUTO_TEST_CASE(numbers_are_written_for_people) {
  BOOST_TEST(with_thousands(0) == "0");
  BOOST_TEST(with_thousands(999) == "999");
  BOOST_TEST(with_thousands(1'234'567) == "1,234,567");
  BOOST_TEST(short_duration(0ns) == "0 ns");
  BOOST_TEST(short_duration(999ns) == "999 ns");
  BOOST_TEST(short_duration(1us) == "1.00 us");
  BOOST_TEST(short_duration(9'994ns) == "9.99 us");
  BOOST_TEST(short_duration(9'996ns) == "10.0 us");
  BOOST_TEST(short_duration(999'600ns) == "1.00 ms");
  BOOST_TEST(short_duration(90s) == "90.0 s");
  BOOST_TEST(short_size(1023) == "1023 B");
  BOOST_TEST(short_size(1536) == "1.5 KiB");
  BOOST_TEST(short_size(1048576) == "1.0 MiB");
  BOOST_TEST(counted(1, "byte") == "1 byte");
  BOOST_TEST(counted(1000, "byte") == "1,000 bytes");
}

BOOST_AUTO_TEST_CASE(json_has_the_names_that_scripts_read) {
  auto json = nlohmann::json::parse(to_json(an_echo()));
  BOOST_TEST(json["mode"] == "echo");
  BOOST_TEST(json["messages_per_s"] == 250'000);
  BOOST_TEST(json["cpu_us_per_message"] == 2.0);
  BOOST_TEST(json["server"]["cpu_us_per_message"] == 2.0);
  BOOST_TEST(json["server"]["cpu_percent_of_a_core"] == 50.0);
  BOOST_TEST(json["generator_cpu_percent"] == 25.0);
  BOOST_TEST(json["latency_us"]["min"] == 1.0);
  BOOST_TEST(json["latency_us"]["max"] == 1000.0);
  for (auto name : {"p50", "p90", "p99", "p99.9"})
    BOOST_TEST(json["latency_us"].contains(name));
  BOOST_TEST((json["failures"].empty() && json["interrupted"] == false));
  std::vector<std::string> own{"messages",
                               "mismatches",
                               "pss_bytes_per_connection",
                               "handshakes_per_cpu_s",
                               "cpu_us_per_delivery",
                               "close_codes"};
  auto all = one_of_each();
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST(nlohmann::json::parse(to_json(all[i])).contains(own[i]), own[i]);
  auto idle = nlohmann::json::parse(to_json(all[2]));
  BOOST_TEST(idle["pss_bytes_per_connection"] == 300);
  BOOST_TEST(idle["cpu_percent"] == 50.0);
  BOOST_TEST(idle["cpu_us_per_ping"] == 10'000.0);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_no_figure) {
  auto unknown = an_echo();
  unknown.part.server_cpu.reset();
  auto json = nlohmann::json::parse(to_json(unknown));
  BOOST_TEST((!json.contains("server") && !json.contains("cpu_us_per_message")));
  BOOST_TEST(!contains(to_text(unknown), "server CPU"));
  auto nothing = measured(echo_options{}, echo_figures{});
  nothing.part = {};
  json = nlohmann::json::parse(to_json(nothing));
  BOOST_TEST((json["messages_per_s"].is_null() && json["latency_us"].is_null()));
  nothing.interrupted = true;
  BOOST_TEST(contains(to_text(nothing), "interrupted: nothing was measured"));
}

BOOST_AUTO_TEST_CASE(a_page_says_what_matters_and_fits_a_terminal) {
  auto text = to_text(an_echo());
  BOOST_TEST(contains(text, "250,000"));
  BOOST_TEST(contains(text, "p99.9"));
  BOOST_TEST(contains(text, "Everything held."));
  for (auto& of : one_of_each()) {
    of.failures
      = {"3 connections ended unasked: 3 x 1009 message_too_big, and words that go on and "
         "on beyond the right border of a terminal",
         "2 messages came back changed"};
    of.remarks = {std::string(60, 'x') + " " + std::string(60, 'y')};
    of.interrupted = true;
    auto page = to_text(of);
    BOOST_TEST(contains(page, "2 things did not hold:"));
    BOOST_TEST(contains(page, "interrupted: the figures are those of the 2.00 s"));
    std::istringstream in{page};
    for (std::string row; std::getline(in, row);) {
      BOOST_TEST(row.size() <= 80u, row);
      BOOST_TEST((row.empty() || row.back() != ' '), row);
    }
  }
}

BOOST_AUTO_TEST_CASE(odd_bytes_of_a_server_leave_the_json_whole) {
  auto of = an_echo();
  of.refused["HTTP/1.1 400 \xff\xfe"] = 1;
  BOOST_TEST(nlohmann::json::parse(to_json(of))["connections"]["refused"].size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_progress_line_says_how_far_it_is) {
  BOOST_TEST(progress_line({"opening", {}, "connections", 1000}, 1s, 812, 1624.0)
             == "opening 812/1,000  1,624 connections/s");
  BOOST_TEST(progress_line({"measuring", {}, "messages", 0, 5s}, 1500ms, 10, std::nullopt)
             == "measuring 1.5/5.0 s");
  auto longest = progress_line({std::string(100, 'x'), {}, "m"}, 1s, 1, 1.0);
  BOOST_TEST(longest.size() == 79u);
}

BOOST_AUTO_TEST_CASE(turns_keep_their_times_for_ever) {
  time_point start{5s};
  pace every_third{start, 3};
  BOOST_TEST((every_third.due(0) == start));
  BOOST_TEST((every_third.due(3) == start + 1s));
  BOOST_TEST((every_third.due(3'000'000'000) == start + 1'000'000'000s));
  pace fast{start, 1e6};
  BOOST_TEST((fast.due(1) - fast.due(0) == 1us));
}

BOOST_AUTO_TEST_CASE(numbered_texts_are_told_apart_and_changed_ones_noticed) {
  numbered_text text{64};
  std::string tenth{text.with(10)};
  BOOST_TEST(tenth.size() == 64u);
  BOOST_TEST((text.with(11) != tenth));
  BOOST_TEST((text.number_of(tenth) == 10u));
  for (std::size_t at : {0u, 16u, 63u}) {
    auto changed = tenth;
    changed[at] = '!' + 93;
    BOOST_TEST((text.number_of(changed) != 10u));
  }
  BOOST_TEST(!text.number_of(tenth.substr(1)).has_value());
  numbered_text tiny{1};
  BOOST_TEST(tiny.with(0x1f) == "f");
  BOOST_TEST(numbered_text{0}.with(3).empty());
}

BOOST_AUTO_TEST_SUITE_END()
