#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

/// Knows whom its test names, by `?user=`, and counts how often it was asked.
class fake_authenticator final : public authenticator {
public:
  identification identify(const handshake_request& request, bool by_trusted_proxy,
                          wall_time) const override {
    ++asked;
    proxied = by_trusted_proxy;
    auto found = known.find(request.query());
    return found == known.end() ? identification{unidentified{"bad_signature"}} : found->second;
  }

  std::map<std::string, identity, std::less<>> known;
  mutable int asked = 0;
  mutable bool proxied = false;
};

struct guarded {
  guarded() {
    settings.authentication = &door;
    door.known["ann"] = {"ann", false, std::nullopt};
    door.known["root"] = {"root", true, std::nullopt};
    door.known["brief"] = {"ann", false, 10s};
  }

  std::string last_logged(fake_node& node, std::string_view name) const {
    std::string text;
    for (auto& event : node.log.events)
      if (event.name == name)
        text = event.text;
    return text;
  }

  fake_authenticator door;
  node_settings settings = test_settings();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(authentication, guarded)

BOOST_AUTO_TEST_CASE(a_client_is_who_the_authenticator_says) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?ann");
  BOOST_TEST(c.accepted());
  BOOST_TEST(node.log.count("admitted") == 1u);
  BOOST_TEST(last_logged(node, "admitted").find("user=ann ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_client_that_nobody_knows_is_closed_4501_and_the_log_says_why) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?eve");
  BOOST_TEST(c.reply.status == 101u);
  BOOST_TEST((c.reply.close == close_code::unauthenticated));
  BOOST_TEST(last_logged(node, "refused") == "reason=unauthenticated detail=bad_signature");
  BOOST_TEST(node.open() == 0u);
}

BOOST_AUTO_TEST_CASE(or_gets_the_status_401) {
  settings.gate.refuse = refuse_mode::http;
  fake_node node{settings};
  BOOST_TEST(node.connect(0, "/echo?eve").reply.status == 401u);
}

// A browser that offered something and sees nothing selected never reads the close code.
BOOST_AUTO_TEST_CASE(a_refusal_by_a_close_code_selects_a_subprotocol_as_well) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?eve", "holdfast.v1, bearer.x");
  BOOST_TEST((c.reply.close == close_code::unauthenticated));
  BOOST_TEST(c.reply.subprotocol == "holdfast.v1");
}

BOOST_AUTO_TEST_CASE(nobody_is_asked_who_it_is_before_the_cheap_checks) {
  settings.gate.origins = {"https://ours.example"};
  fake_node node{settings};
  BOOST_TEST(node.connect(0, "/nowhere?ann").reply.status == 404u);
  BOOST_TEST(node.connect_with(0, "/echo?ann", {{"Origin", "https://evil.example"}}).reply.status
             == 403u);
  BOOST_TEST(door.asked == 0);
  BOOST_TEST(node.connect(0, "/echo?ann").accepted());
  BOOST_TEST(door.asked == 1);
  node.tell_shutdown(start_drain{drain_reason::signal});
  BOOST_TEST((node.connect(0, "/echo?ann").reply.close == close_code::service_restart));
  BOOST_TEST(door.asked == 1);
}

BOOST_AUTO_TEST_CASE(a_full_node_tells_only_those_it_knows) {
  settings.max_total_connections = 1;
  fake_node node{settings};
  node.connect(0, "/echo?ann");
  BOOST_TEST((node.connect(0, "/echo?eve").reply.close == close_code::unauthenticated));
  BOOST_TEST((node.connect(0, "/echo?ann").reply.close == close_code::try_again_later));
}

BOOST_AUTO_TEST_CASE(the_reserve_is_for_priority_users) {
  settings.max_total_connections = 2;
  settings.reserve = 1;
  fake_node node{settings};
  BOOST_TEST(node.connect(0, "/echo?ann").accepted());
  BOOST_TEST((node.connect(0, "/echo?ann").reply.close == close_code::try_again_later));
  BOOST_TEST(node.connect(0, "/echo?root").accepted());
  BOOST_TEST((node.connect(0, "/echo?root").reply.close == close_code::try_again_later));
}

BOOST_AUTO_TEST_CASE(the_users_limit_counts_the_authenticated_user) {
  settings.admission.max_connections_per_user = 1;
  door.known["also ann"] = {"ann", false, std::nullopt};
  fake_node node{settings};
  node.connect(0, "/echo?ann");
  auto& second = node.connect(0, "/echo?also ann");
  BOOST_TEST((second.socket.sent_code == close_code::user_limit));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_expiry, guarded)

BOOST_AUTO_TEST_CASE(a_connection_is_closed_4003_when_its_time_is_over) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?brief");
  auto& other = node.connect(0, "/echo?ann");
  node.advance(9980ms);
  BOOST_TEST(!c.socket.closing);
  node.advance(20ms);
  BOOST_TEST((c.socket.sent_code == close_code::token_expired));
  BOOST_TEST(!other.socket.closing);
  auto receipts = node.receipts();
  BOOST_REQUIRE(receipts.size() == 1u);
  BOOST_TEST((receipts[0].why == cause::token_expired));
  BOOST_TEST((receipts[0].code == close_code::token_expired));
  BOOST_TEST((receipts[0].who == ended_by::node));
}

BOOST_AUTO_TEST_CASE(the_next_connection_in_a_slot_does_not_inherit_its_deadline) {
  fake_node node{settings};
  auto& first = node.connect(0, "/echo?brief");
  node.peer_closes(first);
  auto& second = node.connect(0, "/echo?ann");
  BOOST_REQUIRE(second.reply.slot == first.reply.slot);
  node.advance(20s);
  BOOST_TEST(!second.socket.closing);
}

