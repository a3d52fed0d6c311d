// The death of any permanent actor loses no connection.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

node_settings two_shards() {
  auto settings = test_settings();
  settings.shards = 2;
  settings.admission.max_connections_per_user = 2;
  return settings;
}

actor_view look(fake_node& node, const std::string& name) {
  auto views = node.ask<std::vector<actor_view>>(node.peers().inspector, list_actors{});
  auto found
    = std::find_if(views.begin(), views.end(), [&](const actor_view& v) { return v.name == name; });
  return found == views.end() ? actor_view{} : *found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(supervisor)

BOOST_AUTO_TEST_CASE(the_inspector_lists_every_permanent_actor_with_its_parent) {
  fake_node node{two_shards()};
  node.connect(0, "/echo?user=ann");
  auto views = node.ask<std::vector<actor_view>>(node.peers().inspector, list_actors{});
  BOOST_TEST(views.size() == 11);
  for (auto& v : views)
    BOOST_TEST_CONTEXT(v.name) {
      BOOST_TEST(v.alive);
      BOOST_TEST(!v.parent.empty());
      BOOST_TEST(v.last_failure.empty());
    }
  node.advance(2s);
  BOOST_TEST(look(node, "pool").messages > 0);
  BOOST_TEST(look(node, "pool/1").parent == "pool");
  BOOST_TEST((look(node, "health").uptime >= 2s));
}

BOOST_AUTO_TEST_CASE(a_killed_pool_member_comes_back_with_right_counts) {
  fake_node node{two_shards()};
  for (const char* user : {"ann", "bob", "cid", "dan"})
    for (std::size_t shard : {0u, 1u})
      node.connect(shard, std::string{"/echo?user="} + user);
  for (std::size_t shard : {0u, 1u}) {
    node.kill(node.peers().members[shard]);
    BOOST_TEST(node.open() == 8);
    BOOST_TEST(look(node, "pool/" + std::to_string(shard)).restarts == 1);
    for (const char* user : {"ann", "bob", "cid", "dan"})
      BOOST_TEST((node.connect(shard, std::string{"/echo?user="} + user).socket.sent_code
                  == close_code::user_limit));
  }
  node.peer_closes(*node.clients[0]);
  BOOST_TEST(!node.connect(1, "/echo?user=ann").socket.closing);
  BOOST_TEST(node.open() == 8);
}

BOOST_AUTO_TEST_CASE(a_snapshot_goes_to_whoever_asked_for_it) {
  // A restarted member may ask a shard that has not heard of it yet.
  fake_node node{two_shards()};
  node.connect(0, "/echo?user=ann");
  std::size_t entries = 0;
  auto asker = spawn_on(node.context().unit, probe_ptr{},
                        [&](caf::event_based_actor* self) -> caf::behavior {
                          for (shard_index member : {0, 1})
                            self->send(node.peers().members[0], snapshot_wanted{member});
                          return {[&](const snapshot_given& x) { entries += x.entries.size(); }};
                        });
  node.run();
  BOOST_TEST(entries == 1);
}

BOOST_AUTO_TEST_CASE(who_gets_no_verdict_is_told_to_try_later) {
  fake_node node{two_shards()};
  auto deaf = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor*) {
    return caf::behavior{[](const verdicts_wanted&) {}, [](const users_left&) {}};
  });
  auto broken = node.peers();
  for (auto& member : broken.members)
    member = caf::actor_cast<pool_member_actor>(deaf);
  node.at(0).set_peers(broken);
  std::vector<client*> waiting;
  for (int i = 0; i < 8; ++i)
    waiting.push_back(&node.connect(0, "/echo?user=u" + std::to_string(i)));
  node.advance(7s);
  int refused = 0;
  for (auto* c : waiting)
    refused += c->socket.sent_code == close_code::try_again_later ? 1 : 0;
  BOOST_TEST(refused > 0);
  for (auto* c : waiting)
    BOOST_TEST((c->gone || !c->socket.paused));
  node.at(0).set_peers(node.peers());
}

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

