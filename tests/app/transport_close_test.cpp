#include "tests/app/transport_fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

struct violation_case {
  const char* name;
  std::string bytes;
  unsigned code;
  cause why = cause::protocol_violation;
};

std::ostream& operator<<(std::ostream& out, const violation_case& x) {
  return out << x.name;
}

std::string raw(std::initializer_list<int> bytes) {
  std::string made;
  for (int byte : bytes)
    made += static_cast<char>(byte);
  return made;
}

const std::vector<violation_case> violations{
  {"RSV1", encode_frame(0xc1, "x"), 1002},
  {"RSV2", encode_frame(0xa1, "x"), 1002},
  {"RSV3 on a ping", encode_frame(0x99, "x"), 1002},
  {"RSV1 on a continuation", encode_frame(0x01, "x") + encode_frame(0xc0, "x"), 1002},
  {"no mask", encode_frame(0x81, "x", false), 1002},
  {"opcode 3", encode_frame(0x83, "x"), 1002},
  {"opcode 11", encode_frame(0x8b, "x"), 1002},
  {"a 16 bit length of 5", raw({0x81, 0xfe, 0, 5, 0, 0, 0, 0}) + "hello", 1002},
  {"a 64 bit length of 5", raw({0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0}) + "hello", 1002},
  {"a fragmented ping", encode_frame(0x09, "x"), 1002},
  {"a ping of 126 bytes", encode_frame(0x89, std::string(126, 'x')), 1002},
  {"a continuation of nothing", encode_frame(0x80, "x"), 1002},
  {"a message within a message", encode_frame(0x01, "x") + encode_frame(0x81, "x"), 1002},
  {"a close payload of one byte", encode_frame(0x88, "x"), 1002},
  {"close code 999", close_frame(999), 1002},
  {"close code 1004", close_frame(1004), 1002},
  {"close code 1005", close_frame(1005), 1002},
  {"close code 1006", close_frame(1006), 1002},
  {"close code 1015", close_frame(1015), 1002},
  {"close code 2999", close_frame(2999), 1002},
  {"close code 5000", close_frame(5000), 1002},
  {"a close reason that is not UTF-8", encode_frame(0x88, close_payload(1000, "\xff")), 1007,
   cause::bad_utf8},
  {"bytes that are not UTF-8", text("a\xc0\xaf"), 1007, cause::bad_utf8},
  {"a surrogate", text("\xed\xa0\x80"), 1007, cause::bad_utf8},
  {"text that ends in a codepoint", text("\xe2\x82"), 1007, cause::bad_utf8},
  {"long text that ends in a codepoint", text(std::string(100, 'a') + "\xe2\x82"), 1007,
   cause::bad_utf8},
  {"fragments that end in a codepoint", encode_frame(0x01, "a\xe2") + encode_frame(0x80, "\x82"),
   1007, cause::bad_utf8},
  {"a message that is too big", encode_frame(0x82, std::string(65537, 'x')), 1009, cause::too_big},
  {"a length of 2^62", raw({0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 1009,
   cause::too_big},
  {"fragments that are too big",
   encode_frame(0x02, std::string(40000, 'x')) + encode_frame(0x80, std::string(40000, 'x')), 1009,
   cause::too_big},
};

} // namespace

BOOST_AUTO_TEST_SUITE(transport_close)

BOOST_DATA_TEST_CASE_F(shard, a_violation_is_answered_with_its_code, data::make(violations)) {
  start();
  auto peer = open();
  // What follows must neither be heard nor cost the peer our close frame.
  peer.send(text("before") + sample.bytes + text("after"));
  BOOST_TEST(peer.read_frame().payload == "before");
  auto closed = peer.read_frame();
  BOOST_TEST(closed.opcode == 8u);
  BOOST_TEST(closed.code() == sample.code);
  // Whoever sent a close frame sends no other.
  bool closed_first = (static_cast<unsigned char>(sample.bytes[0]) & 0xf) == 8;
  if (!closed_first)
    peer.send(close_frame(sample.code));
  BOOST_TEST(peer.read_to_end().has_value());
  peer.hang_up();
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == sample.why));
  auto seen = events.seen();
  BOOST_TEST(seen.messages == std::vector<std::string>{"before"}, boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(seen.closing.size(), 1u);
  BOOST_TEST((seen.closing[0] == std::pair{static_cast<close_code>(sample.code), sample.why}));
}

BOOST_DATA_TEST_CASE_F(shard, valid_text_in_any_pieces_is_accepted,
                       data::make(std::vector<std::size_t>{1, 2, 3, 7, 8, 9, 31, 33})) {
  start();
  auto peer = open();
  std::string message;
  for (int i = 0; i < 20; ++i)
    message
      += std::string(static_cast<std::size_t>(i), 'a') + "\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9";
  std::string frames;
  for (std::size_t at = 0; at < message.size(); at += sample)
    frames += encode_frame(at == 0 ? 0x01 : 0x00, message.substr(at, sample));
  peer.send(frames + encode_frame(0x80, ""));
  BOOST_TEST((peer.read_frame().payload == message));
}

