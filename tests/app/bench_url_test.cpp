#include "app/bench/failure.hpp"
#include "app/bench/url.hpp"

#include <boost/test/unit_test.hpp>

using holdfast::bench::failure;
using holdfast::bench::parse_url;

namespace {

/// What is said about a refused URL; empty if it is accepted.
std::string refusal(const std::string& text) {
  try {
    parse_url(text);
    return {};
  } catch (const failure& e) {
    return e.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_url)

BOOST_AUTO_TEST_CASE(all_parts_are_taken_apart) {
  auto url = parse_url("ws://127.0.0.1:8080/echo?user=ada&x=1");
  BOOST_TEST(!url.secure);
  BOOST_TEST(url.host == "127.0.0.1");
  BOOST_TEST(url.port == 8080);
  BOOST_TEST(url.authority == "127.0.0.1:8080");
  BOOST_TEST(url.resource == "/echo?user=ada&x=1");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_has_its_usual_value) {
  auto plain = parse_url("ws://example.org");
  BOOST_TEST((plain.port == 80 && plain.authority == "example.org" && plain.resource == "/"));
  auto secure = parse_url("wss://example.org?a=b");
  BOOST_TEST((secure.secure && secure.port == 443 && secure.resource == "/?a=b"));
  BOOST_TEST(secure.authority == "example.org");
}

BOOST_AUTO_TEST_CASE(a_usual_port_is_not_in_the_host_header_and_another_is) {
  BOOST_TEST(parse_url("ws://a:80/").authority == "a");
  BOOST_TEST(parse_url("wss://a:80/").authority == "a:80");
  BOOST_TEST(parse_url("wss://a:443/").authority == "a");
}

BOOST_AUTO_TEST_CASE(schemes_are_read_without_case) {
  BOOST_TEST(parse_url("WSS://a/").secure);
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_stands_in_brackets) {
  auto url = parse_url("ws://[::1]:9000/x");
  BOOST_TEST((url.host == "::1" && url.port == 9000 && url.authority == "[::1]:9000"));
  BOOST_TEST(parse_url("ws://[fe80::1%eth0]/").host == "fe80::1%eth0");
  BOOST_TEST(contains(refusal("ws://::1:9000/"), "brackets"));
  for (auto text : {"ws://[::1/", "ws://[localhost]/", "ws://[]/", "ws://[::1]9000/"})
    BOOST_TEST(refusal(text) != "", text);
}

BOOST_AUTO_TEST_CASE(another_scheme_is_answered_with_the_right_one) {
  BOOST_TEST(contains(refusal("http://a/b"), "did you mean ws://a/b?"));
  BOOST_TEST(contains(refusal("https://a/b"), "did you mean wss://a/b?"));
  BOOST_TEST(contains(refusal("localhost:8080/echo"), "did you mean ws://localhost:8080/echo?"));
}

BOOST_AUTO_TEST_CASE(a_user_name_is_refused_and_told_where_it_belongs) {
  BOOST_TEST(contains(refusal("ws://ada:secret@example.org/"), "--header 'Authorization"));
  BOOST_TEST(!contains(refusal("ws://ada:secret@example.org/"), "secret"));
  // Behind the host an @ is nothing special.
  BOOST_TEST(parse_url("ws://a/@b").resource == "/@b");
}

BOOST_AUTO_TEST_CASE(what_no_request_line_can_hold_is_refused) {
  for (auto text : {"ws://a/b c", "ws://a/b\r\nX: y", "ws://a/\x7f", "ws://a/\xc3\xa9",
                    "ws://a/#top", "ws://a#top"})
    BOOST_TEST(refusal(text) != "", text);
}

BOOST_AUTO_TEST_CASE(a_host_or_port_that_is_none_is_refused) {
  for (auto text : {"", "ws://", "ws:///path", "ws://:80/", "ws://a b/", "ws://a:/", "ws://a:0/",
                    "ws://a:65536/", "ws://a:80x/", "ws://a:-1/", "ws://\xc3\xa9/"})
    BOOST_TEST(refusal(text) != "", text);
}

BOOST_AUTO_TEST_SUITE_END()
