#include "app/reload.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

config loaded(const std::vector<std::string>& sets, const std::vector<std::string>& listens = {}) {
  config_sources sources;
  sources.sets = sets;
  sources.listens = listens;
  sources.handlers = {"echo", "broadcast", "topics"};
  auto result = load_config(sources);
  BOOST_REQUIRE_MESSAGE(result.ok(), render_errors(result));
  return result.config;
}

std::string described(const std::vector<config_change>& changes) {
  std::string text;
  for (auto& change : changes)
    text += change.key + (change.live ? " live; " : " restart; ");
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(reload)

BOOST_AUTO_TEST_CASE(the_same_configuration_changes_nothing) {
  BOOST_TEST(changes(loaded({}), loaded({})).empty());
}

BOOST_AUTO_TEST_CASE(each_change_is_named_with_whether_it_takes_effect) {
  auto wanted = loaded({"pool.max_connections_per_user=7", "heartbeat.ping_interval=20s",
                        "node.log_level=debug", "pool.max_total_connections=50", "pool.reserve=5"},
                       {"127.0.0.1:9"});
  BOOST_TEST(described(changes(loaded({}), wanted))
             == "node.log_level live; pool.max_connections_per_user live; "
                "pool.max_total_connections live; pool.reserve live; "
                "heartbeat.ping_interval restart; listen restart; ");
}

BOOST_AUTO_TEST_CASE(keys_of_tokens_are_live_and_who_is_asked_is_not) {
  auto running = loaded({"auth.mode=jwt", "auth.jwt.key_file=/old.pem"});
  auto wanted = loaded({"auth.mode=jwt", "auth.jwt.key_file=/keys.pem", "auth.jwt.issuer=i",
                        "auth.priority_claim=vip", "auth.header=X-User"});
  BOOST_TEST(described(changes(running, wanted))
             == "auth.priority_claim live; auth.header restart; auth.jwt.key_file live; "
                "auth.jwt.issuer live; ");
  take_live(running, wanted);
  BOOST_TEST(running.auth.key_file == "/keys.pem");
  BOOST_TEST(running.auth.priority_claim == "vip");
  BOOST_TEST(running.auth.header == "X-Forwarded-User");
}

BOOST_AUTO_TEST_CASE(another_mode_leaves_all_that_belongs_to_it_to_the_restart) {
  auto running = loaded({"auth.mode=jwt", "auth.jwt.key_file=/keys.pem"});
  auto wanted = loaded({"pool.reserve=5"});
  BOOST_TEST(described(changes(running, wanted))
             == "pool.reserve live; auth.mode restart; auth.jwt.key_file restart; ");
  take_live(running, wanted);
  BOOST_TEST((running.auth.mode == auth_mode::jwt));
  BOOST_TEST(running.auth.key_file == "/keys.pem");
  BOOST_TEST(running.node.reserve == 5u);
}

BOOST_AUTO_TEST_CASE(changed_proxies_are_named) {
  auto wanted = loaded({});
  wanted.node.gate.trusted_proxies.push_back(*parse_cidr_block("10.0.0.0/8"));
  BOOST_TEST(described(changes(loaded({}), wanted)) == "listen restart; ");
}

BOOST_AUTO_TEST_CASE(a_changed_route_is_named) {
  auto wanted = loaded({});
  wanted.node.routes[0].options["mark"] = "!";
  BOOST_TEST(described(changes(loaded({}), wanted)) == "route restart; ");
}

BOOST_AUTO_TEST_CASE(what_is_live_is_taken_over_and_the_rest_stays) {
  auto running = loaded({});
  auto wanted = loaded({"pool.max_connections_per_user=7", "heartbeat.ping_interval=20s",
                        "node.log_level=debug", "pool.max_total_connections=50", "pool.reserve=5"});
  take_live(running, wanted);
  BOOST_TEST(described(changes(running, wanted)) == "heartbeat.ping_interval restart; ");
}

BOOST_AUTO_TEST_SUITE_END()
