#include "protocol/cidr.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

client_address address(std::string_view text) {
  auto result = parse_client_address(text);
  BOOST_REQUIRE_MESSAGE(result, text);
  return *result;
}

cidr_block block(std::string_view text) {
  auto result = parse_cidr_block(text);
  BOOST_REQUIRE_MESSAGE(result, text);
  return *result;
}

/// The client as text, or what is wrong.
std::string client_behind(std::string_view forwarded_for) {
  auto found
    = forwarded_client(forwarded_for, {block("10.0.0.0/8"), block("::1"), block("2001:db8::/32")});
  if (auto* client = std::get_if<client_address>(&found))
    return to_string(*client);
  return std::get<forwarding_fault>(found) == forwarding_fault::absent ? "absent" : "malformed";
}

} // namespace

BOOST_AUTO_TEST_SUITE(cidr)

BOOST_AUTO_TEST_CASE(a_block_holds_what_begins_with_its_bits) {
  BOOST_TEST(block("10.0.0.0/8").contains(address("10.255.0.1")));
  BOOST_TEST(!block("10.0.0.0/8").contains(address("11.0.0.0")));
  BOOST_TEST(block("192.0.2.128/25").contains(address("192.0.2.128")));
  BOOST_TEST(!block("192.0.2.128/25").contains(address("192.0.2.127")));
  BOOST_TEST(block("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  BOOST_TEST(!block("2001:db8::/33").contains(address("2001:db8:8000::1")));
  BOOST_TEST(block("::1").contains(address("::1")));
  BOOST_TEST(!block("::1").contains(address("::")));
  BOOST_TEST(block("192.0.2.1/32").contains(address("::ffff:192.0.2.1")));
}

BOOST_AUTO_TEST_CASE(the_whole_of_one_family_has_nothing_of_the_other) {
  BOOST_TEST(block("0.0.0.0/0").contains(address("255.1.2.3")));
  BOOST_TEST(!block("0.0.0.0/0").contains(address("::1")));
  BOOST_TEST(block("::/0").contains(address("2001:db8::1")));
  BOOST_TEST(!block("::/0").contains(address("192.0.2.1")));
}

BOOST_AUTO_TEST_CASE(what_is_no_block_is_refused) {
  for (auto text : {"", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8",
                    "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/+8", "10.0.0.0/0x8", "::/129", "10/8",
                    "localhost", "10.0.0.1/8", "::1/127", "10.0.0.0/99999999999999999999"})
    BOOST_TEST(!parse_cidr_block(text), text);
}

BOOST_AUTO_TEST_CASE(blocks_are_written_as_they_are_read) {
  for (auto text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1", "::1", "::/0", "2001:db8::/32"})
    BOOST_TEST(to_string(block(text)) == text);
  BOOST_TEST(to_string(block("192.0.2.1/32")) == "192.0.2.1");
}

BOOST_AUTO_TEST_CASE(the_last_who_is_no_proxy_is_the_client) {
  BOOST_TEST(client_behind("192.0.2.7") == "192.0.2.7");
  BOOST_TEST(client_behind("192.0.2.7, 10.0.0.1") == "192.0.2.7");
  BOOST_TEST(client_behind("192.0.2.7,10.0.0.1 , 2001:db8::5") == "192.0.2.7");
  BOOST_TEST(client_behind("192.0.2.7, 198.51.100.1, 10.0.0.1") == "198.51.100.1");
  BOOST_TEST(client_behind("2001:DB9::1") == "2001:db9::1");
}

BOOST_AUTO_TEST_CASE(what_the_client_wrote_itself_is_not_looked_at) {
  BOOST_TEST(client_behind("10.0.0.9, 192.0.2.7") == "192.0.2.7");
  BOOST_TEST(client_behind("<script>, , 192.0.2.7, 10.0.0.1") == "192.0.2.7");
}

BOOST_AUTO_TEST_CASE(when_all_are_proxies_the_first_of_them_is_the_client) {
  BOOST_TEST(client_behind("10.0.0.1, 10.0.0.2") == "10.0.0.1");
  BOOST_TEST(client_behind("::1") == "::1");
}

BOOST_AUTO_TEST_CASE(what_a_proxy_wrote_is_an_address) {
  BOOST_TEST(client_behind("") == "absent");
  BOOST_TEST(client_behind("  ") == "absent");
  for (auto text : {"unknown", "192.0.2.7,", ",", "192.0.2.7, , 10.0.0.1", "192.0.2.7, _hidden",
                    "192.0.2.300", "192.0.2.7:x", "192.0.2.7:65536", "[::1", "[192.0.2.7]",
                    "[::1]x", "for=192.0.2.7", "nowhere, 10.0.0.1"})
    BOOST_TEST(client_behind(text) == "malformed", text);
}

BOOST_AUTO_TEST_CASE(an_entry_may_have_a_port) {
  BOOST_TEST(client_behind("192.0.2.7:4711") == "192.0.2.7");
  BOOST_TEST(client_behind("[2001:db9::1]:4711, 10.0.0.1:80") == "2001:db9::1");
  BOOST_TEST(client_behind("[2001:db9::1]") == "2001:db9::1");
}

BOOST_AUTO_TEST_SUITE_END()
