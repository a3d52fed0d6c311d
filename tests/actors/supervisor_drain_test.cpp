// Actors that die during a drain, or so often that the node ends by one.
#include "tests/actors/two_shards.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(supervisor)

BOOST_AUTO_TEST_CASE(planned_closes_survive_the_death_of_the_pool_member) {
  auto settings = two_shards();
  settings.shutdown.reconnect_rate = 10;
  settings.shutdown.message_flush_timeout = 1s;
  settings.close_timeout = 1s;
  fake_node node{settings};
  for (int i = 0; i < 60; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  node.advance(2s);
  node.kill(node.peers().members[0]);
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->closed_in_slot == 60);
}

BOOST_AUTO_TEST_CASE(planned_closes_reach_a_pool_member_whose_predecessor_died_of_them) {
  auto settings = two_shards();
  settings.shutdown.reconnect_rate = 10;
  fake_node node{settings};
  for (int i = 0; i < 20; ++i)
    node.connect(i % 2, "/echo");
  // Its answer to this is the last that the first member of shard 0 does.
  caf::anon_send(node.peers().shutdown, start_drain{});
  caf::anon_send(node.peers().members[0], stop_accepting{1});
  caf::anon_send_exit(node.peers().members[0], caf::exit_reason::kill);
  node.run();
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->closed_in_slot == 20);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_cancelled_drain_reaches_a_pool_member_whose_predecessor_died) {
  auto settings = two_shards();
  settings.shutdown.reconnect_rate = 1;
  fake_node node{settings};
  node.connect(0, "/echo");
  auto& v1 = node.connect(0, "/echo", "holdfast.v1");
  v1.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  BOOST_TEST(!node.listeners[0].accepting);
  caf::anon_send_exit(node.peers().members[0], caf::exit_reason::kill);
  BOOST_TEST((node.ask<errc>(node.peers().shutdown, cancel_drain{}) == errc::none));
  node.run();
  BOOST_TEST(node.listeners[0].accepting);
  BOOST_TEST(node.at(0).ready());
  BOOST_TEST(node.connect(0, "/echo").accepted());
}

BOOST_AUTO_TEST_CASE(the_drain_after_a_give_up_has_the_failed_actor_once_more) {
  auto settings = two_shards();
  settings.supervision.max_restarts = 0;
  fake_node node{settings};
  node.connect(0, "/echo?user=ann");
  node.connect(1, "/echo?user=ann");
  node.kill(node.peers().members[1]);
  BOOST_TEST(node.context().given_up == "pool/1");
  BOOST_TEST(!node.connect(1, "/echo").accepted());
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->closed_in_slot == 2);
  BOOST_TEST(node.ledger->unaccounted() == 0);
  BOOST_TEST(node.broken.empty());
}

BOOST_AUTO_TEST_CASE(without_its_last_life_the_drain_goes_on_and_the_ledger_says_who_is_missing) {
  auto settings = two_shards();
  settings.supervision.max_restarts = 0;
  fake_node node{settings};
  node.connect(0, "/echo");
  auto& silent = node.connect(1, "/echo");
  silent.socket.peer = manners::silent;
  node.kill(node.peers().members[1]);
  node.kill(node.peers().members[1]);
  BOOST_TEST(node.log.count("actor_lost") == 1);
  node.advance(70s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 2);
  BOOST_TEST(node.ledger->unaccounted() == 1);
}

BOOST_AUTO_TEST_CASE(a_shutdown_actor_that_keeps_dying_drains_the_node_in_its_last_life) {
  auto settings = two_shards();
  settings.supervision.max_restarts = 1;
  fake_node node{settings};
  node.connect(0, "/echo");
  node.kill(node.peers().shutdown);
  BOOST_TEST(!node.ledger);
  node.kill(node.peers().shutdown);
  BOOST_TEST(node.context().given_up == "shutdown");
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->unaccounted() == 0);
  BOOST_TEST(node.broken.empty());
}

