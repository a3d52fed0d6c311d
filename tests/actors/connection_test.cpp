// One connection: its handler, its queue, its protocol.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

/// Does what the message says.
class obedient final : public handler {
public:
  void inbound(session& s, const inbound_message& m) override {
    if (m.payload == "throw")
      throw std::runtime_error{"told to throw"};
    if (m.payload == "close")
      s.close(close_code::normal, "as you wish");
    if (m.payload == "pause")
      s.pause_reading();
    s.send(payload_kind::text, "done");
  }
};

fake_node with_obedient() {
  auto settings = test_settings();
  settings.routes.push_back({"/obey", "obedient", {}});
  auto handlers = built_in_handlers();
  handlers["obedient"] = [](const route_config&) { return std::make_unique<obedient>(); };
  return fake_node{settings, handlers};
}

bool has(const std::vector<std::string>& texts, const std::string& part) {
  for (auto& text : texts)
    if (text.find(part) != std::string::npos)
      return true;
  return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection)

BOOST_AUTO_TEST_CASE(a_handler_that_throws_closes_its_connection_1011_and_no_other) {
  auto node = with_obedient();
  auto& bad = node.connect(0, "/obey?user=ann");
  auto& good = node.connect(0, "/obey?user=bob");
  node.text(bad, "throw");
  BOOST_TEST((bad.socket.sent_code == close_code::handler_crashed));
  BOOST_TEST(bad.socket.sent_reason == "the handler failed"); // not the exception's text
  node.text(good, "hello");
  BOOST_TEST(good.socket.texts.size() == 1);
  auto receipts = node.receipts();
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST(receipts[0].user == "ann");
  BOOST_TEST((receipts[0].why == cause::handler_crashed));
  BOOST_TEST(receipts[0].detail == "told to throw");
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_after_a_close) {
  auto node = with_obedient();
  auto& c = node.connect(0, "/obey");
  node.text(c, "close");
  BOOST_TEST(c.socket.texts.empty());
  BOOST_TEST(c.socket.sent_reason == "as you wish");
  BOOST_TEST((node.receipts()[0].why == cause::handler_closed));
}

BOOST_AUTO_TEST_CASE(a_pause_longer_than_max_read_pause_closes_1008) {
  auto node = with_obedient();
  auto& c = node.connect(0, "/obey");
  node.text(c, "pause");
  BOOST_TEST(c.socket.paused);
  node.advance(29s);
  BOOST_TEST(!c.socket.closing);
  node.advance(2s);
  BOOST_TEST((c.socket.sent_code == close_code::policy_violation));
  BOOST_TEST((node.receipts()[0].why == cause::paused_too_long));
}

BOOST_AUTO_TEST_CASE(a_queue_that_overflows_closes_4002) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo");
  c.socket.outcome = send_outcome::overflow;
  c.socket.queued_messages = 3;
  c.socket.queued_bytes = 300;
  node.text(c, "one too many");
  BOOST_TEST((c.socket.sent_code == close_code::slow_consumer));
  auto receipt = node.receipts().at(0);
  BOOST_TEST((receipt.why == cause::slow_consumer));
  BOOST_TEST(receipt.never_written.messages == 3);
}

BOOST_AUTO_TEST_CASE(dropped_messages_are_not_counted_as_sent_and_the_others_are) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo");
  node.text(c, "sent");
  node.text(c, "sent");
  c.socket.outcome = send_outcome::dropped;
  node.text(c, "dropped");
  c.socket.queued_messages = 1; // the transport tells drops with what it could not write
  c.socket.peer = manners::answers;
  caf::anon_send(node.at(0).handle_of(c.reply.slot),
                 close_connection{close_code::kicked, cause::kicked, {}});
  node.run();
  auto receipt = node.receipts().at(0);
  BOOST_TEST(receipt.out.messages == 2);
  BOOST_TEST(receipt.never_written.messages == 1);
}

BOOST_AUTO_TEST_CASE(its_handler_hears_the_end_once_however_it_ends) {
  struct counting final : handler {
    explicit counting(int* n) : ended{n} {}
    void inbound(session&, const inbound_message&) override {}
    void closed(const close_receipt&) override {
      ++*ended;
      throw std::runtime_error{"too late to matter"};
    }
    int* ended;
  };
  int ended = 0;
  auto settings = test_settings();
  settings.routes.push_back({"/count", "counting", {}});
  auto handlers = built_in_handlers();
  handlers["counting"] = [&](const route_config&) { return std::make_unique<counting>(&ended); };
  fake_node node{settings, handlers};
  node.peer_closes(node.connect(0, "/count"));
  BOOST_TEST(ended == 1);
  node.kill(node.at(0).handle_of(node.connect(0, "/count").reply.slot));
  BOOST_TEST(ended == 2);
  BOOST_TEST(node.open() == 0);
  BOOST_TEST(node.receipts().size() == 2);
}

