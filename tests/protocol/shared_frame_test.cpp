#include "protocol/shared_frame.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace holdfast;

namespace {

std::string header(frame_opcode opcode, std::size_t payload_size) {
  char out[max_frame_header];
  auto size = write_frame_header(out, opcode, payload_size);
  return {out, size};
}

std::string operator""_bytes(const char* text, std::size_t size) {
  return {text, size};
}

} // namespace

BOOST_AUTO_TEST_SUITE(shared_frames)

BOOST_AUTO_TEST_CASE(a_text_frame_is_that_of_the_rfc) {
  // RFC 6455 section 5.7, "a single-frame unmasked text message".
  BOOST_TEST(shared_frame::encode(frame_opcode::text, "Hello").bytes() == "\x81\x05Hello");
}

BOOST_AUTO_TEST_CASE(lengths_take_the_shortest_form) {
  BOOST_TEST(header(frame_opcode::text, 0) == "\x81\x00"_bytes);
  BOOST_TEST(header(frame_opcode::text, 125) == "\x81\x7d"_bytes);
  BOOST_TEST(header(frame_opcode::binary, 126) == "\x82\x7e\x00\x7e"_bytes);
  BOOST_TEST(header(frame_opcode::binary, 256) == "\x82\x7e\x01\x00"_bytes);
  BOOST_TEST(header(frame_opcode::binary, 65535) == "\x82\x7e\xff\xff"_bytes);
  BOOST_TEST(header(frame_opcode::binary, 65536) == "\x82\x7f\0\0\0\0\0\x01\0\0"_bytes);
  BOOST_TEST(header(frame_opcode::binary, 0x0102030405060708)
             == "\x82\x7f\x01\x02\x03\x04\x05\x06\x07\x08"_bytes);
}

BOOST_AUTO_TEST_CASE(the_length_of_a_header_can_be_had_without_writing_it) {
  for (std::size_t size : {0, 125, 126, 65535, 65536})
    BOOST_TEST(frame_header_size(size) == header(frame_opcode::text, size).size());
}

BOOST_AUTO_TEST_CASE(each_opcode_has_its_first_byte) {
  BOOST_TEST(header(frame_opcode::close, 2) == "\x88\x02"_bytes);
  BOOST_TEST(header(frame_opcode::ping, 8) == "\x89\x08"_bytes);
  BOOST_TEST(header(frame_opcode::pong, 125) == "\x8a\x7d"_bytes);
  for (auto opcode : {frame_opcode::text, frame_opcode::binary, frame_opcode::close,
                      frame_opcode::ping, frame_opcode::pong}) {
    BOOST_TEST((shared_frame::encode(opcode, "x").opcode() == opcode));
    BOOST_TEST(is_control(opcode) == (opcode >= frame_opcode::close));
  }
}

BOOST_AUTO_TEST_CASE(payloads_of_every_header_length_are_carried_whole) {
  for (std::size_t size : {0, 1, 125, 126, 65535, 65536, 300000}) {
    std::string payload(size, '\0');
    for (std::size_t at = 0; at < size; ++at)
      payload[at] = static_cast<char>(at * 7);
    auto frame = shared_frame::encode(frame_opcode::binary, payload);
    BOOST_TEST(frame.payload_size() == size);
    BOOST_TEST((frame.bytes() == header(frame_opcode::binary, size) + payload));
  }
}

BOOST_AUTO_TEST_CASE(a_handle_is_one_pointer_and_copies_share_the_bytes) {
  static_assert(sizeof(shared_frame) == sizeof(void*));
  static_assert(std::is_nothrow_move_constructible_v<shared_frame>);
  auto first = shared_frame::encode(frame_opcode::text, "once");
  auto second = first;
  BOOST_TEST(first.use_count() == 2u);
  BOOST_TEST((second.bytes().data() == first.bytes().data()));
  auto third = std::move(first);
  BOOST_TEST(!first); // NOLINT(bugprone-use-after-move): it is empty, as its docstring says
  BOOST_TEST(third.use_count() == 2u);
  third = shared_frame{};
  BOOST_TEST(second.use_count() == 1u);
  auto& same = second;
  second = same;
  BOOST_TEST(second.use_count() == 1u);
  BOOST_TEST(second.bytes() == "\x81\x04once");
}

BOOST_AUTO_TEST_CASE(an_empty_handle_has_no_bytes) {
  shared_frame none;
  auto copy = none; // NOLINT(performance-unnecessary-copy-initialization): the copy is the test
  BOOST_TEST(!copy);
  BOOST_TEST(copy.bytes().empty());
  BOOST_TEST(copy.payload_size() == 0u);
  BOOST_TEST(copy.use_count() == 0u);
}

BOOST_AUTO_TEST_CASE(copied_bytes_get_no_header) {
  std::string bytes = "lo\x81\x01x";
  auto frame = shared_frame::copy_of(bytes);
  bytes.assign(bytes.size(), '?');
  BOOST_TEST(frame.bytes() == "lo\x81\x01x");
  BOOST_TEST(frame.payload_size() == 5u);
}

BOOST_AUTO_TEST_CASE(threads_copy_and_drop_handles_of_one_frame) {
  auto frame = shared_frame::encode(frame_opcode::text, "broadcast");
  auto use = [](shared_frame mine) {
    std::vector<shared_frame> queue;
    for (int round = 0; round < 10000; ++round) {
      queue.push_back(mine);
      if (queue.size() == 16)
        queue.clear();
    }
    return mine.bytes().size();
  };
  std::thread one{use, frame}, two{use, frame};
  one.join();
  two.join();
  BOOST_TEST(frame.use_count() == 1u);
  BOOST_TEST(frame.bytes()
             == "\x81\x09"
                "broadcast");
}

BOOST_AUTO_TEST_SUITE_END()
