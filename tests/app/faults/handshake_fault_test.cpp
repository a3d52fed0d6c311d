// Requests that websocketpp 0.8.2 upgrades, or answers wrongly.
#include "tests/app/faults/two_servers.hpp"
#include "tests/app/live_memory.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

const std::string headers = "Host: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            "Sec-WebSocket-Version: 13\r\n";

struct fault {
  const char* name;
  std::string request;
  int stock; ///< status of its answer
  int ours;
};

std::ostream& operator<<(std::ostream& out, const fault& x) {
  return out << x.name;
}

std::string get(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

std::string without(const std::string& line) {
  auto fields = headers;
  auto at = fields.find(line);
  fields.erase(at, fields.find("\r\n", at) + 2 - at);
  return fields;
}

std::string with_value(const std::string& name, const std::string& value) {
  return without(name + ":") + name + ": " + value + "\r\n";
}

std::string with(const std::string& field) {
  return headers + field + "\r\n";
}

std::string many_fields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i)
    fields += "A" + std::to_string(i) + ": b\r\n";
  return headers + fields;
}

/// What browsers sent in 2010 (draft-ietf-hybi-thewebsocketprotocol-00).
const std::string draft_of_2010 = "GET / HTTP/1.1\r\nHost: t\r\nUpgrade: WebSocket\r\n"
                                  "Connection: Upgrade\r\nOrigin: x\r\n"
                                  "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n"
                                  "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n^n:ds[4U";

