#include "actors/gateway.hpp"
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

using namespace holdfast;
using namespace holdfast::test;

BOOST_AUTO_TEST_SUITE(gateway)

BOOST_AUTO_TEST_CASE(numbers_have_one_name_and_one_kind) {
  fake_node node{test_settings()};
  auto& outside = node.context().outside;
  outside.count("chat_messages_total", "Messages.") += 2;
  outside.count("chat_messages_total", "again") += 1;
  outside.gauge("chat_rooms", "Rooms.") = 7;
  auto numbers = outside.numbers();
  BOOST_REQUIRE(numbers.size() == 2);
  BOOST_TEST(numbers[0].name == "chat_messages_total");
  BOOST_TEST(numbers[0].value == 3);
  BOOST_TEST(numbers[0].help == "Messages.");
  BOOST_TEST(!numbers[0].is_gauge);
  BOOST_TEST(numbers[1].value == 7);
  BOOST_TEST(numbers[1].is_gauge);
  for (auto* wrong :
       {"", "9lives", "a-b", "a b", "holdfast_users", "process_cpu_seconds_total", "chat_rooms"})
    BOOST_CHECK_THROW(outside.count(wrong, ""), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_connection_is_sent_to_and_closed_by_its_id) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann");
  auto id = node.at(0).slots()[c.reply.slot].actor->id();
  node.context().outside.send_to(id, payload_kind::text, "hello");
  node.run();
  BOOST_TEST(c.socket.texts.back() == "hello");
  node.context().outside.close(id, close_code::normal, "enough");
  node.run();
  BOOST_TEST(c.socket.sent_reason == "enough");
  node.context().outside.send_to({{7}, 12345}, payload_kind::text, "to nobody");
  node.run();
}

BOOST_AUTO_TEST_CASE(a_user_is_found_while_his_partition_is_rebuilt) {
  auto settings = test_settings();
  settings.shards = 2;
  fake_node node{settings};
  auto& here = node.connect(0, "/echo?user=ann");
  auto& there = node.connect(1, "/echo?user=ann");
  for (auto& member : node.peers().members)
    caf::anon_send_exit(member, caf::exit_reason::kill);
  node.run();
  node.context().outside.send_to_user("ann", payload_kind::text, "found");
  node.run();
  BOOST_TEST(here.socket.texts.back() == "found");
  BOOST_TEST(there.socket.texts.back() == "found");
}

BOOST_AUTO_TEST_CASE(cleanups_run_in_the_last_phase_and_are_counted) {
  fake_node node{test_settings()};
  auto& outside = node.context().outside;
  std::vector<std::string> ran;
  auto& unit = node.context().unit;
  outside.at_cleanup(unit, {"/chat", "save"}, [&] { ran.emplace_back("first"); });
  outside.at_cleanup(unit, {"/chat", "save"}, [&] { ran.emplace_back("second"); });
  outside.at_cleanup(unit, {"/other", "save"}, [&] { ran.emplace_back("another's"); });
  outside.at_cleanup(unit, {"/chat", "bad"}, [] { throw std::runtime_error{"no"}; });
  node.run();
  node.tell_shutdown(start_drain{});
  node.advance(std::chrono::seconds{30});
  BOOST_REQUIRE(node.ledger.has_value());
  std::sort(ran.begin(), ran.end());
  BOOST_TEST(ran == (std::vector<std::string>{"another's", "second"}),
             boost::test_tools::per_element());
  BOOST_TEST(node.ledger->cleanups == 3);
  BOOST_TEST(node.ledger->cleanups_failed == 1);
}

BOOST_AUTO_TEST_SUITE_END()
