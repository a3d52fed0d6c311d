#include "tests/app/config_sources.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr auto proxied = "[[listen]]\naddress = \"127.0.0.1:80\"\ntrusted_proxies = ";

} // namespace

BOOST_AUTO_TEST_SUITE(config_auth)

BOOST_AUTO_TEST_CASE(a_table_in_a_table_is_read) {
  auto result = load_file("[auth]\nmode = \"jwt\"\npriority_claim = \"staff\"\n[auth.jwt]\n"
                          "key_file = \"key.pem\"\nissuer = \"https://login\"\n"
                          "audience = \"chat\"\nleeway = \"5s\"\n");
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  const auto& auth = result.config.auth;
  BOOST_TEST((auth.mode == auth_mode::jwt));
  BOOST_TEST(auth.priority_claim == "staff");
  BOOST_TEST(auth.key_file == "key.pem");
  BOOST_TEST(auth.policy.issuer == "https://login");
  BOOST_TEST(auth.policy.audience == "chat");
  BOOST_TEST((auth.policy.leeway == 5s));
  BOOST_TEST(result.origin("auth.jwt.issuer") == "holdfast.toml:6:1");
}

BOOST_AUTO_TEST_CASE(it_may_be_written_in_any_way_of_toml) {
  for (auto text : {"[auth]\njwt.issuer = \"x\"\n", "auth.jwt.issuer = \"x\"\n",
                    "[auth]\njwt = { issuer = \"x\" }\n", "[auth.jwt]\nissuer = \"x\"\n"})
    BOOST_TEST(load_file(text).config.auth.policy.issuer == "x", text);
}

BOOST_AUTO_TEST_CASE(the_environment_and_set_reach_it) {
  auto sources = no_sources();
  sources.environment = {"HOLDFAST_AUTH__JWT__ISSUER=env", "HOLDFAST_AUTH__JWT__JWKS_FILE=a.json",
                         "HOLDFAST_AUTH__MODE=jwt"};
  sources.sets = {"auth.jwt.audience=set"};
  auto result = load_config(sources);
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  BOOST_TEST(result.config.auth.policy.issuer == "env");
  BOOST_TEST(result.config.auth.jwks_file == "a.json");
  BOOST_TEST(result.config.auth.policy.audience == "set");
  BOOST_TEST(result.origin("auth.jwt.issuer") == "HOLDFAST_AUTH__JWT__ISSUER");
}

BOOST_AUTO_TEST_CASE(errors_have_their_place) {
  BOOST_TEST(
    errors_of(load_file("[auth.jwt]\nleeway = \"11m\"\nisuer = \"x\"\n"))
    == "holdfast.toml:2:1: auth.jwt.leeway (how far the issuer's clock may be off) takes a "
       "duration such as \"30s\", up to 600s, not \"11m\"\n"
       "holdfast.toml:3:1: unknown key auth.jwt.isuer; did you mean auth.jwt.issuer?\n");
  BOOST_TEST(errors_of(load_file("[auth]\njwt = \"x\"\n"))
             == "holdfast.toml:2:1: auth.jwt is a table: it is written [auth.jwt]\n");
  BOOST_TEST(
    contains(errors_of(load_file("[auth.jwt.keys]\nx = 1\n")), "unknown key auth.jwt.keys"));
  BOOST_TEST(
    contains(errors_of(load_file("[pool.jwt]\nissuer = \"x\"\n")), "unknown key pool.jwt"));
  BOOST_TEST(!load_file("[\"auth.jwt\"]\nissuer = \"x\"\n").ok());
  BOOST_TEST(contains(errors_of(load_sets({"auth.header=a b"})), "auth.header"));
  BOOST_TEST(contains(errors_of(load_sets({"auth.header="})), "auth.header"));
}

BOOST_AUTO_TEST_CASE(jwt_needs_keys) {
  BOOST_TEST(
    errors_of(load_sets({"auth.mode=jwt"}))
    == "auth.mode = \"jwt\" (--set) needs auth.jwt.key_file or auth.jwt.jwks_file to verify "
       "tokens with\n");
  BOOST_TEST(errors_of(load_sets({"auth.mode=jwt", "auth.jwt.key_file=a", "auth.jwt.jwks_file=b"}))
             == "auth.jwt.key_file = \"a\" (--set) and auth.jwt.jwks_file = \"b\" (--set) are two "
                "sources of keys: set one of them\n");
}

