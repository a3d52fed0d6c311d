// Who may ask what: the rules by themselves, and over TCP.
#include "app/admin/http/access.hpp"
#include "tests/app/admin/http/served.hpp"

#include <nlohmann/json.hpp>

using namespace holdfast::admin;
using namespace holdfast::admin::test;
using holdfast::transport::http_request;

namespace {

const access_rules on_loopback{true, "secret", {}};
const access_rules on_loopback_without_token{true, "", {}};
const access_rules on_the_network{
  false, "secret", {"node.example", "dash.example:9443", "[fd00::1]"}};

/// 0: it may be carried out.
int verdict(const std::string& head, const access_rules& rules,
            const std::string& reached = "10.0.0.7") {
  http_request request;
  std::size_t used = 0;
  auto progress = request.read(head + "\r\n", {16384, 8192}, used);
  BOOST_REQUIRE(progress == http_request::progress::complete);
  auto denied = judge_access(request, request.path(), rules, reached);
  BOOST_TEST((!denied || !denied->hint.empty()));
  return denied ? denied->status : 0;
}

std::string get_of(const std::string& host, const std::string& more = {}) {
  return "GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n" + more;
}

std::string post_with(const std::string& more) {
  return "POST /v1/drain HTTP/1.1\r\nHost: localhost\r\n" + more;
}

const std::string token = "Authorization: Bearer secret\r\n";
const std::string json = "Content-Type: application/json\r\n";

} // namespace

BOOST_AUTO_TEST_SUITE(admin_http_access)

BOOST_AUTO_TEST_CASE(on_loopback_looking_is_free) {
  BOOST_TEST(verdict(get_of("localhost"), on_loopback) == 0);
  BOOST_TEST(verdict(get_of("localhost"), on_loopback_without_token) == 0);
  BOOST_TEST(verdict("OPTIONS /v1/status HTTP/1.1\r\nHost: localhost\r\n", on_loopback) == 0);
}

BOOST_AUTO_TEST_CASE(on_loopback_a_change_needs_the_token) {
  BOOST_TEST(verdict(post_with(json), on_loopback) == 401);
  BOOST_TEST(verdict(post_with(json + token), on_loopback) == 0);
  for (auto* method : {"PUT", "DELETE", "PATCH", "get"})
    BOOST_TEST(
      verdict(std::string{method} + " / HTTP/1.1\r\nHost: localhost\r\n" + json, on_loopback)
        == 401,
      method);
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_is_changed_over_tcp) {
  BOOST_TEST(verdict(post_with(json), on_loopback_without_token) == 403);
  BOOST_TEST(verdict(post_with(json + "Authorization: Bearer \r\n"), on_loopback_without_token)
             == 403);
}

BOOST_AUTO_TEST_CASE(on_the_network_everything_but_the_probes_needs_the_token) {
  BOOST_TEST(verdict(get_of("10.0.0.7"), on_the_network) == 401);
  BOOST_TEST(verdict(get_of("10.0.0.7", token), on_the_network) == 0);
  for (auto* probe : {"/livez", "/readyz"}) {
    auto rest = std::string{probe} + " HTTP/1.1\r\nHost: 10.0.0.7:9100\r\n";
    BOOST_TEST(verdict("GET " + rest, on_the_network) == 0, probe);
    BOOST_TEST(verdict("HEAD " + rest, on_the_network) == 0, probe);
    BOOST_TEST(verdict("POST " + rest + json, on_the_network) == 401, probe);
  }
  for (auto* other : {"/livez/", "/livezz", "//livez", "/v1/livez"})
    BOOST_TEST(
      verdict("GET " + std::string{other} + " HTTP/1.1\r\nHost: 10.0.0.7\r\n", on_the_network)
        == 401,
      other);
}

BOOST_AUTO_TEST_CASE(only_the_token_is_the_token) {
  auto with = [](const std::string& value) {
    return verdict(get_of("10.0.0.7", "Authorization: " + value + "\r\n"), on_the_network);
  };
  BOOST_TEST(with("bearer secret") == 0); // RFC 7235: schemes have no case
  for (auto* value : {"Bearer secre", "Bearer secrets", "Bearer Secret", "Bearer", "Bearer ",
                      "Basic secret", "secret", "Bearer secretsecret", "Bearer  secret"})
    BOOST_TEST(with(value) == 401, value);
  BOOST_TEST(verdict(get_of("10.0.0.7", token + token), on_the_network) == 401);
}

BOOST_AUTO_TEST_CASE(secrets_are_compared_to_their_ends) {
  BOOST_TEST(same_secret("abc", "abc"));
  for (auto* other : {"", "a", "ab", "abd", "xbc", "abcabc", "abca", "ABC"})
    BOOST_TEST(!same_secret(other, "abc"), other);
  BOOST_TEST(!same_secret("", ""));
  BOOST_TEST(!same_secret("abc", ""));
  BOOST_TEST(!same_secret(std::string_view{"abc\0", 4}, "abc"));
}

