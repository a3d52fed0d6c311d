// What is pushed to clients, and actors spawned, by the admin API, over a whole node in virtual
// time.
#include "app/admin/api/endpoints.hpp"
#include "tests/app/admin/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace holdfast::admin;
using namespace holdfast::admin::test;
using namespace std::chrono_literals;

namespace {

std::vector<endpoint> both_rooms(api_context& node) {
  auto all = message_endpoints(node);
  for (auto& each : actor_endpoints(node))
    all.push_back(std::move(each));
  return all;
}

struct node_with_clients : api_node {
  node_with_clients() : api_node{two_shards(), both_rooms} {}

  static node_settings two_shards() {
    auto settings = test_settings();
    settings.shards = 2;
    return settings;
  }

  client& ann0 = node.connect(0, "/echo?user=ann");
  client& ann1 = node.connect(1, "/echo?user=ann", "holdfast.v1");
  client& bob = node.connect(1, "/?user=bob&topic=news");

  std::string id_of(const client& c) {
    return to_string(node.at(c.shard).slots()[c.reply.slot].actor->id());
  }

  static std::string last(const client& c) {
    return c.socket.texts.empty() ? "" : c.socket.texts.back();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_messages, node_with_clients)

BOOST_AUTO_TEST_CASE(a_user_is_reached_wherever_he_is) {
  auto sent = ask("POST", "/v1/send", R"({"user":"ann","data":{"n":1}})");
  BOOST_TEST(sent->status == 200);
  BOOST_TEST(sent->body()["reached"] == 2);
  BOOST_TEST(last(ann0) == R"({"n":1})");
  BOOST_TEST(last(ann1) == R"({"type":"message","data":{"n":1}})");
  BOOST_TEST(last(bob).empty());
  BOOST_TEST(ask("POST", "/v1/send", R"({"user":"nobody","text":"x"})")->body()["reached"] == 0);
}

BOOST_AUTO_TEST_CASE(so_is_a_connection_and_everyone) {
  auto sent = ask("POST", "/v1/send", R"({"id":")" + id_of(bob) + R"(","text":"psst"})");
  BOOST_TEST(sent->body()["reached"] == 1);
  BOOST_TEST(last(bob) == "psst");
  BOOST_TEST(last(ann0).empty());
  BOOST_TEST(ask("POST", "/v1/send", R"({"everyone":true,"text":"fire"})")->body()["reached"] == 3);
  BOOST_TEST(last(ann0) == "fire");
  BOOST_TEST(last(bob) == "fire");
}

BOOST_AUTO_TEST_CASE(bytes_come_as_base64) {
  ask("POST", "/v1/send", R"({"user":"bob","base64":"AP/+"})");
  BOOST_REQUIRE(bob.socket.binaries.size() == 1);
  BOOST_TEST(bob.socket.binaries[0] == (std::string{"\x00\xff\xfe", 3}));
  ask("POST", "/v1/send", R"({"user":"bob","base64":"AA=="})");
  BOOST_TEST(bob.socket.binaries.back() == (std::string{"\x00", 1}));
}

BOOST_AUTO_TEST_CASE(a_topic_is_published_to) {
  auto published = ask("POST", "/v1/publish", R"({"topic":"news","text":"rain","from":"desk"})");
  BOOST_TEST(published->body()["published"] == true);
  BOOST_TEST(last(bob) == "rain");
  BOOST_TEST(last(ann0).empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_sends_nothing) {
  for (auto* wrong :
       {R"({})", R"({"user":"ann"})", R"({"text":"x"})", R"({"user":"ann","text":"x","data":1})",
        R"({"user":"ann","everyone":true,"text":"x"})", R"({"user":"","text":"x"})",
        R"({"user":1,"text":"x"})", R"({"user":"ann","text":1})", R"({"id":"x","text":"x"})",
        R"({"user":"ann","base64":"!"})", R"({"usr":"ann","text":"x"})", "[]"}) {
    BOOST_TEST_CONTEXT(wrong) {
      BOOST_TEST(ask("POST", "/v1/send", wrong)->status == 400);
    }
  }
  for (auto* wrong : {R"({"text":"x"})", R"({"topic":"","text":"x"})", R"({"topic":"news"})",
                      R"({"topic":1,"text":"x"})", R"({"topic":"news","text":"x","from":1})"}) {
    BOOST_TEST_CONTEXT(wrong) {
      BOOST_TEST(ask("POST", "/v1/publish", wrong)->status == 400);
    }
  }
  auto long_topic = R"({"text":"x","topic":")" + std::string(257, 't') + "\"}";
  BOOST_TEST(ask("POST", "/v1/publish", long_topic)->status == 400);
  BOOST_TEST(last(ann0).empty());
  BOOST_TEST(last(bob).empty());
}

BOOST_AUTO_TEST_CASE(an_actor_is_spawned_seen_and_stopped) {
  auto spawned = ask("POST", "/v1/actors/spawn",
                     R"({"type":"ticker","name":"clock","arguments":{"topic":"news","ms":"100"}})");
  BOOST_TEST(spawned->status == 200);
  node.advance(250ms);
  BOOST_TEST(bob.socket.texts.size() == 2);
  auto seen = ask("GET", "/v1/actors/clock")->body();
  BOOST_TEST(seen["kind"] == "ticker");
  BOOST_TEST(seen["state"]["published"] == "2");
  BOOST_TEST(
    ask("POST", "/v1/actors/spawn", R"({"type":"ticker","name":"clock","arguments":{"topic":"x"}})")
      ->status
    == 409);
  BOOST_TEST(ask("POST", "/v1/actors/stop", R"({"name":"clock"})")->status == 200);
  BOOST_TEST(ask("GET", "/v1/actors/clock")->status == 404);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_spawned_or_stopped_is_said) {
  for (auto* wrong : {R"({"type":"ticker"})", R"({"name":"a"})", R"({"type":"tickr","name":"a"})",
                      R"({"type":"ticker","name":"a","arguments":[]})",
                      R"({"type":"ticker","name":"a","arguments":{"ms":1}})",
                      R"({"type":"ticker","name":"a","arguments":{}})"}) {
    BOOST_TEST_CONTEXT(wrong) {
      BOOST_TEST(ask("POST", "/v1/actors/spawn", wrong)->status == 400);
    }
  }
  BOOST_TEST(ask("POST", "/v1/actors/stop", R"({"name":"nobody"})")->status == 404);
  BOOST_TEST(ask("POST", "/v1/actors/stop", R"({"name":"pool"})")->status == 409);
  BOOST_TEST(ask("POST", "/v1/actors/stop", "{}")->status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
