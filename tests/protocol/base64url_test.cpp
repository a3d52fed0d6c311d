#include "protocol/base64url.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <utility>

using namespace holdfast;

namespace {

std::string decoded(std::string_view text) {
  return decode_base64url(text).value_or("(refused)");
}

} // namespace

BOOST_AUTO_TEST_SUITE(base64url)

BOOST_AUTO_TEST_CASE(the_vectors_of_rfc_4648_hold_without_their_padding) {
  const std::pair<std::string, std::string> cases[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
  };
  for (auto& [bytes, text] : cases) {
    BOOST_TEST(encode_base64url(bytes) == text);
    BOOST_TEST(decoded(text) == bytes);
  }
}

BOOST_AUTO_TEST_CASE(the_last_two_digits_are_those_for_urls) {
  BOOST_TEST(encode_base64url("\xfb\xff\xbf") == "-_-_");
  BOOST_TEST(decoded("-_-_") == "\xfb\xff\xbf");
}

BOOST_AUTO_TEST_CASE(every_other_byte_is_refused) {
  constexpr std::string_view digits
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (unsigned byte = 0; byte < 256; ++byte) {
    auto c = static_cast<char>(byte);
    BOOST_TEST(decode_base64url(std::string{"A"} + c + "AA").has_value()
               == (digits.find(c) != std::string_view::npos));
  }
}

BOOST_AUTO_TEST_CASE(padding_and_white_space_are_refused) {
  for (auto text : {"Zg==", "Zm8=", "Zm9v=", "=", " Zm9v", "Zm9v\n", "Zm\r\n9v", "Zm9v "})
    BOOST_TEST(!decode_base64url(text), text);
}

BOOST_AUTO_TEST_CASE(a_length_that_no_bytes_have_is_refused) {
  for (auto text : {"A", "AAAAA", "Zm9vY"})
    BOOST_TEST(!decode_base64url(text), text);
}

BOOST_AUTO_TEST_CASE(set_bits_behind_the_last_byte_are_refused) {
  for (auto text : {"Zh", "Zv", "Zm9", "Zm-"})
    BOOST_TEST(!decode_base64url(text), text);
}

BOOST_AUTO_TEST_CASE(what_is_decoded_is_encoded_as_the_same_text) {
  std::mt19937 random{1};
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 9, '\0');
    for (auto& c : text)
      c = "ABCDEFGHIJKLMNOPabcdwxyz0189-_+/="[random() % 33];
    if (auto bytes = decode_base64url(text))
      BOOST_TEST(encode_base64url(*bytes) == text);
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_come_back) {
  std::mt19937 random{2};
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    BOOST_TEST((decode_base64url(encode_base64url(bytes)) == bytes));
  }
}

BOOST_AUTO_TEST_SUITE_END()