BOOST_AUTO_TEST_CASE(the_host_must_be_a_name_of_ours) {
  for (auto* host : {"localhost", "LocalHost:9100", "127.0.0.1", "127.0.0.1:1", "[::1]:9100",
                     "[0:0:0:0:0:0:0:1]", "10.0.0.7", "10.0.0.7:9100", "Node.Example",
                     "node.example:80", "dash.example:9443", "[fd00:0::1]:9100"})
    BOOST_TEST(verdict(get_of(host, token), on_the_network) == 0, host);
  for (auto* host : {"evil.example", "localhost.evil.example", "10.0.0.8", "dash.example",
                     "dash.example:9444", "localhost:", "localhost:x", "localhost:80:80",
                     "user@localhost", "[::1", "[::1]x", "::1", "[]", ":80", "node.example."})
    BOOST_TEST(verdict(get_of(host, token), on_the_network) == 403, host);
  BOOST_TEST(verdict(get_of("[fe80::1]"), on_loopback, "fe80::1") == 0);
}

BOOST_AUTO_TEST_CASE(http_1_0_needs_no_host) {
  BOOST_TEST(verdict("GET /livez HTTP/1.0\r\n", on_the_network) == 0);
}

BOOST_AUTO_TEST_CASE(a_page_must_be_of_this_server) {
  auto with = [](const std::string& origin) {
    return verdict(get_of("localhost:9100", "Origin: " + origin + "\r\n"), on_loopback);
  };
  for (auto* origin : {"http://localhost:9100", "https://LOCALHOST:9100"})
    BOOST_TEST(with(origin) == 0, origin);
  for (auto* origin : {"null", "", "http://localhost", "http://localhost:9101", "localhost:9100",
                       "http://evil.example", "http://localhost:9100.evil.example",
                       "http://127.0.0.1:9100", "ftp://localhost:9100"})
    BOOST_TEST(with(origin) == 403, origin);
}

BOOST_AUTO_TEST_CASE(a_change_is_json) {
  for (auto* type : {"application/json", "Application/JSON; charset=utf-8"})
    BOOST_TEST(verdict(post_with(token + "Content-Type: " + type + "\r\n"), on_loopback) == 0,
               type);
  BOOST_TEST(verdict(post_with(token), on_loopback) == 415);
  for (auto* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                     "multipart/form-data", "text/plain; application/json"})
    BOOST_TEST(verdict(post_with(token + "Content-Type: " + type + "\r\n"), on_loopback) == 415,
               type);
}

BOOST_AUTO_TEST_CASE(loopback_is_this_machine) {
  for (auto* address : {"127.0.0.1", "127.9.9.9", "::1", "[::1]", "[0::1]"})
    BOOST_TEST(is_loopback(address), address);
  for (auto* address : {"0.0.0.0", "::", "[::]", "10.0.0.1", "128.0.0.1", "::2", "", "localhost",
                        "::ffff:127.0.0.1"})
    BOOST_TEST(!is_loopback(address), address);
}

BOOST_AUTO_TEST_CASE(the_socket_is_for_its_user_and_root) {
  BOOST_TEST(may_use_socket(1000, 1000));
  BOOST_TEST(may_use_socket(0, 1000));
  BOOST_TEST(!may_use_socket(1001, 1000));
  BOOST_TEST(!may_use_socket(1000, 0));
  BOOST_TEST(!may_use_socket(static_cast<uid_t>(-1), 1000));
}

BOOST_FIXTURE_TEST_CASE(a_denied_request_is_answered_and_never_handled, served) {
  options.token = "secret";
  start_with_tcp();
  wire client{port()};
  auto got = client.ask(post("/v1/drain", "{}", json));
  BOOST_TEST(got.status() == 401);
  BOOST_TEST(got.says("WWW-Authenticate: Bearer"));
  BOOST_TEST(nlohmann::json::parse(got.body)["error"]["code"] == "denied");
  BOOST_TEST(client.read_to_end().value_or("reset").empty());
  BOOST_TEST(count_kept() == 0u);
  BOOST_TEST(wire{port()}.ask(post("/now", "{}", json + token)).body == "{}");
}

BOOST_FIXTURE_TEST_CASE(a_denied_client_is_not_asked_for_its_body, served) {
  start_with_tcp();
  wire client{port()};
  auto whole = post("/v1/drain", "{}", json + "Expect: 100-continue\r\n");
  client.send(whole.substr(0, whole.size() - 2));
  BOOST_TEST(client.read_answer().status() == 403);
}

BOOST_FIXTURE_TEST_CASE(the_rules_see_the_decoded_path, served) {
  options.listen = {"0.0.0.0", 0};
  options.token = "secret";
  start();
  BOOST_TEST(wire{port()}.ask("GET /%6eow HTTP/1.1\r\nHost: localhost\r\n\r\n").status() == 401);
  wire probe{port()};
  probe.send("GET /live%7a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  respond(kept("/livez"), "ok");
  BOOST_TEST(probe.read_answer().body == "ok");
}

BOOST_FIXTURE_TEST_CASE(the_rules_of_tcp_are_not_those_of_the_socket, served) {
  start();
  auto foreign = "POST /now HTTP/1.1\r\nHost: evil.example\r\nOrigin: null\r\n"
                 "Content-Length: 1\r\n\r\nx";
  BOOST_TEST(connect().ask(foreign).body == "x");
}

BOOST_AUTO_TEST_SUITE_END()