BOOST_AUTO_TEST_CASE(without_any_shutdown_actor_the_node_is_broken) {
  auto settings = two_shards();
  settings.supervision.max_restarts = 0;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  c.socket.peer = manners::silent;
  node.kill(node.peers().shutdown);
  BOOST_TEST(node.broken.empty());
  node.make_throw("shutdown", "no more");
  BOOST_TEST(node.broken == "the shutdown actor keeps failing: no more");
}

BOOST_AUTO_TEST_CASE(without_its_supervisor_the_node_drains) {
  fake_node node{two_shards()};
  node.connect(0, "/echo?user=ann");
  node.kill(node.whole->root());
  BOOST_TEST(node.context().given_up == "supervisor");
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->closed_in_slot == 1);
}

BOOST_AUTO_TEST_CASE(a_drain_goes_on_after_the_death_of_shutdown) {
  fake_node node{two_shards()};
  for (int i = 0; i < 600; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  node.advance(500ms);
  node.kill(node.peers().shutdown);
  node.advance(2s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 600);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_CASE(an_actor_that_keeps_dying_ends_the_node_by_a_drain) {
  auto settings = two_shards();
  settings.supervision.max_restarts = 2;
  fake_node node{settings};
  node.connect(0, "/echo");
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(!node.ledger);
    node.kill(node.peers().heartbeats[1]);
  }
  node.advance(5s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->unaccounted() == 0);
  BOOST_TEST(node.broken.empty());
}

BOOST_AUTO_TEST_CASE(a_restarted_pool_member_hears_what_its_predecessor_was_told) {
  auto settings = two_shards();
  settings.shutdown.lb_grace = 1s;
  fake_node node{settings};
  node.connect(0, "/echo").socket.peer = manners::silent; // keeps the drain going
  auto dies_with_its_mail
    = [&] { caf::anon_send_exit(node.peers().members[0], caf::exit_reason::kill); };
  dies_with_its_mail();
  node.tell_shutdown(start_drain{});
  BOOST_TEST(!node.at(0).ready());
  node.advance(1100ms);
  BOOST_TEST(!node.listeners[0].accepting);
  dies_with_its_mail();
  node.tell_shutdown(cancel_drain{});
  BOOST_TEST(node.at(0).ready());
  BOOST_TEST(node.listeners[0].accepting);
  BOOST_TEST(node.at(0).front().accepting());
}

BOOST_AUTO_TEST_CASE(a_heartbeat_that_is_restarted_during_the_force_pings_nobody) {
  auto settings = two_shards();
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  c.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.tell_shutdown(force_drain{});
  node.kill(node.peers().heartbeats[0]);
  BOOST_TEST(!node.ask<heartbeat_status>(node.peers().heartbeats[0], get_heartbeat{}).pinging);
}

BOOST_AUTO_TEST_CASE(stragglers_are_aborted_though_the_one_who_was_to_do_it_has_died) {
  auto settings = two_shards();
  settings.shutdown.force_close_timeout = 2s;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  c.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.tell_shutdown(force_drain{});
  node.advance(1980ms);
  BOOST_TEST(!c.socket.aborted);
  caf::anon_send_exit(node.peers().members[0], caf::exit_reason::kill);
  node.advance(20ms);
  BOOST_TEST(c.socket.aborted);
}

BOOST_AUTO_TEST_CASE(the_ledger_waits_for_receipts_that_were_lost_on_their_way_to_health) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/echo");
  c.socket.peer = manners::silent;
  services without_health;
  without_health.shutdown = node.peers().shutdown;
  without_health.members = node.peers().members;
  node.at(0).set_peers(without_health);
  node.tell_shutdown(start_drain{});
  node.peer_vanishes(c);
  node.advance(200ms);
  BOOST_TEST(!node.ledger);
  node.at(0).set_peers(node.peers());
  node.at(0).send_receipts_again();
  node.advance(200ms);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 1);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_CASE(receipts_that_come_after_the_end_do_no_harm) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/echo");
  c.gone = true;
  node.at(0).ended(c.reply.slot, {});
  node.at(0).turn_ended();
  BOOST_TEST(node.log.count("closed") == 1); // and the node ends with the receipt on its way
}

BOOST_AUTO_TEST_SUITE_END()
