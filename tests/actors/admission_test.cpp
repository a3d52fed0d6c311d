// Who comes in, as the pool's members decide it.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

node_settings two_a_user(std::size_t shards = 1) {
  auto settings = test_settings();
  settings.shards = shards;
  settings.admission.max_connections_per_user = 2;
  return settings;
}

/// A user who is counted by the member on `shard`.
std::string user_of(std::size_t shard, std::size_t shards) {
  for (int i = 0;; ++i)
    if (partition_of("u" + std::to_string(i), shards) == shard)
      return "u" + std::to_string(i);
}

/// A user whom this of two members counts.
std::string user_of(std::size_t member) {
  std::string user = "u";
  while (partition_of(user, 2) != member)
    user += 'u';
  return user;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(an_admitted_connection_echoes_and_leaves_one_receipt) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann");
  BOOST_REQUIRE(c.accepted());
  BOOST_TEST(!c.socket.paused);
  node.text(c, "hello");
  BOOST_REQUIRE(c.socket.texts.size() == 1);
  BOOST_TEST(c.socket.texts[0] == "hello");
  BOOST_TEST(node.open() == 1);
  node.peer_closes(c);
  BOOST_TEST(node.open() == 0);
  auto receipts = node.receipts();
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST(receipts[0].user == "ann");
  BOOST_TEST(receipts[0].route == "/echo");
  BOOST_TEST(receipts[0].address == "192.0.2.1:50000");
  BOOST_TEST(receipts[0].in.messages == 1);
  BOOST_TEST(receipts[0].out.bytes == 5);
  BOOST_TEST((receipts[0].code == close_code::normal));
  BOOST_TEST((receipts[0].who == ended_by::peer));
  BOOST_TEST((receipts[0].why == cause::peer_closed));
  BOOST_REQUIRE(receipts[0].history.size() == 3);
  BOOST_TEST((receipts[0].history[0].to == connection_state::open));
  BOOST_TEST((receipts[0].history[2].to == connection_state::closed));
}

BOOST_AUTO_TEST_CASE(a_user_over_the_limit_is_closed_4500_and_has_no_receipt) {
  for (std::size_t counted_by : {0u, 1u}) {
    fake_node node{two_a_user(2)};
    auto user = user_of(counted_by, 2);
    auto& first = node.connect(0, "/echo?user=" + user);
    auto& second = node.connect(1, "/echo?user=" + user);
    auto& third = node.connect(0, "/echo?user=" + user);
    BOOST_TEST(!first.socket.closing);
    BOOST_TEST(!second.socket.closing);
    BOOST_TEST((third.socket.sent_code == close_code::user_limit));
    BOOST_TEST(third.gone);
    BOOST_TEST(node.open() == 2);
    BOOST_TEST(node.receipts().empty());
    node.peer_closes(first);
    BOOST_TEST(!node.connect(1, "/echo?user=" + user).socket.closing);
  }
}

BOOST_AUTO_TEST_CASE(evict_oldest_closes_the_oldest_4502_wherever_it_is) {
  auto settings = two_a_user(2);
  settings.admission.on_user_limit = user_limit_policy::evict_oldest;
  fake_node node{settings};
  auto& oldest = node.connect(1, "/echo?user=ann");
  auto& second = node.connect(0, "/echo?user=ann");
  auto& third = node.connect(0, "/echo?user=ann");
  BOOST_TEST((oldest.socket.sent_code == close_code::superseded));
  BOOST_TEST(!second.socket.closing);
  BOOST_TEST(!third.socket.closing);
  BOOST_TEST(node.open() == 2);
  auto receipts = node.receipts("ann");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST((receipts[0].why == cause::superseded));
}

BOOST_AUTO_TEST_CASE(anonymous_connections_have_no_user_limit) {
  fake_node node{two_a_user()};
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(!node.connect(0, "/echo").socket.closing);
  BOOST_TEST(node.open() == 5);
}

BOOST_AUTO_TEST_CASE(the_total_is_exact_over_all_shards_and_refuses_1013_or_503) {
  auto settings = test_settings();
  settings.shards = 2;
  settings.max_total_connections = 3;
  fake_node node{settings};
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST(node.connect(i % 2, "/echo").accepted());
  for (std::size_t shard : {0u, 1u}) {
    auto& refused = node.connect(shard, "/echo");
    BOOST_TEST(refused.reply.status == 101);
    BOOST_TEST((refused.reply.close == close_code::try_again_later));
  }
  settings.gate.refuse = refuse_mode::http;
  settings.max_total_connections = 0;
  fake_node other{settings};
  auto& refused = other.connect(0, "/echo");
  BOOST_TEST(refused.reply.status == 503);
  BOOST_TEST(refused.reply.retry_after_s > 0);
}

BOOST_AUTO_TEST_CASE(a_reserve_is_kept_from_ordinary_users) {
  auto settings = test_settings();
  settings.max_total_connections = 3;
  settings.reserve = 1;
  fake_node node{settings};
  node.connect(0, "/echo");
  node.connect(0, "/echo");
  BOOST_TEST(!node.connect(0, "/echo").accepted());
}