const std::vector<fault> faults{
  {"no version", get(without("Sec-WebSocket-Version")), 500, 426},
  {"version 0", get(with_value("Sec-WebSocket-Version", "0")), 500, 426},
  {"version 7", get(with_value("Sec-WebSocket-Version", "7")), 101, 426},
  {"version 8", get(with_value("Sec-WebSocket-Version", "8")), 101, 426},
  {"version 99", get(with_value("Sec-WebSocket-Version", "99")), 400, 426},
  {"version 13.0", get(with_value("Sec-WebSocket-Version", "13.0")), 101, 400},
  {"version 013", get(with_value("Sec-WebSocket-Version", "013")), 101, 400},
  {"the draft of 2010", draft_of_2010, 101, 426},
  {"two versions", get(with("Sec-WebSocket-Version: 13")), 101, 400},
  {"two versions that differ", get(with("Sec-WebSocket-Version: 8")), 101, 400},
  {"a short key", get(with_value("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ==")), 101, 400},
  {"a key that is no base64", get(with_value("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ*==")), 101,
   400},
  {"two keys", get(with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")), 101, 400},
  {"Upgrade: websocketx", get(with_value("Upgrade", "websocketx")), 101, 400},
  {"Connection: upgraded", get(with_value("Connection", "upgraded")), 101, 400},
  {"no Connection", get(without("Connection")), 426, 400},
  {"two Hosts", get(with("Host: u")), 101, 400},
  {"POST", get(headers, "POST / HTTP/1.1"), 400, 405},
  {"a fragment", get(headers, "GET /a#b HTTP/1.1"), 101, 400},
  {"a target without a slash", get(headers, "GET a HTTP/1.1"), 101, 400},
  {"a control character in the target", get(headers, "GET /\a HTTP/1.1"), 101, 400},
  {"a byte above 127 in the target", get(headers, "GET /\xff HTTP/1.1"), 101, 400},
  {"Transfer-Encoding", get(with("Transfer-Encoding: chunked")), 101, 400},
  {"a length and Transfer-Encoding",
   get(with("Content-Length: 5\r\nTransfer-Encoding: chunked")) + "hello", 101, 400},
  {"a body", get(with("Content-Length: 5")) + "hello", 101, 400},
  {"two lengths", get(with("Content-Length: 0\r\nContent-Length: 5")), 101, 400},
  {"NUL", get(with(std::string{"X: a\0b", 6})), 101, 400},
  {"CR", get(with("X: a\rb")), 101, 400},
  {"LF", get(with("X: a\nY: b")), 101, 400},
  {"an empty name", get(with(": b")), 101, 400},
  {"a blank before the colon", get(with("X : b")), 101, 400},
  {"a tab before the colon", get(with("X\t: b")), 101, 400},
  {"a blank before Host's colon", get(without("Host") + "Host : t\r\n"), 101, 400},
  {"a target of 4097 bytes", get(headers, "GET /" + std::string(4096, 'x') + " HTTP/1.1"), 101,
   414},
  {"an endless target", "GET /" + std::string(17000, 'x'), 431, 414},
  {"1300 fields", get(many_fields(1300)), 101, 431},
};

struct answer {
  int status;
  bool tells_version;
  stream_end end;
};

answer answer_to(std::uint16_t port, const std::string& request) {
  witness peer{port};
  peer.send(request);
  auto status = peer.read_answer();
  auto end = status == 101 ? stream_end::open : peer.read();
  return {status, peer.has_header("Sec-WebSocket-Version: 13"), end};
}

/// A body that nobody asked for, by a client that does not read meanwhile.
answer answer_during_a_body(std::uint16_t port, bool& took_all) {
  const std::string noise(64 * 1024, 'x');
  witness peer{port};
  peer.send(get(headers, "P{ST / HTTP/1.1"));
  took_all = true;
  for (int i = 0; i < 100 && took_all; ++i)
    took_all = peer.send(noise);
  auto status = peer.read_answer();
  return {status, false, peer.read()};
}

constexpr std::size_t much = 20'000'000;

/// How far the server's memory grew for one client that sent `much` behind `request`. Ends when
/// it has grown too far, or the client is refused.
std::size_t memory_for(std::uint16_t port, const std::string& request) {
  const std::string noise(64 * 1024, 'x');
  witness peer{port};
  memory_growth growth;
  std::size_t most = 0;
  auto grew = [&] {
    most = std::max(most, growth.bytes());
    return most > much / 2;
  };
  peer.send(request);
  for (std::size_t sent = 0; sent < much && peer.send(noise); sent += noise.size())
    grew();
  BOOST_TEST(eventually([&] {
    peer.read(0ms);
    return grew() || peer.is_refused();
  }));
  return most;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stock_handshake)

BOOST_DATA_TEST_CASE_F(two_servers, each_request_is_answered_as_it_deserves, data::make(faults)) {
  auto right = answer_to(ours(), sample.request);
  BOOST_TEST(right.status == sample.ours);
  BOOST_TEST(right.tells_version == (sample.ours == 426));
  BOOST_TEST(right.end == stream_end::fin);
  auto wrong = answer_to(stocks(), sample.request);
  BOOST_TEST(wrong.status == sample.stock, mended << sample.name << " got " << wrong.status);
}

BOOST_FIXTURE_TEST_CASE(a_refusal_does_not_reset_who_goes_on_sending, two_servers) {
  bool took_all = false;
  auto right = answer_during_a_body(ours(), took_all);
  BOOST_TEST(right.status == 400);
  BOOST_TEST(took_all);
  BOOST_TEST(right.end == stream_end::fin);
  auto wrong = answer_during_a_body(stocks(), took_all);
  BOOST_TEST(!took_all, mended << "a refusal that is still being sent to");
  BOOST_TEST(wrong.end == stream_end::reset);
}

BOOST_FIXTURE_TEST_CASE(a_body_is_not_kept, two_servers) {
  auto request = get(with("Content-Length: 30000000"));
  BOOST_TEST(memory_for(ours(), request) < much / 10);
  BOOST_TEST(memory_for(stocks(), request) > much / 2, mended << "a request's body");
}

BOOST_FIXTURE_TEST_CASE(no_draft_goes_around_the_size_limit, two_servers) {
  auto message = draft_of_2010 + std::string(1, '\0');
  BOOST_TEST(memory_for(ours(), message) < much / 10);
  BOOST_TEST(memory_for(stocks(), message) > much / 2, mended << "messages of the draft of 2010");
}

BOOST_AUTO_TEST_SUITE_END()
