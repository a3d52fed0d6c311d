#include "app/console/text.hpp"
#include "app/console/top_screen.hpp"
#include "tests/app/console/answers.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::console;

namespace {

json connection(const std::string& id, double messages) {
  auto c = json::parse(answers::connection);
  c["id"] = id;
  c["in"]["messages"] = messages;
  c["out"]["messages"] = 0;
  return c;
}

top_facts some_facts() {
  top_facts facts;
  facts.status = json::parse(answers::status);
  facts.pool = json::parse(R"({"shards": [
    {"shard": 0, "connections": 4103, "users": 3960, "states": {"suspect": 5, "zombie": 3}},
    {"shard": 1, "connections": 4111, "users": 3970, "states": {"suspect": 7, "zombie": 0}}]})");
  auto before = json::array({connection("quiet", 10), connection("busy", 100)});
  facts.rates.look(before, 0);
  auto after = json::array({connection("quiet", 12), connection("busy", 900)});
  facts.rates.look(after, 2);
  facts.lively["items"] = after;
  facts.slowest["items"] = json::array({connection("slow", 1)});
  return facts;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (auto& line : lines)
    text += line + "\n";
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_top)

BOOST_AUTO_TEST_CASE(any_size_of_terminal_is_filled_and_not_overrun) {
  auto facts = some_facts();
  for (std::size_t height : {1u, 2u, 5u, 12u, 24u, 60u})
    for (std::size_t width : {20u, 60u, 80u, 200u}) {
      top_view view;
      view.height = height;
      auto lines = top_screen(facts, view, {width, false, ""});
      BOOST_TEST(lines.size() == height);
      for (auto& line : lines)
        BOOST_TEST(display_width(line) <= width, line);
    }
}

BOOST_AUTO_TEST_CASE(node_shards_busiest_and_slowest_stand_on_80_by_24) {
  auto screen = joined(top_screen(some_facts(), {}, {80, false, ""}));
  BOOST_TEST(contains(screen, "node a  127.0.0.1:8080  serving"));
  BOOST_TEST(contains(screen, "    0        4,103  3,960        5        3"));
  BOOST_TEST(contains(screen, "    1        4,111  3,970        7        0"));
  BOOST_TEST(screen.find("busy ") < screen.find("quiet "));
  BOOST_TEST(contains(screen, "400/s"));
  BOOST_TEST(contains(screen, "1/s"));
  BOOST_TEST(contains(screen, "slowest"));
  BOOST_TEST(contains(screen, "slow "));
  BOOST_TEST(contains(screen, "rtt*"));
  BOOST_TEST(contains(screen, "q quit"));
}

BOOST_AUTO_TEST_CASE(help_and_pause_can_be_seen) {
  top_view view;
  view.help = true;
  view.paused = true;
  auto screen = joined(top_screen(some_facts(), view, {80, false, ""}));
  BOOST_TEST(contains(screen, "leave"));
  BOOST_TEST(contains(screen, "paused"));
  BOOST_TEST(!contains(screen, "queued"));
}

BOOST_AUTO_TEST_CASE(a_node_that_has_gone_is_said_below_what_was_last_known) {
  auto facts = some_facts();
  facts.trouble = "no node answers";
  auto lines = top_screen(facts, {}, {80, false, ""});
  BOOST_TEST(contains(lines.back(), "no node answers"));
  BOOST_TEST(contains(lines.front(), "node a"));
  facts.trouble
    = "no node answers on /run/holdfast/holdfast.sock: Connection refused; start one with";
  BOOST_TEST(contains(top_screen(facts, {}, {80, false, ""}).back(), "no node answers on /run"));
}

BOOST_AUTO_TEST_CASE(sorting_goes_round) {
  auto key = slowest_by::rtt;
  std::string keys;
  for (int i = 0; i < 5; ++i, key = next(key))
    keys += to_string(key) + " ";
  BOOST_TEST(keys == "rtt queue idle age rtt ");
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_not_there_before_has_no_rate) {
  message_rates rates;
  rates.look(json::array({connection("a", 5)}), 1);
  BOOST_TEST(rates.of("a") == 0);
  rates.look(json::array({connection("b", 5)}), 1);
  rates.look(json::array({connection("a", 50), connection("b", 2)}), 1);
  BOOST_TEST(rates.of("a") == 0);
  BOOST_TEST(rates.of("b") == 0); // a count that falls is another connection's
}

BOOST_AUTO_TEST_SUITE_END()
