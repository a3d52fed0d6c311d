// Actors that are spawned and stopped while the node runs.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;

namespace {

using outcome = actor_answer::outcome;

/// Fails when it is told to.
actor_type fragile() {
  return {[](const texts&) -> actor_start {
            return [](caf::event_based_actor* self, actor_context& around) -> caf::behavior {
              around.show("state", "well");
              return {
                [](const std::string& text) { throw std::runtime_error{text}; },
                [self](int) { self->quit(); },
              };
            };
          },
          "fails when told to",
          {}};
}

struct with_actors {
  with_actors() : node{test_settings(), built_in_handlers(), types()} {}

  static actor_registry types() {
    auto result = built_in_actors();
    result["fragile"] = fragile();
    result["thrower"] = {[](const texts&) -> actor_start { throw std::string{"a text"}; }, "", {}};
    result["nothing"] = {[](const texts&) -> actor_start { return {}; }, "", {}};
    return result;
  }

  actor_answer spawn(std::string type, std::string name, named_texts arguments = {}) {
    return node.ask<actor_answer>(
      node.peers().supervisor,
      spawn_actor_request{std::move(type), std::move(name), std::move(arguments)});
  }

  actor_answer stop(std::string name) {
    return node.ask<actor_answer>(node.peers().supervisor, stop_actor_request{std::move(name)});
  }

  bool known(const std::string& name) { return node.context().registry.count(name) == 1; }

  caf::actor find(const std::string& name) {
    return caf::actor_cast<caf::actor>(node.context().registry.at(name).address);
  }

  fake_node node;
};

} // namespace

BOOST_AUTO_TEST_SUITE(custom_actor)

BOOST_AUTO_TEST_CASE(a_ticker_publishes_until_it_is_stopped) {
  with_actors x;
  auto& c = x.node.connect(0, "/?topic=time");
  BOOST_TEST(
    (x.spawn("ticker", "clock", {{"topic", "time"}, {"ms", "1000"}}).result == outcome::done));
  x.node.advance(std::chrono::milliseconds{3500});
  BOOST_TEST(c.socket.texts.size() == 3);
  BOOST_TEST((x.stop("clock").result == outcome::done));
  BOOST_TEST(!x.known("clock"));
  x.node.advance(std::chrono::seconds{3});
  BOOST_TEST(c.socket.texts.size() == 3);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_request_is_said) {
  with_actors x;
  auto wrong = [&](const actor_answer& answer, outcome result, const std::string& part) {
    BOOST_TEST((answer.result == result));
    BOOST_TEST(answer.text.find(part) != std::string::npos, answer.text);
  };
  wrong(x.spawn("clock", "a"), outcome::invalid, "there are fragile, nothing, thrower, ticker");
  wrong(x.spawn("ticker", "a b"), outcome::invalid, "letters, digits");
  wrong(x.spawn("ticker", "a", {{"tpoic", "x"}}), outcome::invalid, "it takes topic, text, ms");
  wrong(x.spawn("ticker", "a", {{"topic", "x"}, {"ms", "5"}}), outcome::invalid, "from 10");
  wrong(x.spawn("ticker", "a"), outcome::invalid, "topic is what to publish to");
  wrong(x.spawn("fragile", "pool"), outcome::taken, "pool already");
  wrong(x.stop("a"), outcome::unknown, "there is no actor a");
  wrong(x.stop("pool/0"), outcome::not_yours, "not stopped");
  BOOST_TEST((x.spawn("fragile", "a").result == outcome::done));
  wrong(x.spawn("fragile", "a"), outcome::taken, "a already");
}

BOOST_AUTO_TEST_CASE(a_type_that_makes_none_is_said_and_harms_nobody) {
  with_actors x;
  BOOST_TEST(x.spawn("thrower", "a").text == "a text");
  BOOST_TEST(x.spawn("nothing", "a").text.find("has made nothing") != std::string::npos);
  BOOST_TEST((x.spawn("fragile", "a").result == outcome::done));
}

BOOST_AUTO_TEST_CASE(the_router_does_not_begin_anew_with_one_that_fails) {
  with_actors x;
  auto announced = [&] { return x.node.context().registry.at("router").probe->read().messages; };
  x.spawn("fragile", "a");
  auto before = announced();
  caf::anon_send(x.find("a"), std::string{"ouch"});
  x.node.run();
  BOOST_TEST(x.node.context().registry.at("a").probe->read().restarts == 1);
  BOOST_TEST(announced() == before);
}

BOOST_AUTO_TEST_CASE(one_that_fails_is_made_anew_as_often_as_the_supervisor_allows) {
  with_actors x;
  x.spawn("fragile", "a");
  for (int i = 0; i < 5; ++i) {
    caf::anon_send(x.find("a"), std::string{"ouch"});
    x.node.run();
  }
  auto probe = x.node.context().registry.at("a").probe;
  BOOST_TEST(probe->read().restarts == 5);
  BOOST_TEST(probe->read().last_failure == "ouch");
  caf::anon_send(x.find("a"), std::string{"again"});
  x.node.run();
  BOOST_TEST(x.node.log.count("actor_given_up") == 1);
  x.node.advance(std::chrono::seconds{60});
  BOOST_TEST(!x.node.ledger.has_value());                        // it is no part of the node
  BOOST_TEST((x.spawn("fragile", "a").result == outcome::done)); // its name is free again
  BOOST_TEST(x.node.context().registry.at("a").probe->read().restarts == 0);
}

BOOST_AUTO_TEST_CASE(one_may_end_by_itself) {
  with_actors x;
  x.spawn("fragile", "a");
  caf::anon_send(x.find("a"), 1);
  x.node.run();
  BOOST_TEST(!x.known("a"));
  BOOST_TEST(x.node.log.count("actor_ended") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
