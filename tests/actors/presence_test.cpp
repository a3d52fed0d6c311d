// Who is in a topic, across shards and restarts.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::test;

namespace {

struct two_rooms {
  two_rooms() : node{settings()} {}

  static node_settings settings() {
    auto x = test_settings();
    x.shards = 2;
    route_config route;
    route.path = "/rooms";
    route.handler = "topics";
    route.options["presence"] = "true";
    x.routes.push_back(route);
    return x;
  }

  client& enter(std::size_t shard, const std::string& user) {
    auto& c = node.connect(shard, "/rooms?user=" + user, "holdfast.v1");
    node.text(c, R"({"type":"subscribe","topic":"tea","presence":true})");
    return c;
  }

  static std::string last(const client& c) { return c.socket.texts.back(); }

  static std::string all(const std::string& users, int count) {
    return R"({"type":"presence","topic":"tea","users":[)" + users + R"(],"count":)"
           + std::to_string(count) + "}";
  }

  static std::string came(const std::string& user) {
    return R"({"type":"presence","topic":"tea","came":")" + user + "\"}";
  }

  static std::string left(const std::string& user) {
    return R"({"type":"presence","topic":"tea","left":")" + user + "\"}";
  }

  fake_node node;
};

} // namespace

BOOST_AUTO_TEST_SUITE(presence_of_users)

BOOST_AUTO_TEST_CASE(who_comes_is_told_who_is_there_and_the_others_that_he_came) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  BOOST_TEST(x.last(ann) == x.all(R"("ann")", 1));
  auto& bob = x.enter(1, "bob");
  BOOST_TEST(x.last(ann) == x.came("bob"));
  BOOST_TEST(x.last(bob) == x.all(R"("ann","bob")", 2));
}

BOOST_AUTO_TEST_CASE(nobody_is_told_that_he_came_himself) {
  two_rooms x;
  x.enter(0, "ann");
  auto& bob = x.enter(1, "bob");
  auto& texts = bob.socket.texts;
  BOOST_TEST(std::count(texts.begin(), texts.end(), x.came("bob")) == 0);
  BOOST_TEST(std::count(texts.begin(), texts.end(), x.all(R"("ann","bob")", 2)) == 1);
}

BOOST_AUTO_TEST_CASE(a_user_leaves_with_his_last_connection_however_it_ends) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  auto& bob0 = x.enter(0, "bob");
  auto& bob1 = x.enter(1, "bob");
  x.node.peer_vanishes(bob0);
  BOOST_TEST(x.last(ann) == x.came("bob"));
  x.node.peer_closes(bob1);
  BOOST_TEST(x.last(ann) == x.left("bob"));
}

BOOST_AUTO_TEST_CASE(who_unsubscribes_is_gone_and_hears_no_more) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  auto& bob = x.enter(1, "bob");
  x.node.text(bob, R"({"type":"unsubscribe","topic":"tea"})");
  BOOST_TEST(x.last(ann) == x.left("bob"));
  auto heard = bob.socket.texts.size();
  x.enter(1, "cat");
  BOOST_TEST(bob.socket.texts.size() == heard);
}

BOOST_AUTO_TEST_CASE(who_only_subscribes_is_neither_told_nor_seen) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  auto& bob = x.node.connect(1, "/rooms?user=bob", "holdfast.v1");
  x.node.text(bob, R"({"type":"subscribe","topic":"tea","id":1})");
  BOOST_TEST(x.last(ann) == x.all(R"("ann")", 1));
  BOOST_TEST(x.last(bob) == R"({"type":"ack","id":1})");
}

BOOST_AUTO_TEST_CASE(a_plain_client_asks_in_its_query) {
  two_rooms x;
  auto& ann = x.node.connect(0, "/rooms?user=ann&topic=tea&presence=true");
  BOOST_TEST(x.last(ann) == x.all(R"("ann")", 1));
}

BOOST_AUTO_TEST_CASE(a_route_without_presence_refuses_it) {
  two_rooms x;
  auto& ann = x.node.connect(0, "/?user=ann", "holdfast.v1");
  x.node.text(ann, R"({"type":"subscribe","topic":"tea","presence":true,"id":1})");
  BOOST_TEST(x.last(ann).find("no_presence") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_has_left_while_the_router_was_away_is_no_ghost) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  auto& bob = x.enter(1, "bob");
  caf::anon_send_exit(x.node.peers().router, caf::exit_reason::kill);
  x.node.at(1).ended(bob.reply.slot, {});
  bob.gone = true;
  x.node.run();
  BOOST_TEST(x.last(ann) == x.all(R"("ann")", 1));
  auto& cat = x.enter(1, "cat");
  BOOST_TEST(x.last(cat) == x.all(R"("ann","cat")", 2));
  BOOST_TEST(x.last(ann) == x.came("cat"));
}

BOOST_AUTO_TEST_CASE(who_has_no_name_is_told_that_all_have_left_while_the_router_was_away) {
  two_rooms x;
  auto& nobody = x.enter(0, "");
  auto& bob = x.enter(1, "bob");
  BOOST_TEST(x.last(nobody) == x.came("bob"));
  caf::anon_send_exit(x.node.peers().router, caf::exit_reason::kill);
  x.node.at(1).ended(bob.reply.slot, {});
  bob.gone = true;
  x.node.run();
  BOOST_TEST(x.last(nobody) == x.all("", 0));
}

BOOST_AUTO_TEST_CASE(nor_is_who_has_left_while_his_shard_s_part_of_the_router_was_away) {
  two_rooms x;
  auto& ann = x.enter(0, "ann");
  auto& bob = x.enter(1, "bob");
  auto& cat = x.enter(1, "cat");
  caf::anon_send_exit(x.node.peers().router_members[1], caf::exit_reason::kill);
  x.node.at(1).ended(bob.reply.slot, {});
  bob.gone = true;
  x.node.run();
  auto& heard = ann.socket.texts;
  BOOST_TEST(std::count(heard.begin(), heard.end(), x.left("bob")) == 1);
  BOOST_TEST(x.last(ann) == x.all(R"("ann","cat")", 2));
  BOOST_TEST(x.last(cat) == x.all(R"("ann","cat")", 2));
  x.node.peer_vanishes(cat);
  BOOST_TEST(x.last(ann) == x.left("cat"));
}

BOOST_AUTO_TEST_SUITE_END()
