// One actor by its name, with its published state.
#include "actors/actor_look.hpp"
#include "tests/actors/two_shards.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

actor_look look_up(fake_node& node, const services& peers, const std::string& name,
                   duration patience = {}) {
  std::optional<actor_look> seen;
  unsigned calls = 0;
  look_at_actor(node.context().unit, peers, name, [&](const actor_look& x) {
    seen = x;
    ++calls;
  });
  node.run();
  node.advance(patience);
  BOOST_TEST(calls == 1);
  return seen.value_or(actor_look{});
}

actor_look look_up(fake_node& node, const std::string& name) {
  return look_up(node, node.peers(), name);
}

std::string text(const actor_look& x, const std::string& field) {
  for (auto& each : x.state)
    if (each.name == field) {
      auto* number = std::get_if<std::int64_t>(&each.value);
      return number ? std::to_string(*number) : std::get<std::string>(each.value);
    }
  return "(none)";
}

} // namespace

BOOST_AUTO_TEST_SUITE(looking_at_actors)

BOOST_AUTO_TEST_CASE(every_permanent_actor_is_found_and_says_how_it_stands) {
  fake_node node{two_shards()};
  node.connect(1, "/broadcast?user=ann");
  node.peer_closes(node.connect(1, "/echo"));
  for (auto& [name, registration] : node.context().registry)
    BOOST_TEST_CONTEXT(name) {
      auto seen = look_up(node, name);
      BOOST_REQUIRE(seen.view);
      BOOST_TEST(seen.view->name == name);
      BOOST_TEST(seen.silent.empty());
      bool publishes = seen.view->kind != "inspector" && seen.view->kind != "router_member";
      BOOST_TEST(!seen.state.empty() == publishes);
    }
  BOOST_TEST(text(look_up(node, "pool"), "connections") == "1");
  BOOST_TEST(text(look_up(node, "pool/1"), "open") == "1");
  BOOST_TEST(text(look_up(node, "pool/0"), "open") == "0");
  BOOST_TEST(text(look_up(node, "heartbeat/1"), "watched") == "1");
  BOOST_TEST(text(look_up(node, "shutdown"), "phase") == "serving");
  BOOST_TEST(text(look_up(node, "health"), "closed_peer_closed") == "1");
  BOOST_TEST(text(look_up(node, "router"), "groups") == "1");
}

BOOST_AUTO_TEST_CASE(a_connection_is_an_actor_that_can_be_looked_at) {
  fake_node node{two_shards()};
  auto& c = node.connect(1, "/echo?user=ann");
  node.text(c, "hello");
  auto id = node.at(1).slots()[c.reply.slot].actor->id();
  auto seen = look_up(node, "connection/" + to_string(id));
  BOOST_REQUIRE(seen.view);
  BOOST_TEST(seen.view->kind == "connection");
  BOOST_TEST(seen.view->parent == "pool/1");
  BOOST_TEST(text(seen, "user") == "ann");
  BOOST_TEST(text(seen, "state") == "open");
  BOOST_TEST(text(seen, "messages_in") == "1");
}

BOOST_AUTO_TEST_CASE(who_is_not_there_is_not_found) {
  fake_node node{two_shards()};
  auto& c = node.connect(1, "/echo");
  auto id = node.at(1).slots()[c.reply.slot].actor->id();
  node.peer_vanishes(c);
  auto elsewhere = connection_id{id.node, 0x1ff}; // on a shard that there is not
  for (auto& name :
       {std::string{"pool/7"}, std::string{"nobody"}, std::string{}, "connection/" + to_string(id),
        "connection/" + to_string(elsewhere), std::string{"connection/x"}})
    BOOST_TEST_CONTEXT(name) {
      auto seen = look_up(node, name);
      BOOST_TEST(!seen.view);
      BOOST_TEST(seen.silent.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_silent_actor_is_shown_without_its_state_and_named) {
  fake_node node{two_shards()};
  auto deaf = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor* self) {
    return caf::behavior{
      [self](get_heartbeat) { return self->make_response_promise<heartbeat_status>(); }};
  });
  auto peers = node.peers();
  peers.heartbeats[1] = caf::actor_cast<heartbeat_actor>(deaf);
  auto seen = look_up(node, peers, "heartbeat/1", 1100ms);
  BOOST_TEST(seen.view.has_value());
  BOOST_TEST(seen.state.empty());
  BOOST_TEST(seen.silent == std::vector<std::string>{"heartbeat/1"},
             boost::test_tools::per_element());
  caf::anon_send_exit(deaf, caf::exit_reason::user_shutdown);
  node.run();
}

BOOST_AUTO_TEST_SUITE_END()
