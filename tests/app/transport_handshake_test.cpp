#include "tests/app/transport_fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

const std::string good_headers = "Host: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                 "Sec-WebSocket-Version: 13\r\n";

struct request_case {
  const char* name;
  std::string request;
  int status;
};

std::ostream& operator<<(std::ostream& out, const request_case& x) {
  return out << x.name;
}

std::string get(const std::string& headers, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\n" + headers + "\r\n";
}

std::string without(const std::string& line) {
  auto headers = good_headers;
  auto at = headers.find(line);
  headers.erase(at, headers.find("\r\n", at) + 2 - at);
  return headers;
}

std::string with_value(const std::string& name, const std::string& value) {
  return without(name + ":") + name + ": " + value + "\r\n";
}

const std::vector<request_case> cases{
  {"as it should be", get(good_headers), 101},
  {"other letters' case",
   get("hOST: t\r\nuPGRADE: WebSocket\r\ncONNECTION: keep-alive , UPGRADE\r\n"
       "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\n"
       "SEC-WEBSOCKET-VERSION:\t13 \r\n"),
   101},
  {"a list of upgrades", get(with_value("Upgrade", "h2c, websocket")), 101},
  {"an absolute target", get(good_headers, "GET http://t/x?y HTTP/1.1"), 101},
  {"an absolute target whose only slash is its query's",
   get(good_headers, "GET http://h?a=/echo HTTP/1.1"), 400},
  {"an absolute target without a host", get(good_headers, "GET http:///echo HTTP/1.1"), 400},
  {"an absolute target of no scheme", get(good_headers, "GET 1://h/echo HTTP/1.1"), 400},
  {"an empty body", get(good_headers + "Content-Length: 0\r\n"), 101},
  {"no version", get(without("Sec-WebSocket-Version")), 426},
  {"version 8", get(with_value("Sec-WebSocket-Version", "8")), 426},
  {"version 13.0", get(with_value("Sec-WebSocket-Version", "13.0")), 400},
  {"two versions", get(good_headers + "Sec-WebSocket-Version: 13\r\n"), 400},
  {"no key", get(without("Sec-WebSocket-Key")), 400},
  {"a short key", get(with_value("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ==")), 400},
  {"a key that is no base64", get(with_value("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ*==")),
   400},
  {"two keys", get(good_headers + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400},
  {"Upgrade: websocketx", get(with_value("Upgrade", "websocketx")), 400},
  {"no Connection", get(without("Connection")), 400},
  {"Connection: upgraded", get(with_value("Connection", "upgraded")), 400},
  {"no Host", get(without("Host")), 400},
  {"two Hosts", get(good_headers + "Host: u\r\n"), 400},
  {"HTTP/1.0", get(good_headers, "GET / HTTP/1.0"), 400},
  {"HTTP/2.0", get(good_headers, "GET / HTTP/2.0"), 400},
  {"POST", get(good_headers, "POST / HTTP/1.1"), 405},
  {"a method that is no token", get(good_headers, "G{T / HTTP/1.1"), 400},
  {"no target", get(good_headers, "GET HTTP/1.1"), 400},
  {"a blank in the target", get(good_headers, "GET /a b HTTP/1.1"), 400},
  {"a fragment", get(good_headers, "GET /a#b HTTP/1.1"), 400},
  {"no slash", get(good_headers, "GET a HTTP/1.1"), 400},
  {"Transfer-Encoding", get(good_headers + "Transfer-Encoding: chunked\r\n"), 400},
  {"a body", get(good_headers + "Content-Length: 5\r\n") + "hello", 400},
  {"two lengths", get(good_headers + "Content-Length: 0\r\nContent-Length: 5\r\n"), 400},
  {"NUL", get(good_headers + std::string("X: a\0b\r\n", 8)), 400},
  {"CR", get(good_headers + "X: a\rb\r\n"), 400},
  {"LF", get(good_headers + "X: a\nY: b\r\n"), 400},
  {"LF line ends", "GET / HTTP/1.1\nHost: t\n\n", 400},
  {"an empty name", get(good_headers + ": b\r\n"), 400},
  {"a blank before the colon", get(good_headers + "X : b\r\n"), 400},
  {"a folded line", get(good_headers + "X: a\r\n b\r\n"), 400},
  {"no colon", get(good_headers + "X\r\n"), 400},
  {"a plain GET", get("Host: t\r\n"), 426},
  {"an upgrade to h2c", get("Host: t\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"), 426},
  {"a head just short enough",
   get(good_headers + "X: " + std::string(16384 - 18 - 134 - 7, 'x') + "\r\n"), 101},
  {"a long head", get(good_headers + "X: " + std::string(16384, 'x') + "\r\n"), 431},
  {"many fields",
   get(good_headers +
       [] {
         std::string many;
         for (int i = 0; i < 200; ++i)
           many += "A: b\r\n";
         return many;
       }()),
   431},
  {"a target just short enough", get(good_headers, "GET /" + std::string(4095, 'x') + " HTTP/1.1"),
   101},
  {"a long target", get(good_headers, "GET /" + std::string(4096, 'x') + " HTTP/1.1"), 414},
  {"an endless target", "GET /" + std::string(5000, 'x'), 414},
  {"an endless head", "GET / HTTP/1.1\r\nX: " + std::string(17000, 'x'), 431},
};

int status_of(const std::string& answer) {
  return answer.substr(0, 9) == "HTTP/1.1 " ? std::stoi(answer.substr(9, 3)) : 0;
}

bool has(const std::string& answer, std::string_view part) {
  return answer.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transport_handshake)

BOOST_DATA_TEST_CASE_F(shard, every_request_gets_the_answer_it_deserves, data::make(cases)) {
  start();
  auto peer = connect();
  BOOST_REQUIRE(peer.send(sample.request));
  auto head = peer.read_head();
  BOOST_TEST(status_of(head) == sample.status);
  BOOST_REQUIRE(events.await([](auto& r) { return r.settled == 1; }));
  if (sample.status == 101) {
    BOOST_TEST(events.await([](auto& r) { return r.established == 1; }));
    return;
  }
  BOOST_TEST(has(head, "Connection: close"));
  BOOST_TEST(has(head, "Content-Length: "));
  BOOST_TEST(has(head, "\r\nSec-WebSocket-Version: 13\r\n") == (sample.status == 426));
  BOOST_TEST(peer.read_to_end().has_value());
  BOOST_TEST(events.seen().established == 0);
  BOOST_TEST(events.seen().refused.size() == 1u);
}

BOOST_DATA_TEST_CASE_F(shard, a_request_may_come_byte_by_byte,
                       data::make(std::vector<std::string>{get(good_headers)})) {
  start();
  auto peer = connect();
  for (char c : sample)
    BOOST_REQUIRE(peer.send({&c, 1}));
  BOOST_TEST(status_of(peer.read_head()) == 101);
}

BOOST_FIXTURE_TEST_CASE(an_answer_survives_a_client_that_goes_on_sending, shard) {
  start();
  auto peer = connect();
  // More than is read before the answer: a close with unread bytes would reset it away.
  peer.send(get(good_headers + "Transfer-Encoding: chunked\r\n") + std::string(4'000'000, 'x'));
  peer.half_close();
  auto all = peer.read_to_end();
  BOOST_REQUIRE(all.has_value());
  BOOST_TEST(status_of(*all) == 400);
}

BOOST_FIXTURE_TEST_CASE(health_is_told_by_get_and_head, shard) {
  start();
  auto ask = [&](const std::string& request) {
    auto peer = connect();
    peer.send(request);
    return peer.read_to_end().value_or("");
  };
  auto fine = ask("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n");
  BOOST_TEST(status_of(fine) == 200);
  BOOST_TEST(has(fine, "\r\n\r\nok\n"));
  BOOST_TEST(status_of(ask("GET /healthz HTTP/1.0\r\n\r\n")) == 200);
  auto head = ask("HEAD /healthz HTTP/1.1\r\nHost: t\r\n\r\n");
  BOOST_TEST(status_of(head) == 200);
  BOOST_TEST(has(head, "Content-Length: 3\r\n"));
  BOOST_TEST(head.substr(head.size() - 4) == "\r\n\r\n");
  on_shard([&] { events.is_ready = false; });
  auto draining = ask("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n");
  BOOST_TEST(status_of(draining) == 503);
  BOOST_TEST(has(draining, "\r\n\r\ndraining\n"));
  BOOST_TEST(events.seen().refused.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_by_status_says_when_to_come_back, shard) {
  events.reply = [](auto&) {
    handshake_reply reply;
    reply.status = 503;
    reply.retry_after_s = 7;
    return reply;
  };
  start();
  auto peer = connect();
  peer.send(upgrade_request());
  auto all = peer.read_to_end().value_or("");
  BOOST_TEST(status_of(all) == 503);
  BOOST_TEST(has(all, "\r\nRetry-After: 7\r\n"));
  BOOST_TEST(events.seen().established == 0);
  BOOST_TEST(events.seen().endings.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_by_code_upgrades_and_closes, shard) {
  events.reply = [](auto&) {
    handshake_reply reply;
    reply.close = close_code::try_again_later;
    return reply;
  };
  start();
  auto before = open_descriptors();
  {
    auto peer = open();
    peer.send(text("never heard"));
    auto closed = peer.read_frame();
    BOOST_TEST(closed.opcode == 8u);
    BOOST_TEST(closed.code() == 1013u);
    BOOST_TEST(closed.payload.substr(2) == info(close_code::try_again_later).reason);
    peer.send(close_frame(1013));
    BOOST_TEST(peer.read_to_end().has_value());
  }
  on_shard([] {});
  BOOST_TEST(open_descriptors() == before);
  auto seen = events.seen();
  BOOST_TEST(seen.established == 0);
  BOOST_TEST(seen.settled == 1);
  BOOST_TEST(seen.messages.empty());
  BOOST_TEST(seen.endings.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refused_client_that_does_not_answer_is_dropped_in_time, shard) {
  config.close_timeout = 50ms;
  events.reply = [](auto&) {
    handshake_reply reply;
    reply.close = close_code::service_restart;
    return reply;
  };
  start();
  auto peer = open();
  BOOST_TEST(peer.read_frame().code() == 1012u);
  BOOST_TEST(!peer.read_to_end());
}

BOOST_FIXTURE_TEST_CASE(the_chosen_subprotocol_is_confirmed, shard) {
  events.reply = [](const handshake_request& request) {
    handshake_reply reply;
    reply.subprotocol = request.header("Sec-WebSocket-Protocol").substr(3);
    return reply;
  };
  start();
  auto peer = connect();
  peer.send(upgrade_request("/", "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"));
  BOOST_TEST(has(peer.read_head(), "\r\nSec-WebSocket-Protocol: b\r\n"));
}

BOOST_FIXTURE_TEST_CASE(a_slow_request_is_told_so_and_a_silent_client_is_not, shard) {
  config.handshake_timeout = 50ms;
  start();
  auto slow = connect();
  slow.send("GET / HTTP/1.1\r\nHost");
  auto silent = connect();
  BOOST_TEST(status_of(slow.read_to_end().value_or("")) == 408);
  BOOST_TEST((silent.read_to_end() == std::optional<std::string>{""}));
  BOOST_REQUIRE(events.await([](auto& r) { return r.settled == 2; }));
  BOOST_TEST((events.seen().refused
              == std::vector<refusal>{refusal::handshake_timeout, refusal::handshake_timeout}));
}

BOOST_FIXTURE_TEST_CASE(whoever_leaves_in_the_middle_of_a_handshake_is_settled, shard) {
  start();
  auto before = open_descriptors();
  for (int i = 0; i < 3; ++i) {
    auto peer = connect();
    peer.send("GET / HT");
    if (i == 1)
      peer.half_close();
    else if (i == 2)
      peer.reset();
  }
  BOOST_REQUIRE(events.await([](auto& r) { return r.accepted == 3 && r.settled == 3; }));
  on_shard([] {});
  BOOST_TEST(open_descriptors() == before);
  BOOST_TEST(events.seen().refused.empty());
}

BOOST_FIXTURE_TEST_CASE(a_socket_that_is_not_let_in_is_told_and_closed, shard) {
  events.let_in = [] { return false; };
  start();
  auto peer = connect();
  BOOST_TEST(status_of(peer.read_to_end().value_or("")) == 429);
  BOOST_TEST(events.seen().settled == 0);
}

BOOST_AUTO_TEST_SUITE_END()
