#include "app/config_keys.hpp"
#include "app/nearest.hpp"
#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;

BOOST_AUTO_TEST_SUITE(config_keys_and_names)

BOOST_AUTO_TEST_CASE(every_key_can_be_shown_and_set_to_what_was_shown) {
  std::set<std::string> names;
  for (const auto& key : config_keys()) {
    BOOST_TEST(names.insert(key.name).second, key.name << " is there twice");
    auto shown = key.show(load_config(no_sources()).config);
    if (shown.front() == '"')
      shown = shown.substr(1, shown.size() - 2);
    auto result = load_sets({key.name + "=" + shown});
    BOOST_TEST(errors_of(result) == "", key.name);
    BOOST_TEST(result.origin(key.name) == "--set");
  }
  BOOST_TEST(names.size() >= 39u);
}

// Two keys that went to the same place would make one of them have no effect.
BOOST_AUTO_TEST_CASE(every_key_sets_its_own_value_and_no_other) {
  auto others = [](const config& c, const config_key& but) {
    std::string text;
    for (const auto& key : config_keys())
      if (key.name != but.name)
        text += key.show(c) + "\n";
    return text;
  };
  for (const auto& key : config_keys()) {
    config before, after;
    for (auto text : {"1", "7", "7s", "70s", "a", "json", "error", "evict_oldest", "http", "mark",
                      "drop_newest", "true", "false", "header", "127.0.0.1:1"}) {
      key.set(after, {config_value::kind::untyped, text});
      if (key.show(after) != key.show(before))
        break;
    }
    auto changed = key.show(after) != key.show(before);
    BOOST_TEST(changed, key.name);
    BOOST_TEST(others(before, key) == others(after, key), key.name);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_key_names_the_one_that_was_meant) {
  BOOST_TEST(unknown_key("pool.max_conections")
             == "unknown key pool.max_conections; did you mean pool.max_connections_per_user?");
  BOOST_TEST(unknown_key("pool.max_conections_per_user")
             == "unknown key pool.max_conections_per_user; "
                "did you mean pool.max_connections_per_user?");
  BOOST_TEST(unknown_key("pool.max_total")
             == "unknown key pool.max_total; did you mean pool.max_total_connections?");
  BOOST_TEST(unknown_key("heartbeet.ping_intervall")
             == "unknown key heartbeet.ping_intervall; did you mean heartbeat.ping_interval?");
  BOOST_TEST(unknown_key("heartbeet") == "unknown key heartbeet; did you mean heartbeat?");
}

BOOST_AUTO_TEST_CASE(a_key_in_the_wrong_table_or_in_none_is_found) {
  BOOST_TEST(unknown_key("heartbeat.connection_timeout")
             == "unknown key heartbeat.connection_timeout; did you mean pool.connection_timeout?");
  BOOST_TEST(unknown_key("reserve") == "unknown key reserve; did you mean pool.reserve?");
}

BOOST_AUTO_TEST_CASE(a_key_of_a_table_in_a_table_is_found) {
  BOOST_TEST(unknown_key("auth.jwt.isuer")
             == "unknown key auth.jwt.isuer; did you mean auth.jwt.issuer?");
  BOOST_TEST(unknown_key("auth.jwt.key")
             == "unknown key auth.jwt.key; did you mean auth.jwt.key_file?");
  BOOST_TEST(unknown_key("auth.issuer")
             == "unknown key auth.issuer; did you mean auth.jwt.issuer?");
  BOOST_TEST(unknown_key("jwt.audience")
             == "unknown key jwt.audience; did you mean auth.jwt.audience?");
  BOOST_TEST(unknown_key("auth.jtw.keyfile")
             == "unknown key auth.jtw.keyfile; did you mean auth.jwt.key_file?");
  BOOST_TEST(unknown_key("auth.jwt.zzzzzz")
             == "unknown key auth.jwt.zzzzzz; auth.jwt has key_file, jwks_file, issuer, audience, "
                "leeway");
  BOOST_TEST(unknown_key("auth.priority")
             == "unknown key auth.priority; did you mean auth.priority_claim?");
}

BOOST_AUTO_TEST_CASE(where_nothing_is_near_the_names_are_listed) {
  BOOST_TEST(unknown_key("supervisor.zzzzzz")
             == "unknown key supervisor.zzzzzz; supervisor has max_restarts, within");
  BOOST_TEST(contains(unknown_key("zzzzzzzz"), "there are the tables node, listen, route, pool"));
}

BOOST_AUTO_TEST_CASE(what_is_designed_and_not_there_is_told_apart_from_what_is_unknown) {
  for (auto key : {"cluster.seeds", "limits.max_message_rate"}) {
    auto text = errors_of(load_sets({std::string{key} + "=1"}));
    BOOST_TEST(contains(text, std::string{key} + " is not in this release"), text);
  }
  BOOST_TEST(!in_a_later_release("clusters.seeds"));
  BOOST_TEST(!in_a_later_release("auth.mode"));
  BOOST_TEST(!in_a_later_release("listen.trusted_proxies"));
}

BOOST_AUTO_TEST_CASE(swapped_neighbours_are_one_edit) {
  BOOST_TEST(edit_distance("", "") == 0u);
  BOOST_TEST(edit_distance("", "abc") == 3u);
  BOOST_TEST(edit_distance("abc", "") == 3u);
  BOOST_TEST(edit_distance("serve", "SERVE") == 0u);
  BOOST_TEST(edit_distance("sevre", "serve") == 1u);
  BOOST_TEST(edit_distance("srve", "serve") == 1u);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
}

BOOST_AUTO_TEST_CASE(nothing_is_near_a_word_that_shares_nothing) {
  BOOST_TEST(nearest("dance", {"serve", "config"}) == "");
  BOOST_TEST(nearest("x", {"a"}) == "");
  BOOST_TEST(nearest("serve", {}) == "");
  BOOST_TEST(nearest("shwo", {"check", "show"}) == "show");
}

BOOST_AUTO_TEST_SUITE_END()
