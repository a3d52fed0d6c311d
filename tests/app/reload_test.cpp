#include "app/auth/make_authenticator.hpp"
#include "app/config_keys.hpp"
#include "app/reload.hpp"
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <unistd.h>

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

using names = std::vector<std::string>;

/// A node whose sources can be changed, as SIGHUP finds them.
struct reloading_node {
  reload_result reload_with(names sets) {
    sources.sets = std::move(sets);
    return reloader_.reload();
  }

  static config begun_with(const config_sources& from) { return load_config(from).config; }

  static config_sources with_handlers() {
    config_sources sources;
    sources.handlers = {"echo", "broadcast", "topics"};
    return sources;
  }

  config_sources sources = with_handlers();
  test::fake_node node{test::test_settings()};
  log_writer writer{-1, log_format::text, log_level::info};
  auth::replaceable_authenticator authentication{auth::make_authenticator({}).made};
  reloader reloader_{begun_with(sources), sources, node.context(), node.log, writer,
                     authentication};
};

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

BOOST_AUTO_TEST_CASE(what_is_marked_live_is_what_a_reload_takes_over) {
  for (const auto& key : config_keys()) {
    auto running = loaded({});
    auto wanted = running;
    for (auto text : {"1", "7", "7s", "70s", "a", "json", "error", "evict_oldest", "http", "mark",
                      "drop_newest", "true", "false", "127.0.0.1:1"}) {
      // Another mode would leave all of `auth` as it is.
      if (key.name != "auth.mode" && key.set(wanted, {config_value::kind::untyped, text})
          && key.show(wanted) != key.show(running))
        break;
    }
    if (key.name == "auth.mode")
      wanted.auth.mode = auth_mode::header;
    BOOST_TEST(key.show(wanted) != key.show(running), key.name);
    take_live(running, wanted);
    BOOST_TEST((key.show(wanted) == key.show(running)) == key.live, key.name);
  }
}

BOOST_AUTO_TEST_CASE(thresholds_of_alerts_are_live) {
  auto running = loaded({});
  auto wanted = loaded({"alerts.zombie_ratio=0.1", "alerts.window=10m"});
  BOOST_TEST(described(changes(running, wanted))
             == "alerts.zombie_ratio live; alerts.window live; ");
  take_live(running, wanted);
  BOOST_TEST(running.node.alerts.zombie_ratio == 0.1);
  BOOST_TEST((running.node.alerts.window == std::chrono::minutes{10}));
}

BOOST_AUTO_TEST_CASE(keys_of_admin_wait_for_a_restart) {
  auto wanted = loaded(
    {"admin.listen=127.0.0.1:9", "admin.token_file=/t", "admin.hosts=a", "admin.socket=/s"});
  BOOST_TEST(described(changes(loaded({}), wanted))
             == "admin.socket restart; admin.listen restart; admin.token_file restart; "
                "admin.hosts restart; ");
}

BOOST_FIXTURE_TEST_CASE(a_reload_returns_what_it_took_and_what_it_could_not, reloading_node) {
  auto result = reload_with({"pool.reserve=7", "node.log_level=debug", "node.shards=9"});
  BOOST_TEST(result.ok());
  BOOST_TEST(result.taken == (names{"node.log_level", "pool.reserve"}));
  BOOST_TEST(result.needs_restart == names{"node.shards"});
  BOOST_TEST(result.keys_read == "");
  BOOST_TEST(node.context().total.reserve() == 7u);
  BOOST_TEST(writer.wants(log_level::debug));
  BOOST_TEST(node.log.count("reload_refused") == 1u);
  BOOST_TEST(node.log.events.back().text == "done=yes changed=2 refused=1");
  result = reload_with({"pool.reserve=7", "node.log_level=debug"});
  BOOST_TEST(result.taken == names{});
  BOOST_TEST(result.needs_restart == names{});
}

BOOST_FIXTURE_TEST_CASE(a_reload_with_errors_returns_them_and_takes_nothing, reloading_node) {
  auto result = reload_with({"pool.reserve=7", "pool.reserve=many", "pool.x=1"});
  BOOST_TEST(!result.ok());
  BOOST_TEST(result.errors.size() == 2u);
  BOOST_TEST(result.errors[1].find("--set pool.x=1: unknown key pool.x") == 0u);
  BOOST_TEST(result.taken == names{});
  BOOST_TEST(node.context().total.reserve() == 0u);
  BOOST_TEST(node.log.count("reload_failed") == 2u);
}

BOOST_AUTO_TEST_CASE(a_reload_returns_which_keys_of_tokens_it_has_read) {
  char path[] = "/tmp/holdfast-key-XXXXXX";
  auto descriptor = ::mkstemp(path);
  std::string secret(40, 'a');
  BOOST_REQUIRE_EQUAL(::write(descriptor, secret.data(), secret.size()), 40);
  ::close(descriptor);
  names jwt{"auth.mode=jwt", std::string{"auth.jwt.key_file="} + path};
  reloading_node first;
  first.sources.sets = jwt;
  reloader again{load_config(first.sources).config,
                 first.sources,
                 first.node.context(),
                 first.node.log,
                 first.writer,
                 first.authentication};
  BOOST_TEST(again.reload().keys_read != "");
  ::unlink(path);
  auto result = again.reload();
  BOOST_REQUIRE(result.errors.size() == 1u);
  BOOST_TEST(result.errors[0].find("--set: auth.jwt.key_file: ") == 0u, result.errors[0]);
}

BOOST_AUTO_TEST_SUITE_END()