BOOST_AUTO_TEST_CASE(an_actor_that_is_killed_takes_its_socket_along_and_leaves_a_receipt) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann");
  node.kill(node.at(0).handle_of(c.reply.slot));
  BOOST_TEST(c.socket.aborted);
  BOOST_TEST(node.open() == 0);
  auto receipts = node.receipts();
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST((receipts[0].why == cause::actor_stopped));
}

BOOST_AUTO_TEST_CASE(a_message_can_be_sent_to_it_from_anywhere) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo");
  caf::anon_send(node.at(0).handle_of(c.reply.slot), send_message{payload_kind::text, "psst"});
  node.run();
  BOOST_TEST(c.socket.texts == std::vector<std::string>{"psst"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_can_be_looked_at) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann", "chat, holdfast.v1");
  node.advance(3s);
  auto view = node.ask<connection_view>(node.at(0).handle_of(c.reply.slot), get_connection{});
  BOOST_TEST(view.user == "ann");
  BOOST_TEST(view.handler == "echo");
  BOOST_TEST(view.speaks_v1);
  BOOST_TEST((view.state == connection_state::open));
  BOOST_TEST((view.age == 3s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(holdfast_v1)

BOOST_AUTO_TEST_CASE(a_client_is_welcomed_and_its_messages_are_acknowledged) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann", "holdfast.v1");
  BOOST_TEST(c.reply.subprotocol == "holdfast.v1");
  BOOST_REQUIRE(c.socket.texts.size() == 1);
  BOOST_TEST(has(c.socket.texts, R"({"type":"welcome")"));
  BOOST_TEST(has(c.socket.texts, R"("user":"ann")"));
  node.text(c, R"({"type":"message","data":{"n":1.50},"id":7})");
  BOOST_REQUIRE(c.socket.texts.size() == 3);
  BOOST_TEST(c.socket.texts[1] == R"({"type":"message","data":{"n":1.50}})");
  BOOST_TEST(c.socket.texts[2] == R"({"type":"ack","id":7})");
  node.text(c, R"({"type":"ping","id":"a"})");
  BOOST_TEST(c.socket.texts.back() == R"({"type":"pong","id":"a"})");
}

BOOST_AUTO_TEST_CASE(acknowledgements_of_the_client_stand_in_the_receipt) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo", "holdfast.v1");
  node.text(c, R"({"type":"message","data":1})");
  node.text(c, R"({"type":"message","data":2})");
  node.text(c, R"({"type":"ack","n":1})");
  node.peer_closes(c);
  auto receipt = node.receipts().at(0);
  BOOST_TEST(receipt.acknowledged == 1);
  BOOST_TEST(receipt.out.messages == 2);
}

BOOST_AUTO_TEST_CASE(the_third_bad_message_closes_4504) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo", "holdfast.v1");
  node.text(c, "no json");
  node.text(c, R"({"type":"dance"})");
  BOOST_TEST(!c.socket.closing);
  BOOST_TEST(has(c.socket.texts, R"("code":"not_json")"));
  BOOST_TEST(has(c.socket.texts, R"("code":"unknown_type")"));
  node.text(c, R"({"type":"ack","n":99})"); // of more than was sent
  BOOST_TEST((c.socket.sent_code == close_code::bad_control_message));
}

BOOST_AUTO_TEST_CASE(a_message_of_a_handler_that_throws_is_not_acknowledged) {
  auto node = with_obedient();
  auto& c = node.connect(0, "/obey", "holdfast.v1");
  node.text(c, R"({"type":"message","data":"throw","id":1})");
  BOOST_TEST(!has(c.socket.texts, R"("type":"ack")"));
  BOOST_TEST((c.socket.sent_code == close_code::handler_crashed));
}

BOOST_AUTO_TEST_CASE(the_receipt_of_a_killed_actor_does_not_count_what_was_dropped) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo");
  c.socket.outcome = send_outcome::dropped;
  c.socket.dropped_messages = 1;
  node.text(c, "one");
  node.kill(node.at(0).handle_of(c.reply.slot));
  BOOST_REQUIRE(node.receipts().size() == 1);
  BOOST_TEST(node.receipts()[0].out.messages == 0);
}

BOOST_AUTO_TEST_SUITE_END()
