#include "protocol/client_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

const auto alice = client_address::from_v4(0xc0000201);
const auto bob = client_address::from_v4(0xc0000202);

client_address address(std::string_view text) {
  auto result = parse_client_address(text);
  BOOST_REQUIRE_MESSAGE(result, text);
  return *result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(an_ipv4_address_is_its_own_network_however_it_is_written) {
  BOOST_TEST((address("192.0.2.1") == alice));
  BOOST_TEST((address("::ffff:192.0.2.1") == alice));
  BOOST_TEST((address("::ffff:c000:201") == alice));
  BOOST_TEST(alice.is_v4());
  BOOST_TEST(alice.network() != bob.network());
}

BOOST_AUTO_TEST_CASE(ipv6_addresses_of_one_64_are_one_network) {
  auto one = address("2001:db8:1:2::1").network();
  BOOST_TEST(address("2001:db8:1:2:ffff:ffff:ffff:ffff").network() == one);
  BOOST_TEST(address("2001:db8:1:3::1").network() != one);
  BOOST_TEST(!address("2001:db8:1:2::1").is_v4());
}

BOOST_AUTO_TEST_CASE(no_ipv6_network_is_mistaken_for_an_ipv4_address) {
  // The number of 192.0.2.1 alone, as the first 64 bits and as the last 32.
  BOOST_TEST(address("0:0:c000:201::").network() != alice.network());
  BOOST_TEST(address("::192.0.2.1").network() != alice.network());
  BOOST_TEST(address("::1").network() != address("0.0.0.0").network());
}

BOOST_AUTO_TEST_CASE(addresses_are_read_in_every_form_of_rfc_4291) {
  auto bytes_of = [](std::string_view text) { return address(text).bytes; };
  std::array<std::uint8_t, 16> full{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (auto text : {"2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "2001:db8:0:0::0.0.0.1",
                    "2001:db8:0::0:0:1", "2001:db8:0:0:0:0:0.0.0.1"})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST((bytes_of(text) == full));
  BOOST_TEST((bytes_of("::") == std::array<std::uint8_t, 16>{}));
  BOOST_TEST((bytes_of("1:2:3:4:5:6:7::")[13] == 7));
  BOOST_TEST((bytes_of("::2:3:4:5:6:7:8")[15] == 8));
  BOOST_TEST((bytes_of("255.255.255.255") == client_address::from_v4(0xffffffff).bytes));
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  using namespace std::string_view_literals;
  for (auto text : {""sv,
                    "."sv,
                    ":"sv,
                    ":::"sv,
                    "1.2.3"sv,
                    "1.2.3.4.5"sv,
                    "1.2.3."sv,
                    "1..2.3"sv,
                    "256.1.1.1"sv,
                    "01.2.3.4"sv,
                    "1.2.3.0004"sv,
                    " 1.2.3.4"sv,
                    "1.2.3.4 "sv,
                    "1.2.3.4:80"sv,
                    "-1.2.3.4"sv,
                    "1:2:3:4:5:6:7"sv,
                    "1:2:3:4:5:6:7:8:9"sv,
                    "1:2:3:4::5:6:7:8"sv,
                    "1::2::3"sv,
                    "1:2:3:4:5:6:7:"sv,
                    ":2:3:4:5:6:7:8"sv,
                    "12345::"sv,
                    "g::"sv,
                    "[::1]"sv,
                    "fe80::1%eth0"sv,
                    "::1.2.3"sv,
                    "1.2.3.4::"sv,
                    "::1.2.3.4:5"sv,
                    "1:2:3:4:5:6:7:1.2.3.4"sv,
                    "unknown"sv,
                    "1.2.3.4\0"sv,
                    "0000:0000:0000:0000:0000:0000:0000:255.255.255.255:0"sv})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST(!parse_client_address(text));
}

BOOST_AUTO_TEST_CASE(addresses_are_written_as_rfc_5952_has_it) {
  for (auto text : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "2001:db8::1",
                    "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8",
                    "1:2:3:4:5:6::", "::2:3:4:5:6:7", "fe80::a0:b0c:d00d"})
    BOOST_TEST(to_string(address(text)) == text);
  BOOST_TEST(to_string(address("2001:DB8:0000::0:01")) == "2001:db8::1");
  BOOST_TEST(to_string(address("::ffff:192.0.2.1")) == "192.0.2.1");
  BOOST_TEST(to_string(address("0:0:1:0:0:1:0:0")) == "::1:0:0:1:0:0");
}

BOOST_AUTO_TEST_SUITE_END()