BOOST_AUTO_TEST_CASE(a_verdict_that_arrives_after_the_peer_left_gives_the_place_back) {
  fake_node node{two_a_user(2)};
  auto user = user_of(1, 2);
  // The question is still on shard 0 when the peer goes.
  auto& c = node.connect_within_turn(0, "/echo?user=" + user);
  BOOST_REQUIRE(c.accepted());
  BOOST_TEST(c.socket.paused);
  node.peer_vanishes(c);
  BOOST_TEST(node.open() == 0);
  BOOST_TEST(node.receipts().empty());
  auto owner = node.ask<shard_status>(node.peers().members[1], get_shard{});
  BOOST_TEST(owner.users == 0);
  node.connect(0, "/echo?user=" + user);
  node.connect(0, "/echo?user=" + user);
  BOOST_TEST(node.open() == 2);
}

BOOST_AUTO_TEST_CASE(what_the_peer_sends_before_the_verdict_is_not_read) {
  fake_node node{two_a_user(2)};
  auto& c = node.connect_within_turn(0, "/echo?user=" + user_of(1, 2));
  BOOST_TEST(c.socket.paused);
  node.run();
  BOOST_TEST(!c.socket.paused);
}

BOOST_AUTO_TEST_CASE(a_path_without_a_route_is_404_and_takes_no_place) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/nowhere");
  BOOST_TEST(c.reply.status == 404);
  BOOST_TEST(node.open() == 0);
  auto status = node.ask<shard_status>(node.peers().members[0], get_shard{});
  BOOST_TEST(status.counters.refused[static_cast<std::size_t>(refusal::not_found)] == 1);
}

BOOST_AUTO_TEST_CASE(who_ends_while_a_sweep_is_on_its_way_is_no_leak) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann");
  caf::anon_send(node.peers().members[0], sweep_shard{});
  node.peer_vanishes(c);
  node.run();
  BOOST_TEST(node.open() == 0);
  BOOST_TEST(node.ask<shard_status>(node.peers().members[0], get_shard{}).counters.mended == 0);
}

BOOST_AUTO_TEST_CASE(the_sweep_finds_nothing_to_mend_after_a_busy_minute) {
  auto settings = two_a_user(2);
  settings.admission.on_user_limit = user_limit_policy::evict_oldest;
  fake_node node{settings};
  for (int i = 0; i < 40; ++i) {
    auto& c = node.connect(i % 2, "/echo?user=u" + std::to_string(i % 7));
    if (i % 3 == 0 && !c.gone)
      node.peer_vanishes(c);
  }
  node.advance(130s);
  auto status = node.ask<pool_status>(node.peers().pool, get_pool{});
  BOOST_TEST(status.sweeps == 2);
  BOOST_REQUIRE(status.shards.size() == 2);
  BOOST_TEST(status.shards[0].counters.mended == 0);
  BOOST_TEST(status.shards[1].counters.mended == 0);
  BOOST_TEST(status.connections == node.open());
}

BOOST_AUTO_TEST_CASE(one_connection_is_closed_by_its_id) {
  fake_node node{test_settings()};
  auto& c = node.connect(0, "/echo?user=ann");
  auto views = node.ask<std::vector<connection_view>>(node.peers().members[0], list_connections{});
  BOOST_REQUIRE(views.size() == 1);
  caf::anon_send(node.peers().members[0],
                 close_by_id{views[0].id, {close_code::kicked, cause::kicked, "bye"}});
  node.run();
  BOOST_TEST((c.socket.sent_code == close_code::kicked));
  BOOST_TEST((node.receipts()[0].why == cause::kicked));
}

BOOST_AUTO_TEST_CASE(who_ends_during_a_sweep_is_no_leak_and_not_counted_again) {
  fake_node node{two_a_user()};
  auto& c = node.connect(0, "/echo?user=ann");
  caf::anon_send(node.peers().members[0], sweep_shard{}); // the news of the end comes behind it
  node.peer_vanishes(c);
  BOOST_TEST(node.at(0).counters().mended == 0);
  BOOST_TEST(node.ask<shard_status>(node.peers().members[0], get_shard{}).users == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_the_verdict) {
  fake_node node{two_a_user(2)};
  auto user = user_of(1);
  auto& c = node.connect_within_turn(0, "/echo?user=" + user, "holdfast.v1");
  auto handle = node.at(0).handle_of(c.reply.slot);
  caf::anon_send(handle, send_message{payload_kind::text, "posted"});
  caf::anon_send(handle, drain_notice{});
  node.run();
  BOOST_REQUIRE(c.socket.texts.size() == 2);
  BOOST_TEST(c.socket.texts[0].find("welcome") != std::string::npos);
  BOOST_TEST(c.socket.texts[1].find("lease") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_stall_refuses_nobody_who_waits_for_a_verdict) {
  fake_node node{two_a_user(2)};
  node.advance(2s);
  auto& c = node.connect_within_turn(0, "/echo?user=" + user_of(1));
  node.stall(60s);
  node.advance(2s);
  BOOST_TEST(!c.socket.closing);
  BOOST_TEST(!c.socket.paused);
}

BOOST_AUTO_TEST_SUITE_END()