BOOST_AUTO_TEST_CASE(a_header_needs_proxies_to_believe) {
  BOOST_TEST(errors_of(load_sets({"auth.mode=header"}))
             == "auth.mode = \"header\" (--set) needs listen.trusted_proxies: the header of anyone "
                "else is not believed\n");
  auto result = load_file(std::string{"[auth]\nmode = \"header\"\nheader = \"X-User\"\n"} + proxied
                          + "[\"10.0.0.0/8\"]\n");
  BOOST_TEST(errors_of(result) + warnings_of(result) == "");
  BOOST_TEST(result.config.auth.header == "X-User");
}

BOOST_AUTO_TEST_CASE(what_the_mode_does_not_use_is_warned_of) {
  auto result = load_sets({"auth.jwt.issuer=x", "auth.priority_claim=y", "auth.header=Z"});
  BOOST_TEST(errors_of(result) == "");
  BOOST_TEST(
    warnings_of(result)
    == "auth.priority_claim = \"y\" (--set) never counts with auth.mode = \"none\" "
       "(default)\n"
       "auth.header = \"Z\" (--set) never counts with auth.mode = \"none\" (default)\n"
       "auth.jwt.issuer = \"x\" (--set) never counts with auth.mode = \"none\" (default)\n");
}

BOOST_AUTO_TEST_CASE(only_users_without_a_proof_need_insecure) {
  auto sources = no_sources();
  sources.listens = {"0.0.0.0:80"};
  BOOST_TEST(contains(errors_of(load_config(sources)), "--insecure"));
  sources.sets = {"auth.mode=jwt", "auth.jwt.key_file=key.pem"};
  BOOST_TEST(errors_of(load_config(sources)) == "");
}

BOOST_AUTO_TEST_CASE(trusted_proxies_go_to_the_gate) {
  auto result = load_file(std::string{proxied} + "[\"10.0.0.0/8\", \"::1\"]\n");
  BOOST_TEST(errors_of(result) == "");
  const auto& blocks = result.config.node.gate.trusted_proxies;
  BOOST_REQUIRE(blocks.size() == 2u);
  BOOST_TEST(to_string(blocks[0]) == "10.0.0.0/8");
  BOOST_TEST(to_string(blocks[1]) == "::1");
  BOOST_TEST(contains(render_show(result), "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"));
  auto again = load_file(render_show(result));
  BOOST_TEST((again.config.node.gate.trusted_proxies == blocks));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_none_is_named_with_its_place) {
  BOOST_TEST(errors_of(load_file(std::string{proxied} + "[\"10.0.0.1/8\"]\n"))
             == "holdfast.toml:3:20: listen.trusted_proxies takes addresses and blocks that begin "
                "where they say, such as \"10.0.0.0/8\" and \"::1\", not \"10.0.0.1/8\"\n");
  BOOST_TEST(errors_of(load_file(std::string{proxied} + "\"10.0.0.0/8\"\n"))
             == "holdfast.toml:3:1: listen.trusted_proxies takes a list such as [\"10.0.0.0/8\", "
                "\"::1\"], not \"10.0.0.0/8\"\n");
  BOOST_TEST(!load_file(std::string{proxied} + "[8]\n").ok());
  // And that is all there is to say.
  auto text = std::string{"[auth]\nmode = \"header\"\n"} + proxied + "[\"nowhere\"]\n";
  BOOST_TEST(load_file(text).errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_listen_trusts_the_same_proxies) {
  auto two = [](const std::string& second) {
    return load_file(std::string{proxied} + "[\"::1\"]\n[[listen]]\naddress = \"127.0.0.1:81\"\n"
                     + second);
  };
  BOOST_TEST(errors_of(two("trusted_proxies = [\"::1\"]\n")) == "");
  BOOST_TEST(errors_of(two(""))
             == "holdfast.toml:4:1: in this release every [[listen]] has the same "
                "trusted_proxies\n");
}

BOOST_AUTO_TEST_SUITE_END()
