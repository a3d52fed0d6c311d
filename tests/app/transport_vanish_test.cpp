// Peers that leave at any point, in each way there is.
#include "tests/app/busy_shard.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

enum class way { reset, hang_up, half_close };

constexpr way ways[]{way::reset, way::hang_up, way::half_close};

std::ostream& operator<<(std::ostream& out, way by) {
  switch (by) {
  case way::reset: return out << "reset";
  case way::hang_up: return out << "hang up";
  case way::half_close: return out << "half close";
  }
  return out;
}

void leave(witness& peer, way by) {
  switch (by) {
  case way::reset: peer.reset(); return;
  case way::hang_up: peer.hang_up(); return;
  case way::half_close:
    peer.half_close();
    BOOST_TEST(peer.read() != stream_end::open);
    return;
  }
}

/// One frame of each kind and length class, and fragments with a ping between them.
std::string whole_life() {
  return upgrade_request() + text("hello") + encode_frame(0x82, std::string(200, 'x'))
         + encode_frame(0x01, "a\xe2\x82") + encode_frame(0x89, "ping") + encode_frame(0x80, "\xac")
         + encode_frame(0x8a, "pong") + close_frame(1000);
}

struct vanishing : busy_shard {
  void setup() {
    start();
    before = open_descriptors();
  }

  void teardown() {
    BOOST_TEST(comes_to_rest(begun, before));
    witness other{port};
    BOOST_TEST(other.upgrade());
  }

  witness begin(socket_buffers buffers = {}) {
    ++begun;
    return witness{port, buffers};
  }

  witness begin_upgraded(socket_buffers buffers = {}) {
    auto peer = begin(buffers);
    BOOST_REQUIRE(peer.upgrade());
    return peer;
  }

  std::uint64_t begun = 0;
  std::size_t before = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(transport_vanish)

BOOST_DATA_TEST_CASE_F(vanishing, after_any_byte, data::make(ways)) {
  auto all = whole_life();
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    auto peer = begin();
    BOOST_REQUIRE(peer.send(std::string_view{all}.substr(0, cut)));
    leave(peer, sample);
  }
}

BOOST_DATA_TEST_CASE_F(vanishing, after_any_byte_when_all_before_it_was_heard, data::make(ways)) {
  auto request = upgrade_request();
  auto frames = whole_life().substr(request.size());
  for (std::size_t cut = 0; cut <= frames.size(); cut += 3) {
    auto peer = begin_upgraded();
    auto turns = echo.seen().turns;
    BOOST_REQUIRE(peer.send(std::string_view{frames}.substr(0, cut)));
    if (cut > 0)
      BOOST_REQUIRE(eventually([&] { return echo.seen().turns > turns; }));
    leave(peer, sample);
  }
}

BOOST_DATA_TEST_CASE_F(vanishing, while_replies_wait_for_it, data::make(ways)) {
  for (int i = 0; i < 20; ++i) {
    auto peer = begin_upgraded({0, 4096});
    auto heard = echo.seen().messages;
    for (int k = 0; k < 10; ++k)
      BOOST_REQUIRE(peer.send(encode_frame(0x82, std::string(60'000, 'x'))));
    BOOST_REQUIRE(eventually([&] { return echo.seen().messages == heard + 10; }));
    leave(peer, sample);
  }
}

BOOST_DATA_TEST_CASE_F(vanishing, at_any_byte_of_the_answer_to_our_close, data::make(ways)) {
  auto answer = close_frame(1000);
  for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
    auto peer = begin_upgraded();
    BOOST_REQUIRE(peer.send(text("close")));
    peer.read_until([&] { return peer.close_code() != 0; });
    BOOST_TEST(peer.close_code() == 1000u);
    BOOST_REQUIRE(peer.send(std::string_view{answer}.substr(0, cut)));
    leave(peer, sample);
  }
}

BOOST_DATA_TEST_CASE_F(vanishing, after_a_violation, data::make(ways)) {
  for (int i = 0; i < 20; ++i) {
    auto peer = begin_upgraded();
    BOOST_REQUIRE(peer.send(encode_frame(0x83, "bad opcode")));
    if (i % 2 == 0)
      peer.read_until([&] { return peer.close_code() != 0; });
    leave(peer, sample);
  }
}

BOOST_DATA_TEST_CASE_F(vanishing, after_a_refusal, data::make(ways)) {
  for (int i = 0; i < 20; ++i) {
    auto peer = begin();
    BOOST_REQUIRE(peer.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n"));
    if (i % 2 == 0)
      BOOST_TEST(peer.read_answer() == 426);
    leave(peer, sample);
  }
}

BOOST_FIXTURE_TEST_CASE(who_half_closes_gets_the_replies_to_what_it_said, vanishing) {
  auto peer = begin_upgraded();
  for (int i = 0; i < 100; ++i)
    BOOST_REQUIRE(peer.send(text("number " + std::to_string(i))));
  peer.half_close();
  BOOST_TEST(peer.read() == stream_end::fin);
  BOOST_TEST(peer.messages() == 100u);
}

// Far more than the sockets take: the rest waits in the queue when the end of the stream comes.
BOOST_FIXTURE_TEST_CASE(who_closes_and_half_closes_gets_all_that_waits, vanishing) {
  for (auto& ending : {close_frame(1000), encode_frame(0x83, "bad opcode")}) {
    auto peer = begin_upgraded({0, 4096});
    for (int i = 0; i < 10; ++i)
      BOOST_REQUIRE(peer.send(encode_frame(0x82, std::string(60'000, 'x'))));
    BOOST_REQUIRE(peer.send(ending));
    peer.half_close();
    BOOST_TEST(peer.read() == stream_end::fin);
    BOOST_TEST(peer.messages() == 10u);
    BOOST_TEST(peer.close_code() != 0u);
  }
}

BOOST_FIXTURE_TEST_CASE(who_half_closes_after_its_request_gets_the_answer, vanishing) {
  auto peer = begin();
  BOOST_REQUIRE(peer.send(upgrade_request()));
  peer.half_close();
  BOOST_TEST(peer.read_answer() == 101);
  BOOST_TEST(peer.read() == stream_end::fin);
}

BOOST_AUTO_TEST_SUITE_END()
