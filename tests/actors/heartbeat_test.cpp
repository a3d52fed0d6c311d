// The heartbeat as connections feel it.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

node_settings quick() {
  auto settings = test_settings();
  settings.heartbeat.ping_interval = 10s;
  settings.heartbeat.pong_timeout = 2s;
  settings.heartbeat.zombie_detection_threshold = 60s;
  return settings;
}

connection_state state_of(fake_node& node, client& c) {
  return node.ask<connection_view>(node.at(0).handle_of(c.reply.slot), get_connection{}).state;
}

} // namespace

BOOST_AUTO_TEST_SUITE(heartbeat)

BOOST_AUTO_TEST_CASE(a_peer_that_answers_is_pinged_for_ever_and_has_a_round_trip) {
  fake_node node{quick()};
  auto& c = node.connect(0, "/echo");
  for (int i = 0; i < 300; ++i) {
    auto before = c.socket.pings.size();
    node.advance(100ms);
    if (c.socket.pings.size() > before)
      node.pong(c);
  }
  BOOST_TEST(c.socket.pings.size() == 3);
  auto view = node.ask<connection_view>(node.at(0).handle_of(c.reply.slot), get_connection{});
  BOOST_TEST((view.state == connection_state::open));
  BOOST_TEST((view.rtt > 0s));
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answers_is_suspect_then_zombie_then_closed_4000) {
  fake_node node{quick()};
  auto& c = node.connect(0, "/echo?user=ann");
  while (c.socket.pings.empty())
    node.advance(100ms);
  node.advance(2100ms);
  BOOST_TEST((state_of(node, c) == connection_state::suspect));
  BOOST_TEST(c.socket.pings.size() == 2);
  node.advance(2s);
  BOOST_TEST(!c.socket.closing);
  node.advance(2s);
  BOOST_TEST((c.socket.sent_code == close_code::heartbeat_lost));
  BOOST_TEST((c.socket.allowed.answer == 1s));
  auto receipt = node.receipts().at(0);
  BOOST_TEST((receipt.why == cause::zombie_count));
  BOOST_REQUIRE(receipt.history.size() == 5);
  BOOST_TEST((receipt.history[1].to == connection_state::suspect));
  BOOST_TEST((receipt.history[2].to == connection_state::zombie));
  BOOST_TEST(receipt.history[2].number == 3);
}

BOOST_AUTO_TEST_CASE(a_late_pong_makes_a_suspect_open_again) {
  fake_node node{quick()};
  auto& c = node.connect(0, "/echo");
  while (c.socket.pings.empty())
    node.advance(100ms);
  node.advance(3s);
  BOOST_TEST((state_of(node, c) == connection_state::suspect));
  node.pong(c);
  BOOST_TEST((state_of(node, c) == connection_state::open));
  node.advance(5s);
  BOOST_TEST(!c.socket.closing);
}

BOOST_AUTO_TEST_CASE(a_marked_zombie_stays_until_it_is_cleaned) {
  auto settings = quick();
  settings.on_zombie = zombie_policy::mark;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  node.advance(30s);
  BOOST_TEST((state_of(node, c) == connection_state::zombie));
  BOOST_TEST(!c.socket.closing);
  BOOST_TEST(node.ask<std::uint64_t>(node.peers().pool, clean_zombies{}) == 1);
  BOOST_TEST((c.socket.sent_code == close_code::heartbeat_lost));
  BOOST_TEST(node.ask<std::uint64_t>(node.peers().pool, clean_zombies{}) == 0);
}

BOOST_AUTO_TEST_CASE(the_handler_hears_of_a_zombie_before_it_is_closed) {
  static std::vector<std::string> heard;
  struct listening final : handler {
    void inbound(session&, const inbound_message&) override {}
    void zombie(session& s) override { heard.push_back("zombie " + std::string{s.user()}); }
    void closing(session&, close_code, cause why) override {
      heard.push_back("closing " + std::string{to_string(why)});
    }
  };
  heard.clear();
  auto settings = quick();
  settings.routes.push_back({"/listen", "listening", {}});
  auto handlers = built_in_handlers();
  handlers["listening"] = [](const route_config&) { return std::make_unique<listening>(); };
  fake_node node{settings, handlers};
  node.connect(0, "/listen?user=ann");
  node.advance(20s);
  BOOST_TEST(heard == (std::vector<std::string>{"zombie ann", "closing zombie_count"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_sweep_cleans_marked_zombies) {
  auto settings = quick();
  settings.on_zombie = zombie_policy::mark;
  settings.pool_cleanup_interval = 40s;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  node.advance(39s);
  BOOST_TEST((state_of(node, c) == connection_state::zombie));
  node.advance(2s);
  BOOST_TEST((c.socket.sent_code == close_code::heartbeat_lost));
}

BOOST_AUTO_TEST_CASE(a_node_that_slept_kills_nobody) {
  fake_node node{quick()};
  for (int i = 0; i < 20; ++i)
    node.connect(0, "/echo");
  for (int i = 0; i < 50; ++i) {
    node.advance(100ms);
    for (auto& c : node.clients)
      if (!c->socket.pings.empty())
        node.pong(*c);
  }
  node.stall(600s);
  node.advance(1s);
  BOOST_TEST(node.log.count("suspect") == 0);
  BOOST_TEST(node.log.count("zombie") == 0);
  BOOST_TEST(node.open() == 20);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_4505_on_time) {
  auto settings = quick();
  settings.heartbeat.connection_timeout = 8s;
  settings.heartbeat.ping_interval = 100s;
  settings.heartbeat.pong_timeout = 50s;
  settings.heartbeat.zombie_detection_threshold = 300s;
  fake_node node{settings};
  auto& idle = node.connect(0, "/echo");
  auto& busy = node.connect(0, "/echo");
  node.advance(5s);
  node.text(busy, "x");
  node.advance(2900ms);
  BOOST_TEST(!idle.socket.closing);
  node.advance(200ms);
  BOOST_TEST((idle.socket.sent_code == close_code::idle));
  BOOST_TEST(!busy.socket.closing);
  BOOST_TEST((node.receipts().at(0).why == cause::idle));
}

BOOST_AUTO_TEST_CASE(pings_of_the_protocol_are_no_activity_but_messages_are) {
  auto settings = quick();
  settings.heartbeat.connection_timeout = 8s;
  settings.heartbeat.ping_interval = 100s;
  settings.heartbeat.pong_timeout = 50s;
  settings.heartbeat.zombie_detection_threshold = 300s;
  fake_node node{settings};
  auto& pings = node.connect(0, "/echo", "holdfast.v1");
  auto& talks = node.connect(0, "/echo", "holdfast.v1");
  for (int i = 0; i < 9; ++i) {
    node.text(pings, R"({"type":"ping","id":1})");
    node.text(talks, R"({"type":"message","data":1})");
    node.advance(1s);
  }
  BOOST_TEST((pings.socket.sent_code == close_code::idle));
  BOOST_TEST(!talks.socket.closing);
}

BOOST_AUTO_TEST_CASE(a_zombie_that_speaks_again_is_watched_again) {
  auto settings = quick();
  settings.on_zombie = zombie_policy::mark;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  node.advance(30s);
  BOOST_TEST(node.log.count("zombie") == 1);
  node.text(c, "here I am");
  BOOST_TEST(node.log.count("recovered") == 1);
  node.advance(30s);
  BOOST_TEST(node.log.count("zombie") == 2);
}

BOOST_AUTO_TEST_SUITE_END()
