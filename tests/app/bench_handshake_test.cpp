#include "app/bench/handshake.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::bench;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A good answer with `from` replaced by `to`.
std::string upgrade(const std::string& from = "", const std::string& to = "") {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: keep-alive, Upgrade\r\n"
                     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  if (!from.empty())
    text.replace(text.find(from), from.size(), to);
  return text;
}

/// What is said about a refusal; fails the test for any other answer.
std::string refusal(const std::string& bytes, bool ended = false, const std::string& offered = "") {
  auto found = read_answer(bytes, offered, ended);
  BOOST_TEST((found.state == answer_state::refused), bytes);
  return found.why;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_handshake)

BOOST_AUTO_TEST_CASE(the_request_names_resource_host_and_user) {
  auto text = handshake_request(parse_url("ws://a:81/x?y=z"), {"ada b", false}, {});
  BOOST_TEST(text.compare(0, 38, "GET /x?y=z&user=ada%20b HTTP/1.1\r\nHost") == 0);
  BOOST_TEST(contains(text, "\r\nHost: a:81\r\n"));
  BOOST_TEST(contains(text, "\r\nSec-WebSocket-Version: 13\r\n"));
  BOOST_TEST(!contains(text, "Sec-WebSocket-Protocol"));
  BOOST_TEST(text.compare(text.size() - 4, 4, "\r\n\r\n") == 0);
}

BOOST_AUTO_TEST_CASE(the_request_names_a_topic) {
  auto first_line = [](const char* url, identity who) {
    auto text = handshake_request(parse_url(url), who, {});
    return text.substr(0, text.find(" HTTP"));
  };
  BOOST_TEST(first_line("ws://a/x", {"ada", false, "t 1"}) == "GET /x?user=ada&topic=t%201");
  BOOST_TEST(first_line("ws://a/x?y=z", {"", false, "t0"}) == "GET /x?y=z&topic=t0");
}

BOOST_AUTO_TEST_CASE(headers_are_sent_as_they_are_and_may_name_another_host) {
  auto text = handshake_request(parse_url("ws://a/"), {"", true}, {"HOST: b", "X: y"});
  BOOST_TEST((contains(text, "\r\nHOST: b\r\n") && contains(text, "\r\nX: y\r\n")));
  BOOST_TEST(!contains(text, "Host: a"));
  BOOST_TEST(contains(text, "Sec-WebSocket-Protocol: holdfast.v1\r\n"));
}

BOOST_AUTO_TEST_CASE(a_header_that_would_break_the_request_is_refused) {
  BOOST_TEST(header_fault("Authorization: Bearer x") == "");
  BOOST_TEST(header_fault("Empty:") == "");
  for (auto line : {"", "nothing", ": x", "a b: c", "a: b\r\nc: d", "a: \x01", "Upgrade: h2c",
                    "sec-websocket-key: x", "Sec-WebSocket-Extensions: permessage-deflate"})
    BOOST_TEST(header_fault(line) != "", line);
}

BOOST_AUTO_TEST_CASE(a_good_answer_is_accepted_as_soon_as_it_is_there) {
  auto text = upgrade();
  for (std::size_t cut = 0; cut < text.size(); ++cut)
    BOOST_TEST((read_answer(text.substr(0, cut), "", false).state == answer_state::incomplete));
  auto found = read_answer(text + "\x81\x01x", "", false);
  BOOST_TEST((found.state == answer_state::accepted));
  BOOST_TEST(found.size == text.size());
}

BOOST_AUTO_TEST_CASE(an_upgrade_that_is_not_ours_is_refused) {
  BOOST_TEST(contains(refusal(upgrade("s3pP", "S3pP")), "Sec-WebSocket-Accept"));
  BOOST_TEST(contains(refusal(upgrade("Upgrade: websocket", "Upgrade: h2c")), "something else"));
  BOOST_TEST(contains(refusal(upgrade("keep-alive, Upgrade", "keep-alive")), "something else"));
  BOOST_TEST(
    contains(refusal(upgrade("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a\r\n\r\n")), "subprotocol"));
  BOOST_TEST(
    contains(refusal(upgrade("\r\n\r\n", "\r\nSec-WebSocket-Extensions: a\r\n\r\n")), "extension"));
}

BOOST_AUTO_TEST_CASE(an_offered_subprotocol_may_be_chosen) {
  auto text = upgrade("\r\n\r\n", "\r\nSec-WebSocket-Protocol: b\r\n\r\n");
  BOOST_TEST((read_answer(text, " a, b", false).state == answer_state::accepted));
  BOOST_TEST((read_answer(upgrade(), "a, b", false).state == answer_state::accepted));
  BOOST_TEST(offered_protocols({"X: y", "sec-websocket-protocol: a, b"}) == " a, b");
  BOOST_TEST(contains(refusal(upgrade(), false, "holdfast.v1"), "holdfast.v1"));
}

BOOST_AUTO_TEST_CASE(a_status_is_quoted_with_the_first_line_of_its_body) {
  std::string head = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 10\r\n\r\n";
  BOOST_TEST((read_answer(head + "too ", "", false).state == answer_state::incomplete));
  auto why = refusal(head + "too many\nx");
  BOOST_TEST(contains(why, "HTTP/1.1 503 Service Unavailable: too many"));
  BOOST_TEST(contains(why, "--open-rate"));
  BOOST_TEST(contains(refusal(head + "too ", true), "Unavailable: too ("));
}

BOOST_AUTO_TEST_CASE(a_status_without_a_body_is_quoted_at_once_or_at_its_end) {
  BOOST_TEST(contains(refusal("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "path"));
  std::string open_end = "HTTP/1.1 401 Unauthorized\r\n\r\n";
  BOOST_TEST((read_answer(open_end, "", false).state == answer_state::incomplete));
  BOOST_TEST(contains(refusal(open_end, true), "Authorization"));
}

BOOST_AUTO_TEST_CASE(a_chunked_body_and_a_redirection_are_understood) {
  BOOST_TEST(contains(refusal("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "7\r\nno way\n\r\n0\r\n\r\n"),
                      "Bad Request: no way"));
  BOOST_TEST(contains(refusal("HTTP/1.1 301 Moved Permanently\r\nLocation: https://b/\r\n"
                              "Content-Length: 0\r\n\r\n"),
                      "to https://b/"));
}

BOOST_AUTO_TEST_CASE(a_servers_words_cannot_play_with_the_terminal) {
  auto why = refusal("HTTP/1.1 400 \x1b[31mBad\r\nContent-Length: 3\r\n\r\na\x07\n");
  BOOST_TEST((why.find('\x1b') == std::string::npos && why.find('\x07') == std::string::npos));
  auto longest = refusal("HTTP/1.1 400 " + std::string(5000, 'x') + "\r\n\r\n", true);
  BOOST_TEST(longest.size() < 300u);
}

BOOST_AUTO_TEST_CASE(what_is_no_http_is_refused_at_its_first_bytes) {
  BOOST_TEST(contains(refusal("SSH-2.0-OpenSSH"), "no HTTP"));
  BOOST_TEST(contains(refusal(std::string{"\x15\x03\x01\x00\x02", 5}), "wss://"));
  BOOST_TEST(contains(refusal("HTTP/1.1\r\n\r\n"), "no HTTP"));
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_end_is_refused) {
  BOOST_TEST(contains(refusal("", true), "without an answer"));
  BOOST_TEST(contains(refusal("HTTP/1.1 101 Swi", true), "in the middle"));
  BOOST_TEST(contains(refusal("HTTP/1.1 101 " + std::string(70'000, 'x')), "no end"));
}

BOOST_AUTO_TEST_SUITE_END()
