// How requests are read: their ends, their limits, and what of HTTP/1.1 is refused.
#include "tests/app/admin/http/served.hpp"

#include <nlohmann/json.hpp>

using namespace holdfast::admin;
using namespace holdfast::admin::test;

namespace {

/// The answer to what ends the connection, which must be told before its end.
answer refused(const served& node, const std::string& bytes) {
  auto client = node.connect();
  client.send(bytes); // it may be refused before its end
  auto got = client.read_answer();
  BOOST_TEST(got.says("Connection: close"));
  BOOST_TEST(client.read_to_end().value_or("reset").empty());
  auto error = nlohmann::json::parse(got.body).at("error");
  for (auto* part : {"code", "message", "hint"})
    BOOST_TEST(!error.at(part).get<std::string>().empty());
  return got;
}

int refusal_of(const served& node, const std::string& bytes) {
  return refused(node, bytes).status();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_http_request, served)

BOOST_AUTO_TEST_CASE(a_connection_serves_one_request_after_the_other) {
  start();
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    auto got = client.ask(post("/now", std::to_string(i)));
    BOOST_TEST(got.status() == 200);
    BOOST_TEST(got.body == std::to_string(i));
    BOOST_TEST(got.value("Connection").empty());
    BOOST_TEST(got.says("Cache-Control: no-store"));
    BOOST_TEST(got.says("Content-Type: text/plain"));
    BOOST_TEST(got.value("Date").size() == 29u);
  }
}

BOOST_AUTO_TEST_CASE(the_handler_sees_all_of_a_request) {
  start();
  auto client = connect();
  client.send("POST /v1/a%20b%2Fc?id=1&id=2&q=x+%2b&&flag HTTP/1.1\r\nHost: here:1\r\n"
              "Accept: Application/X-NDJSON\r\nContent-Type: Application/JSON\r\n"
              "Origin: http://here:1\r\nContent-Length: 3\r\n\r\n{ }");
  auto x = kept("/v1/a b/c");
  auto& asked = x->asked();
  BOOST_TEST(asked.method == "POST");
  std::vector<std::pair<std::string, std::string>> query{
    {"id", "1"}, {"id", "2"}, {"q", "x +"}, {"flag", ""}};
  BOOST_TEST((asked.query == query));
  BOOST_TEST(asked.param("id").value() == "1");
  BOOST_TEST(!asked.param("nothing").has_value());
  BOOST_TEST(asked.body == "{ }");
  BOOST_TEST(asked.accept == "application/x-ndjson");
  BOOST_TEST(asked.content_type == "application/json");
  BOOST_TEST(asked.host == "here:1");
  BOOST_TEST(asked.origin == "http://here:1");
  BOOST_TEST(asked.local);
}

BOOST_AUTO_TEST_CASE(what_came_over_tcp_is_not_local) {
  start_with_tcp();
  wire client{port()};
  client.send(get("/"));
  BOOST_TEST(!kept("/")->asked().local);
}

BOOST_AUTO_TEST_CASE(requests_sent_at_once_are_answered_in_order) {
  start();
  auto client = connect();
  client.send(get("/slow") + post("/now", "second") + get("/third"));
  auto slow = kept("/slow");
  BOOST_TEST(count_kept() == 0u); // the third waits for the first
  respond(slow, "first");
  BOOST_TEST(client.read_answer().body == "first");
  BOOST_TEST(client.read_answer().body == "second");
  respond(kept("/third"), "third");
  BOOST_TEST(client.read_answer().body == "third");
}

BOOST_AUTO_TEST_CASE(what_is_sent_ahead_is_read_in_the_end_however_much_it_is) {
  start();
  auto client = connect();
  client.send(get("/slow"));
  auto slow = kept("/slow");
  std::string ahead;
  for (int i = 0; i < 2000; ++i)
    ahead += post("/now", std::to_string(i));
  std::thread sender{[&] { client.send(ahead); }}; // more than socket and server take at once
  respond(slow, "");
  client.read_answer();
  for (int i = 0; i < 2000; ++i)
    BOOST_REQUIRE(client.read_answer().body == std::to_string(i));
  sender.join();
}

BOOST_AUTO_TEST_CASE(a_request_may_come_byte_by_byte) {
  start();
  auto client = connect();
  for (auto byte : post("/now", "body") + post("/now", "again"))
    client.send({&byte, 1});
  BOOST_TEST(client.read_answer().body == "body");
  BOOST_TEST(client.read_answer().body == "again");
}

BOOST_AUTO_TEST_CASE(head_is_answered_as_get_but_without_the_body) {
  start();
  auto client = connect();
  client.send("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n" + post("/now", "next"));
  auto x = kept("/page");
  BOOST_TEST(x->asked().method == "GET");
  respond(x, "12345");
  BOOST_TEST(client.read_head().says("Content-Length: 5"));
  BOOST_TEST(client.read_answer().body == "next");
}

BOOST_AUTO_TEST_CASE(who_asks_whether_to_go_on_is_told_so_before_the_body_comes) {
  start();
  auto client = connect();
  auto whole = post("/now", "body", "Expect: 100-Continue\r\n");
  client.send(std::string_view{whole}.substr(0, whole.size() - 4));
  BOOST_TEST(client.read_head().head == "HTTP/1.1 100 Continue\r\n\r\n");
  BOOST_TEST(client.silent());
  client.send("body");
  BOOST_TEST(client.read_answer().body == "body");
  BOOST_TEST(client.ask(whole).body == "body"); // the body is there: nothing to say
}

