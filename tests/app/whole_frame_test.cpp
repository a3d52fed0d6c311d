#include "app/transport/utf8.hpp"
#include "app/transport/whole_frame.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::transport;
namespace data = boost::unit_test::data;

namespace {

constexpr std::size_t most = 1000;
const std::string key{"\x11\x22\x33\x44", 4};

/// A client's frame with this first byte and length field, however wrong.
std::string raw_frame(int first, const std::string& length, std::string payload) {
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
  return static_cast<char>(first) + length + key + payload;
}

std::string frame(int first, const std::string& payload) {
  auto size = payload.size();
  std::string length;
  if (size < 126)
    length = {static_cast<char>(0x80 | size)};
  else
    length = {static_cast<char>(0x80 | 126), static_cast<char>(size >> 8),
              static_cast<char>(size & 0xff)};
  return raw_frame(first, length, payload);
}

std::optional<whole_frame> peek(std::string& bytes) {
  return peek_whole_frame(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(), most);
}

} // namespace

BOOST_AUTO_TEST_SUITE(whole_frames)

BOOST_DATA_TEST_CASE(every_length_up_to_the_limit_is_taken,
                     data::make(std::vector<std::size_t>{0, 1, 7, 8, 125, 126, 255, 256, most}),
                     size) {
  std::string text(size, 'x');
  auto bytes = frame(0x81, text) + "rest";
  auto found = peek(bytes);
  BOOST_REQUIRE(found);
  BOOST_TEST((found->opcode == frame_opcode::text));
  BOOST_TEST(found->size == bytes.size() - 4);
  BOOST_TEST(open_payload(*found) == text);
}

BOOST_AUTO_TEST_CASE(no_part_of_a_frame_is_taken) {
  for (auto& whole : {frame(0x82, "some bytes"), frame(0x81, std::string(200, 'x'))})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      auto part = whole.substr(0, size);
      BOOST_TEST(!peek(part));
    }
}

BOOST_AUTO_TEST_CASE(what_the_parser_has_to_judge_is_left_to_it) {
  std::vector<std::string> others{
    frame(0x88, std::string{"\x03\xe8", 2}),                                // close
    frame(0x01, "first fragment"),                                          //
    frame(0x80, "last fragment"),                                           //
    frame(0xc1, "compressed"),                                              // RSV1
    frame(0x91, "RSV3"),                                                    //
    frame(0x83, "unknown"),                                                 //
    frame(0x8b, "unknown control"),                                         //
    frame(0x89, std::string(126, 'x')),                                     // a long ping
    frame(0x81, std::string(most + 1, 'x')),                                // too big
    raw_frame(0x81, std::string{"\xfe\x00\x7d", 3}, std::string(125, 'x')), // not minimal
    raw_frame(0x81, std::string{"\xff\0\0\0\0\0\0\0\x05", 9}, "hello"),     // not minimal
    std::string{"\x81\x05hello, not masked"},
  };
  for (auto& bytes : others)
    BOOST_TEST(!peek(bytes));
}

BOOST_AUTO_TEST_CASE(opening_a_payload_twice_leaves_it_as_it_was) {
  auto bytes = frame(0x81, "thirteen byte");
  auto before = bytes;
  auto found = peek(bytes);
  BOOST_TEST(open_payload(*found) == "thirteen byte");
  open_payload(*found);
  BOOST_TEST(bytes == before);
}

BOOST_AUTO_TEST_CASE(utf8_is_valid_up_to_its_end) {
  std::string ascii(100, 'a');
  for (auto* good : {"", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf"})
    for (std::size_t before : {0u, 1u, 7u, 31u, 32u, 33u}) {
      BOOST_TEST(is_utf8(ascii.substr(0, before) + good));
      BOOST_TEST(is_utf8(ascii.substr(0, before) + good + ascii));
    }
  // A lone continuation, overlong, a surrogate, above U+10FFFF, never valid, cut short.
  for (auto* bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"})
    for (std::size_t before : {0u, 1u, 31u, 32u}) {
      BOOST_TEST(!is_utf8(ascii.substr(0, before) + bad));
      BOOST_TEST(!is_utf8(ascii.substr(0, before) + bad + ascii));
    }
}

BOOST_AUTO_TEST_SUITE_END()
