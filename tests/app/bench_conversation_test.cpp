#include "app/bench/conversation.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace holdfast;
using namespace holdfast::bench;

namespace {

const std::string accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Writes down what it hears, one entry an event.
class listener : public traffic {
public:
  void opened(client&, time_point) override { heard.push_back("opened"); }
  void received(client&, opcode op, std::string_view payload, time_point) override {
    heard.push_back(std::string{to_string(op)} + " " + std::string{payload});
  }
  void pinged(client&, time_point) override { heard.push_back("ping"); }
  void ponged(client&, std::string_view payload) override {
    heard.push_back("pong " + std::string{payload});
  }
  void close_received(client& c, time_point) override {
    heard.push_back("close " + std::to_string(c.close_code));
  }

  std::vector<std::string> heard;
};

std::string frame(int first, const std::string& payload) {
  std::string text{static_cast<char>(first)};
  if (payload.size() < 126) {
    text.push_back(static_cast<char>(payload.size()));
  } else {
    text.push_back(126);
    append_big_endian(text, payload.size(), 2);
  }
  return text + payload;
}

struct talk_with_a_server {
  listener events;
  conversation talk{events, ""};
  client c;

  explicit talk_with_a_server(bool opened = true) {
    c.state = opened ? client_state::open : client_state::handshaking;
  }

  /// What came, in reads of `step` bytes. Returns the fault, if there is one.
  std::string hears(const std::string& bytes, std::size_t step = std::string::npos) {
    for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size() - at))
      if (auto fault = talk.digest(c, std::string_view{bytes}.substr(at, step), time_point{}))
        return *fault;
    return {};
  }
};

using entries = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(bench_conversation)

BOOST_AUTO_TEST_CASE(the_same_is_heard_however_the_bytes_are_cut) {
  auto bytes = accepted + frame(0x81, "whole") + frame(0x01, "in ") + frame(0x89, "1")
               + frame(0x00, "three ") + frame(0x8a, "mine") + frame(0x80, "parts")
               + frame(0x82, std::string(300, 'b')) + frame(0x01, "") + frame(0x80, "")
               + frame(0x88, std::string{"\x03\xf4", 2});
  entries expected{"opened",    "text whole",          "ping",
                   "pong mine", "text in three parts", "binary " + std::string(300, 'b'),
                   "text ",     "close 1012"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    talk_with_a_server t{false};
    BOOST_TEST(t.hears(bytes, step) == "");
    BOOST_TEST(t.events.heard == expected, boost::test_tools::per_element());
    BOOST_TEST(t.c.in == "");
  }
}

BOOST_AUTO_TEST_CASE(a_ping_is_answered_with_its_payload_and_a_close_with_its_code) {
  talk_with_a_server t;
  t.hears(frame(0x89, "abc"));
  BOOST_TEST(t.c.unsent_pongs == 1u);
  BOOST_TEST(static_cast<unsigned char>(t.c.out[0]) == 0x8a);
  BOOST_TEST(t.c.out.size() == 6u + 3u);
  t.c.out.clear();
  t.hears(frame(0x88, std::string{"\x03\xe8reason", 8}));
  BOOST_TEST(static_cast<unsigned char>(t.c.out[0]) == 0x88);
  BOOST_TEST(t.c.out.size() == 6u + 2u);
  BOOST_TEST(t.c.close_code == 1000);
  BOOST_TEST((t.c.state == client_state::closing));
}

BOOST_AUTO_TEST_CASE(the_answer_to_our_close_is_not_answered) {
  talk_with_a_server t;
  t.talk.begin_close(t.c, 1000);
  auto sent = t.c.out.size();
  t.hears(frame(0x88, std::string{"\x03\xe8", 2}));
  BOOST_TEST(t.c.out.size() == sent);
  BOOST_TEST(t.c.close_heard);
}

BOOST_AUTO_TEST_CASE(a_close_without_a_code_is_1005) {
  talk_with_a_server t;
  t.hears(frame(0x88, ""));
  BOOST_TEST(t.c.close_code == 1005);
}

BOOST_AUTO_TEST_CASE(what_breaks_the_rules_ends_the_client) {
  for (const auto& bytes :
       {frame(0x80, "the rest of nothing"), frame(0x00, "the middle of nothing"),
        frame(0x01, "begun") + frame(0x81, "another"), frame(0x01, "begun") + frame(0x01, "again"),
        frame(0x88, "1"), // half a code
        frame(0x83, "unknown opcode")}) {
    talk_with_a_server t;
    BOOST_TEST(t.hears(bytes) == "garbled");
    BOOST_TEST(t.talk.garbled() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_message_of_endless_fragments_ends_the_client) {
  talk_with_a_server t;
  std::string large(60'000, 'x');
  std::string fault = t.hears(frame(0x01, large));
  for (int i = 0; i < 400 && fault.empty(); ++i)
    fault = t.hears(frame(0x00, large));
  BOOST_TEST(fault == "garbled");
}

BOOST_AUTO_TEST_CASE(two_messages_in_fragments_are_kept_apart) {
  talk_with_a_server t;
  t.hears(frame(0x01, "a") + frame(0x80, "b") + frame(0x02, "c") + frame(0x80, "d"));
  BOOST_TEST(t.events.heard == (entries{"text ab", "binary cd"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_and_opens_nothing) {
  talk_with_a_server t{false};
  auto fault = t.hears("HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nnothing\n");
  BOOST_TEST(fault.find("404 Not Found: nothing") != std::string::npos);
  BOOST_TEST(t.events.heard.empty());
  BOOST_TEST(t.talk.garbled() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
