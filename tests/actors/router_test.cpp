// Topics and broadcast across shards.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;

namespace {

node_settings two_shards() {
  auto settings = test_settings();
  settings.shards = 2;
  return settings;
}

} // namespace

BOOST_AUTO_TEST_SUITE(router)

BOOST_AUTO_TEST_CASE(a_broadcast_reaches_everyone_on_the_route_on_every_shard) {
  fake_node node{two_shards()};
  auto& a = node.connect(0, "/broadcast?user=ann");
  auto& b = node.connect(1, "/broadcast");
  auto& v1 = node.connect(1, "/broadcast", "holdfast.v1");
  auto& elsewhere = node.connect(1, "/echo");
  node.text(a, "hello");
  BOOST_TEST(a.socket.texts.back() == "hello");
  BOOST_TEST(b.socket.texts.back() == "hello");
  BOOST_TEST(v1.socket.texts.back() == R"({"type":"message","data":"hello","from":"ann"})");
  BOOST_TEST(elsewhere.socket.texts.empty());
}

BOOST_AUTO_TEST_CASE(a_topic_reaches_its_subscribers_until_they_leave_it) {
  fake_node node{two_shards()};
  auto& plain = node.connect(0, "/?topic=news");
  auto& v1 = node.connect(1, "/?user=ann", "holdfast.v1");
  auto& other = node.connect(1, "/?topic=weather");
  node.text(v1, R"({"type":"subscribe","topic":"news","id":1})");
  BOOST_TEST(v1.socket.texts.back() == R"({"type":"ack","id":1})");
  node.text(v1, R"({"type":"publish","topic":"news","data":{"x":1}})");
  BOOST_TEST(plain.socket.texts.back() == R"({"x":1})");
  BOOST_TEST(v1.socket.texts.back()
             == R"({"type":"message","data":{"x":1},"topic":"news","from":"ann"})");
  BOOST_TEST(other.socket.texts.empty());
  node.text(v1, R"({"type":"unsubscribe","topic":"news"})");
  auto before = v1.socket.texts.size();
  node.text(plain, "for the rest");
  BOOST_TEST(v1.socket.texts.size() == before);
  BOOST_TEST(plain.socket.texts.back() == "for the rest");
}

BOOST_AUTO_TEST_CASE(a_closed_subscriber_leaves_nothing_behind) {
  fake_node node{two_shards()};
  auto& c = node.connect(1, "/?topic=news");
  BOOST_TEST(node.ask<router_status>(node.peers().router, get_router{}).groups == 1);
  node.peer_vanishes(c);
  BOOST_TEST(node.ask<router_status>(node.peers().router, get_router{}).groups == 0);
}

BOOST_AUTO_TEST_CASE(a_plain_client_without_a_topic_is_told_how_to_name_one) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/");
  node.text(c, "hello?");
  BOOST_REQUIRE(c.socket.texts.size() == 1);
  BOOST_TEST(c.socket.texts[0].find("?topic=NAME") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(topics_a_connection_are_bounded) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/", "holdfast.v1");
  for (std::size_t i = 0; i < test_settings().max_topics; ++i)
    node.text(c, R"({"type":"subscribe","topic":"t)" + std::to_string(i) + "\"}");
  node.text(c, R"({"type":"subscribe","topic":"one more","id":"x"})");
  BOOST_TEST(c.socket.texts.back().find("too_many_topics") != std::string::npos);
  node.text(c, R"({"type":"subscribe","topic":"t0","id":"y"})"); // in it already
  BOOST_TEST(c.socket.texts.back() == R"({"type":"ack","id":"y"})");
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_is_too_slow_does_not_hold_up_the_others) {
  fake_node node{two_shards()};
  auto& slow = node.connect(0, "/broadcast");
  auto& quick = node.connect(0, "/broadcast");
  slow.socket.outcome = send_outcome::overflow;
  node.text(quick, "x");
  BOOST_TEST((slow.socket.sent_code == close_code::slow_consumer));
  BOOST_TEST(quick.socket.texts.size() == 1);
}

BOOST_AUTO_TEST_CASE(who_publishes_faster_than_it_can_be_delivered_is_not_read_from_meanwhile) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/broadcast");
  node.connect(1, "/broadcast");
  std::string large(60'000, 'x');
  int taken = 0;
  // No actor runs in between: what is published stays on its way.
  while (!c.socket.paused && taken < 100) {
    node.at(0).message(c.reply.slot, frame_opcode::text, large);
    ++taken;
  }
  BOOST_TEST(taken == 18); // 1 MiB
  node.run();
  BOOST_TEST(!c.socket.paused);
  BOOST_TEST(c.socket.texts.size() == 18);
}

BOOST_AUTO_TEST_CASE(groups_that_were_left_while_the_router_member_was_dead_are_forgotten) {
  fake_node node{two_shards()};
  auto& a = node.connect(0, "/broadcast");
  node.at(0).router = nullptr; // as between its death and its restart
  node.peer_vanishes(a);
  node.kill(node.peers().router_members[0]);
  BOOST_TEST(node.ask<router_status>(node.peers().router, get_router{}).groups == 0);
}

BOOST_AUTO_TEST_CASE(a_join_reaches_a_new_router_of_which_the_shard_has_not_heard) {
  fake_node node{two_shards()};
  auto before = node.peers();
  node.kill(node.peers().router);
  node.at(0).set_peers(before); // as when pool/0 is slower than router/0
  auto& a = node.connect(0, "/broadcast");
  node.at(0).set_peers(node.peers());
  node.text(a, "one");
  BOOST_REQUIRE(!a.socket.texts.empty());
  BOOST_TEST(a.socket.texts.back() == "one");
}

BOOST_AUTO_TEST_SUITE_END()