BOOST_FIXTURE_TEST_CASE(a_close_frame_arrives_though_the_peer_keeps_sending, shard) {
  start();
  auto peer = open();
  peer.send(encode_frame(0x83, "bad opcode"));
  auto noise = encode_frame(0x82, std::string(60000, 'x'));
  for (int i = 0; i < 100; ++i)
    BOOST_REQUIRE(peer.send(noise));
  peer.half_close();
  BOOST_TEST(peer.read_frame().code() == 1002u);
  BOOST_TEST(peer.read_to_end().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_violator_that_never_stops_is_reset_in_time, shard) {
  config.close_timeout = 50ms;
  start();
  auto peer = open();
  peer.send(encode_frame(0x83, "bad opcode"));
  auto end = events.the_end();
  BOOST_TEST((end.why == cause::protocol_violation));
  BOOST_TEST((end.peer_code == close_code::none));
}

BOOST_FIXTURE_TEST_CASE(our_close_is_clean_when_the_peer_answers_and_counts_what_it_discards,
                        shard) {
  start();
  auto peer = open();
  on_shard([&] {
    events.at(0).close(close_code::service_restart, "bye", {1s, 1s});
    events.at(0).close(close_code::kicked, "again", {1s, 1s});
    BOOST_TEST((events.at(0).send(frame_opcode::text, "late") == send_outcome::gone));
  });
  auto closed = peer.read_frame();
  BOOST_TEST(closed.code() == 1012u);
  BOOST_TEST(closed.payload.substr(2) == "bye");
  peer.send(text("one") + encode_frame(0x89, "ping") + text("two")
            + encode_frame(0x88, close_payload(4999, "mine")) + text("three"));
  BOOST_TEST((peer.read_to_end() == std::optional<std::string>{""}));
  auto end = events.the_end();
  BOOST_TEST(end.clean);
  BOOST_TEST((end.why == cause::none));
  BOOST_TEST(static_cast<unsigned>(end.peer_code) == 4999u);
  BOOST_TEST(end.peer_reason == "mine");
  BOOST_TEST(end.discarded_in == 2u);
  BOOST_TEST(end.unconfirmed_bytes == 0u);
  BOOST_TEST(events.seen().closing.empty());
  BOOST_TEST(events.seen().messages.empty());
  BOOST_TEST(events.seen().pings == 0);
}

BOOST_FIXTURE_TEST_CASE(our_answer_survives_bytes_behind_the_peers_close_frame, shard) {
  start();
  auto peer = open();
  // Sent while the shard does not read, so that all of it waits in the kernel: more than one read.
  on_shard([&] { BOOST_REQUIRE(peer.send(close_frame(1000) + std::string(68'000, 'x'))); });
  BOOST_TEST(peer.read_frame().code() == 1000u);
  BOOST_TEST(peer.read_to_end().has_value());
  BOOST_TEST(events.the_end().clean);
}

BOOST_FIXTURE_TEST_CASE(a_close_frame_without_a_code_is_echoed_without_one, shard) {
  start();
  auto peer = open();
  peer.send(encode_frame(0x88, ""));
  auto closed = peer.read_frame();
  BOOST_TEST(closed.opcode == 8u);
  BOOST_TEST(closed.payload.empty());
  auto end = events.the_end();
  BOOST_TEST(end.clean);
  BOOST_TEST((end.peer_code == close_code::no_status));
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_never_answers_our_close_is_aborted, shard) {
  config.close_timeout = 50ms;
  start();
  auto peer = open();
  on_shard([&] { events.at(0).close(close_code::heartbeat_lost, "", {1s, 1s}); });
  BOOST_TEST(peer.read_frame().code() == 4000u);
  BOOST_TEST(!peer.read_to_end());
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == cause::close_timeout));
  BOOST_TEST((end.peer_code == close_code::none));
}

BOOST_FIXTURE_TEST_CASE(the_end_of_the_stream_without_a_close_frame_is_abnormal, shard) {
  start();
  open().hang_up();
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == cause::peer_vanished));
  BOOST_TEST((end.peer_code == close_code::abnormal));
  BOOST_TEST(end.error == "");
}

BOOST_FIXTURE_TEST_CASE(a_reset_names_the_systems_error, shard) {
  start();
  open().reset();
  auto end = events.the_end();
  BOOST_TEST((end.why == cause::peer_vanished));
  BOOST_TEST((end.peer_code == close_code::abnormal));
  BOOST_TEST(end.error != "");
}

BOOST_FIXTURE_TEST_CASE(an_abort_resets_and_is_told_later, shard) {
  start();
  auto peer = open();
  on_shard([&] {
    events.at(0).abort();
    BOOST_TEST(events.seen().endings.empty());
    events.at(0).abort();
    BOOST_TEST((events.at(0).send(frame_opcode::text, "x") == send_outcome::gone));
  });
  BOOST_TEST(!peer.read_to_end());
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == cause::none));
  BOOST_TEST(events.seen().endings.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_close_or_abort_from_within_a_message, shard) {
  events.heard = [&](slot_index slot, frame_opcode opcode, std::string_view payload) {
    events.at(slot).send(opcode, payload);
    if (payload == "abort")
      events.at(slot).abort();
    else
      events.at(slot).close(close_code::normal, "", {1s, 1s});
  };
  start();
  auto closing = open();
  closing.send(text("close") + text("after"));
  BOOST_TEST(closing.read_frame().payload == "close");
  BOOST_TEST(closing.read_frame().code() == 1000u);
  closing.send(close_frame(1000));
  BOOST_REQUIRE(events.await([](auto& r) { return r.endings.size() == 1; }));
  BOOST_TEST(events.seen().endings[0].discarded_in == 1u);
  auto aborting = open();
  aborting.send(text("abort") + text("after"));
  BOOST_REQUIRE(events.await([](auto& r) { return r.endings.size() == 2; }));
  BOOST_TEST(events.seen().messages.size() == 2u);
  // The reply was in the cork, and never got out of it.
  BOOST_TEST(events.seen().endings[1].never_written.messages == 1u);
  BOOST_TEST(events.seen().endings[1].never_written.bytes == 7u);
}

BOOST_AUTO_TEST_SUITE_END()