BOOST_AUTO_TEST_CASE(a_stall_does_not_prolong_a_token) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?brief");
  node.advance(1s);
  node.stall(9s);
  BOOST_TEST((c.socket.sent_code == close_code::token_expired));
}

BOOST_AUTO_TEST_CASE(a_token_expires_whoever_was_restarted_meanwhile) {
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?brief");
  node.advance(1s);
  node.kill(node.peers().members[0]);
  node.kill(node.peers().heartbeats[0]);
  node.advance(8980ms);
  BOOST_TEST(!c.socket.closing);
  node.advance(20ms);
  BOOST_TEST((c.socket.sent_code == close_code::token_expired));
}

BOOST_AUTO_TEST_CASE(
  a_token_that_expires_before_the_verdict_ends_the_connection_without_a_receipt) {
  settings.shards = 2;
  std::string elsewhere = "a"; // his pool member is on the other shard
  while (partition_of(elsewhere, 2) != 1)
    elsewhere += 'a';
  door.known["brief"] = {elsewhere, false, 1s};
  fake_node node{settings};
  auto& c = node.connect_within_turn(0, "/echo?brief");
  BOOST_REQUIRE(node.at(0).waiting_for_verdicts() == 1u);
  node.time.advance(1s);
  node.at(0).tick(node.time.now());
  BOOST_TEST((c.socket.sent_code == close_code::token_expired));
  node.run();
  BOOST_TEST(node.receipts().empty());
  BOOST_TEST(node.open() == 0u);
}

BOOST_AUTO_TEST_CASE(tokens_that_expire_in_a_drain_are_accounted_for_as_other_causes) {
  settings.shutdown.reconnect_rate = 10;
  settings.admission.max_connections_per_user = 0;
  door.known["brief"].valid_for = 300ms;
  fake_node node{settings};
  for (int i = 0; i < 20; ++i)
    node.connect(0, "/echo?brief");
  node.tell_shutdown(start_drain{drain_reason::signal});
  node.advance(1s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->otherwise >= 15u); // three or four had their slot before
  BOOST_TEST(node.ledger->otherwise + node.ledger->closed_in_slot == 20u);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(clients_behind_proxies, guarded)

namespace {

constexpr auto proxy = "10.0.0.1";

header_fields from(const std::string& client) {
  return {{"X-Forwarded-For", client}};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_trusted_proxy_says_where_its_client_is) {
  settings.gate.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  fake_node node{settings};
  node.connect_with(0, "/echo?ann", from("evil, 2001:DB8::7, 10.0.0.2"), proxy);
  BOOST_TEST(last_logged(node, "admitted").find("address=2001:db8::7 ") != std::string::npos);
  BOOST_TEST(door.proxied);
}

BOOST_AUTO_TEST_CASE(nobody_else_is_believed) {
  settings.gate.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  fake_node node{settings};
  node.connect_with(0, "/echo?ann", from("198.51.100.7"), "192.0.2.1");
  BOOST_TEST(last_logged(node, "admitted").find("address=192.0.2.1:50000 ") != std::string::npos);
  BOOST_TEST(!door.proxied);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_names_nobody_is_the_client_itself) {
  settings.gate.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  settings.gate.handshakes_per_address = 1;
  fake_node node{settings};
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(node.connect(0, "/echo?ann", {}, proxy).accepted());
  BOOST_TEST(last_logged(node, "admitted").find("address=10.0.0.1:50000 ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_400_and_the_log_says_why) {
  settings.gate.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  fake_node node{settings};
  BOOST_TEST(node.connect_with(0, "/echo?ann", from("unknown"), proxy).reply.status == 400u);
  BOOST_TEST(last_logged(node, "refused")
             == "reason=bad_request detail=a proxy's X-Forwarded-For has something that is no "
                "address");
  BOOST_TEST(door.asked == 0);
}

BOOST_AUTO_TEST_CASE(the_rate_is_that_of_the_client_behind_the_proxy) {
  settings.gate.trusted_proxies = {*parse_cidr_block("10.0.0.0/8")};
  settings.gate.handshakes_per_address = 2;
  fake_node node{settings};
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(node.connect_with(0, "/echo?ann", from("192.0.2.7"), proxy).accepted());
  BOOST_TEST(node.connect_with(0, "/echo?ann", from("192.0.2.7"), proxy).reply.status == 429u);
  BOOST_TEST(node.connect_with(0, "/echo?ann", from("192.0.2.8"), proxy).accepted());
  // Directly it is the same client.
  BOOST_TEST(node.connect(0, "/echo?ann", {}, "192.0.2.7").reply.status == 429u);
  BOOST_TEST(door.asked == 3);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tokens_and_handlers)

namespace {

/// Sends back what it sees of the query.
class query_mirror final : public handler {
public:
  void opened(session& s) override {
    s.send(payload_kind::text,
           "token=" + s.query("token") + " a=" + s.query("a") + " b=" + s.query("b"));
  }
  void inbound(session&, const inbound_message&) override {}
};

} // namespace

BOOST_AUTO_TEST_CASE(a_token_in_the_query_is_not_shown_to_handlers) {
  auto settings = test_settings();
  settings.routes = {{"/mirror", "mirror", {}}};
  fake_node node{
    settings, {{"mirror", [](const route_config&) { return std::make_unique<query_mirror>(); }}}};
  auto& c = node.connect(0, "/mirror?a=1&token=secret&b=2");
  BOOST_REQUIRE(c.socket.texts.size() == 1u);
  BOOST_TEST(c.socket.texts[0] == "token= a=1 b=2");
}

BOOST_AUTO_TEST_SUITE_END()
