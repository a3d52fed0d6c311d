// The death of any permanent actor loses no connection.
#include "tests/actors/two_shards.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

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

BOOST_AUTO_TEST_CASE(whoever_keeps_the_handles_is_told_of_new_ones) {
  fake_node node{two_shards()};
  std::vector<services> told;
  node.context().on_services = [&](const services& peers) { told.push_back(peers); };
  auto before = node.peers().health;
  node.kill(before);
  BOOST_TEST(told.size() == 1);
  BOOST_TEST((told[0].health != before));
  BOOST_TEST((told[0].health == node.peers().health));
  BOOST_TEST((told[0].members == node.peers().members));
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

BOOST_AUTO_TEST_CASE(a_restart_while_serving_tells_no_client_of_a_drain) {
  fake_node node{two_shards()};
  auto& v1 = node.connect(0, "/echo", "holdfast.v1");
  auto texts = v1.socket.texts;
  node.kill(node.peers().members[0]);
  BOOST_TEST(v1.socket.texts == texts);
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

BOOST_AUTO_TEST_SUITE_END()