BOOST_AUTO_TEST_CASE(a_restart_while_serving_tells_no_client_of_a_drain) {
  fake_node node{two_shards()};
  auto& v1 = node.connect(0, "/echo", "holdfast.v1");
  auto texts = v1.socket.texts;
  node.kill(node.peers().members[0]);
  BOOST_TEST(v1.socket.texts == texts);
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

BOOST_AUTO_TEST_CASE(every_permanent_actor_may_throw_and_its_failure_can_be_read) {
  fake_node node{two_shards()};
  auto& a = node.connect(0, "/echo?user=ann");
  auto& b = node.connect(1, "/echo?user=ann");
  std::vector<std::string> names;
  for (auto& [name, registration] : node.context().registry)
    names.push_back(name);
  for (auto& name : names)
    BOOST_TEST_CONTEXT(name) {
      node.make_throw(name, "thrown in " + name);
      auto seen = look(node, name);
      BOOST_TEST(seen.alive);
      BOOST_TEST(seen.restarts == 1);
      BOOST_TEST(seen.last_failure == "thrown in " + name);
      BOOST_TEST(node.open() == 2);
      node.text(a, name);
      node.text(b, name);
      BOOST_TEST(a.socket.texts.back() == name);
      BOOST_TEST(b.socket.texts.back() == name);
      BOOST_TEST((node.connect(0, "/echo?user=ann").socket.sent_code == close_code::user_limit));
    }
}

BOOST_AUTO_TEST_CASE(a_kill_is_a_failure_that_can_be_read_also_after_an_exception) {
  fake_node node{two_shards()};
  node.make_throw("router", "thrown");
  node.kill(node.peers().router);
  auto seen = look(node, "router");
  BOOST_TEST(seen.restarts == 2);
  BOOST_TEST(seen.last_failure.find("kill") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_changed_user_limit_holds_from_the_next_verdict_on) {
  fake_node node{two_shards()};
  node.connect(0, "/echo?user=ann");
  node.context().total.set_per_user(1);
  BOOST_TEST((node.connect(1, "/echo?user=ann").socket.sent_code == close_code::user_limit));
  node.kill(node.peers().members[0]);
  node.kill(node.peers().members[1]);
  BOOST_TEST((node.connect(1, "/echo?user=ann").socket.sent_code == close_code::user_limit));
  node.context().total.set_per_user(0);
  BOOST_TEST(!node.connect(0, "/echo?user=ann").socket.closing);
}

BOOST_AUTO_TEST_CASE(who_ends_while_the_pool_member_is_dead_is_released_afterwards) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/echo?user=ann");
  caf::anon_send_exit(node.peers().members[0], caf::exit_reason::kill);
  node.peer_vanishes(c);
  BOOST_TEST(node.open() == 0);
  BOOST_TEST(node.receipts().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_killed_heartbeat_watches_everyone_again) {
  auto settings = two_shards();
  settings.heartbeat.ping_interval = 5s;
  settings.heartbeat.pong_timeout = 1s;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo");
  node.kill(node.peers().heartbeats[0]);
  BOOST_TEST(node.open() == 1);
  node.advance(6s);
  BOOST_TEST(!c.socket.pings.empty());
}

BOOST_AUTO_TEST_CASE(a_killed_router_learns_its_groups_again) {
  fake_node node{two_shards()};
  auto& a = node.connect(0, "/broadcast");
  auto& b = node.connect(1, "/broadcast");
  node.kill(node.peers().router);
  node.text(a, "one");
  BOOST_TEST(b.socket.texts.back() == "one");
  node.kill(node.peers().router_members[1]);
  node.text(a, "two");
  BOOST_TEST(b.socket.texts.back() == "two");
}

BOOST_AUTO_TEST_CASE(receipts_survive_the_death_of_health) {
  fake_node node{two_shards()};
  node.peer_closes(node.connect(0, "/echo"));
  node.kill(node.peers().health);
  node.peer_closes(node.connect(1, "/echo"));
  BOOST_TEST(node.receipts().size() == 2);
}

BOOST_AUTO_TEST_CASE(a_receipt_on_its_way_to_a_dead_health_arrives_at_the_next_one_and_once) {
  fake_node node{two_shards()};
  auto& c = node.connect(0, "/echo?user=ann");
  node.peer_closes(node.connect(0, "/echo?user=bob"));
  caf::anon_send_exit(node.peers().health, caf::exit_reason::kill);
  node.peer_vanishes(c); // its receipt goes to an actor that is about to die
  BOOST_TEST(node.receipts("ann").size() == 1);
  node.kill(node.peers().health);
  BOOST_TEST(node.receipts().size() == 2);
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
