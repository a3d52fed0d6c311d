#include "app/bench/frame.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::bench;

namespace {

/// The payload of a masked frame, unmasked again.
std::string unmasked(const std::string& frame, std::size_t header) {
  std::string payload = frame.substr(header);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ frame[header - 4 + i % 4]);
  return payload;
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (auto value : values)
    result.push_back(static_cast<char>(value));
  return result;
}

take_result take(std::string_view text) {
  frame_view frame;
  return take_frame(text, frame);
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_frame)

BOOST_AUTO_TEST_CASE(written_frames_are_masked_and_have_the_shortest_length_field) {
  for (auto [size, header] : {std::pair<std::size_t, std::size_t>{0, 6},
                              {1, 6},
                              {125, 6},
                              {126, 8},
                              {127, 8},
                              {65535, 8},
                              {65536, 14},
                              {70001, 14}}) {
    std::string payload(size, 'a');
    for (std::size_t i = 0; i < size; ++i)
      payload[i] = static_cast<char>(i * 31);
    std::string out;
    append_frame(out, {opcode::binary, true, payload}, 0x12345678);
    BOOST_REQUIRE(out.size() == header + size);
    BOOST_TEST(static_cast<unsigned char>(out[0]) == 0x82);
    BOOST_TEST((static_cast<unsigned char>(out[1]) & 0x80) != 0);
    BOOST_TEST((unmasked(out, header) == payload));
  }
}

BOOST_AUTO_TEST_CASE(written_frames_are_appended_and_may_be_fragments) {
  std::string out = "before";
  append_frame(out, {opcode::continuation, false, "x"}, 1);
  BOOST_TEST(out.compare(0, 6, "before") == 0);
  BOOST_TEST(out[6] == 0);
}

BOOST_AUTO_TEST_CASE(a_frame_is_read_only_when_it_is_there_whole) {
  for (std::size_t size : {0u, 1u, 125u, 126u, 300u, 65535u, 65536u}) {
    auto text = bytes({0x81});
    if (size < 126) {
      text.push_back(static_cast<char>(size));
    } else {
      text.push_back(static_cast<char>(size < 65536 ? 126 : 127));
      append_big_endian(text, size, size < 65536 ? 2 : 8);
    }
    auto header = text.size();
    text.append(size, 'p');
    for (std::size_t cut = 0; cut < text.size(); cut += cut < header + 2 ? 1 : 1009)
      BOOST_TEST((take(text.substr(0, cut)) == take_result::incomplete));
    std::string_view rest = text;
    auto more = text + "next";
    rest = more;
    frame_view frame;
    BOOST_TEST((take_frame(rest, frame) == take_result::frame));
    BOOST_TEST((frame.fin && frame.op == opcode::text && frame.payload.size() == size));
    BOOST_TEST(rest == "next");
  }
}

BOOST_AUTO_TEST_CASE(what_no_server_may_send_is_invalid) {
  BOOST_TEST((take(bytes({0xc1, 0})) == take_result::invalid)); // extension bits
  BOOST_TEST((take(bytes({0x91, 0})) == take_result::invalid));
  BOOST_TEST((take(bytes({0x81, 0x80, 0, 0, 0, 0})) == take_result::invalid)); // masked
  for (auto op : {3, 7, 11, 15})
    BOOST_TEST((take(bytes({0x80 | op, 0})) == take_result::invalid));
  BOOST_TEST((take(bytes({0x09, 0})) == take_result::invalid));   // a ping in fragments
  BOOST_TEST((take(bytes({0x88, 126})) == take_result::invalid)); // a close of more than 125 bytes
  BOOST_TEST((take(bytes({0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0})) == take_result::invalid));
}

BOOST_AUTO_TEST_CASE(the_largest_frame_is_waited_for_and_a_larger_one_is_not) {
  auto text = bytes({0x82, 127});
  append_big_endian(text, max_frame_payload, 8);
  BOOST_TEST((take(text) == take_result::incomplete));
  text.resize(2);
  append_big_endian(text, max_frame_payload + 1, 8);
  BOOST_TEST((take(text) == take_result::invalid));
}

BOOST_AUTO_TEST_SUITE_END()