BOOST_AUTO_TEST_CASE(other_expectations_are_not_met) {
  start();
  BOOST_TEST(refusal_of(*this, post("/now", "", "Expect: tea\r\n")) == 417);
}

BOOST_AUTO_TEST_CASE(a_body_has_a_limit) {
  options.body_limit = 1000;
  start();
  BOOST_TEST(connect().ask(post("/now", std::string(1000, 'x'))).body.size() == 1000u);
  BOOST_TEST(refusal_of(*this, post("/now", std::string(1001, 'x'))) == 413);
  // It is not asked for either, and a client in the middle of it still hears why.
  auto waits = post("/now", std::string(1001, 'x'), "Expect: 100-continue\r\n");
  BOOST_TEST(refusal_of(*this, waits.substr(0, waits.size() - 1001)) == 413);
  BOOST_TEST(refusal_of(*this, post("/now", std::string(1'000'000, 'x'))) == 413);
}

BOOST_AUTO_TEST_CASE(a_head_and_a_target_have_limits) {
  start();
  BOOST_TEST(refusal_of(*this, get("/" + std::string(9000, 'x'))) == 414);
  BOOST_TEST(refusal_of(*this, get("/", "X: " + std::string(17'000, 'x') + "\r\n")) == 431);
  std::string many;
  for (int i = 0; i < 120; ++i)
    many += "X: y\r\n";
  BOOST_TEST(refusal_of(*this, get("/", many)) == 431);
  auto long_one = get("/" + std::string(8000, 'x'));
  auto client = connect();
  client.send(long_one);
  respond(kept("/" + std::string(8000, 'x')), "taken");
  BOOST_TEST(client.read_answer().body == "taken");
}

BOOST_AUTO_TEST_CASE(a_transfer_coding_is_refused) {
  start();
  auto chunked = "POST /now HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
  BOOST_TEST(refusal_of(*this, chunked + std::string{"\r\n0\r\n\r\n"}) == 501);
  BOOST_TEST(refusal_of(*this, chunked + std::string{"Content-Length: 5\r\n\r\n0\r\n\r\n"}) == 501);
}

BOOST_AUTO_TEST_CASE(a_length_that_could_be_read_in_two_ways_is_refused) {
  start();
  auto with = [](const std::string& fields) {
    return "POST /now HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n1";
  };
  BOOST_TEST(refusal_of(*this, with("Content-Length: 1\r\nContent-Length: 1\r\n")) == 400);
  for (auto* length : {"", "+1", "-1", "1,1", "0x1", "1 1", "1.0", "one"})
    BOOST_TEST(refusal_of(*this, with("Content-Length: " + std::string{length} + "\r\n")) == 400,
               length);
  BOOST_TEST(refusal_of(*this, with("Content-Length: 18446744073709551617\r\n")) == 413);
}

BOOST_AUTO_TEST_CASE(what_is_no_http_is_refused) {
  start();
  for (auto* bytes : {"GET / HTTP/1.1\nHost: a\n\n", "GET /\r\n\r\n", "hello\r\n\r\n",
                      "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"})
    BOOST_TEST(refusal_of(*this, bytes) == 400, bytes);
}

BOOST_AUTO_TEST_CASE(http_1_1_needs_a_host_and_only_one) {
  start();
  BOOST_TEST(refusal_of(*this, "GET /now HTTP/1.1\r\n\r\n") == 400);
  BOOST_TEST(refusal_of(*this, get("/now", "Host: b\r\n")) == 400);
}

BOOST_AUTO_TEST_CASE(a_target_that_cannot_be_decoded_is_refused) {
  start();
  for (auto* target : {"/%", "/%2", "/%zz", "/%ff", "/%00", "/a?b=%0a", "/a?%f0%9f=1"})
    BOOST_TEST(refusal_of(*this, get(target)) == 400, target);
}

BOOST_AUTO_TEST_CASE(what_follows_a_refused_request_is_not_carried_out) {
  start();
  auto client = connect();
  client.send("POST /now HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              + get("/smuggled"));
  client.read_to_end();
  BOOST_TEST(count_kept() == 0u);
}

BOOST_AUTO_TEST_CASE(an_old_client_is_answered_and_let_go) {
  start();
  auto client = connect();
  client.send("GET /now HTTP/1.0\r\n\r\n");
  BOOST_TEST(client.read_answer().says("Connection: close"));
  BOOST_TEST(client.read_to_end().value_or("reset").empty());
}

BOOST_AUTO_TEST_CASE(an_old_client_may_ask_to_stay) {
  start();
  auto client = connect();
  for (int i = 0; i < 2; ++i) {
    auto got = client.ask("GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    BOOST_TEST(got.says("Connection: keep-alive"));
  }
}

BOOST_AUTO_TEST_CASE(who_asks_for_the_end_gets_it) {
  start();
  auto client = connect();
  BOOST_TEST(client.ask(get("/now", "Connection: close\r\n")).says("Connection: close"));
  BOOST_TEST(client.read_to_end().value_or("reset").empty());
}

BOOST_AUTO_TEST_SUITE_END()
