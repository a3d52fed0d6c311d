// Thousands of sockets that never get as far as a request.
#include "tests/app/busy_shard.hpp"
#include "tests/app/live_memory.hpp"

#include <sys/resource.h>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace {

/// 5,000, or what the limit of descriptors leaves room for: both ends are in this process.
std::size_t most_at_once() {
  rlimit files{};
  BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  constexpr std::size_t wanted = 5000, others = 200;
  auto count = std::min<std::size_t>(wanted, (files.rlim_cur - others) / 2);
  if (count < wanted)
    BOOST_TEST_MESSAGE("only " << count << " sockets, because of RLIMIT_NOFILE");
  return count;
}

void echoes(witness& peer) {
  auto had = peer.messages();
  BOOST_REQUIRE(peer.send(text("still there?")));
  peer.read_until([&] { return peer.messages() > had; });
  BOOST_REQUIRE(peer.messages() > had);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_half_open, busy_shard)

BOOST_AUTO_TEST_CASE(thousands_at_once_time_out_while_others_are_served) {
  config.handshake_timeout = 3s;
  config.close_timeout = 200ms;
  auto count = most_at_once();
  start();
  witness served{port};
  BOOST_REQUIRE(served.upgrade());
  auto descriptors = open_descriptors();
  memory_growth growth;
  {
    std::vector<witness> sockets;
    sockets.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      sockets.emplace_back(port);
      if (i % 2 == 1)
        BOOST_REQUIRE(sockets.back().send("GET / HTTP/1.1\r\nHost"));
      if (i % 500 == 0)
        echoes(served);
    }
    BOOST_REQUIRE(eventually([&] { return echo.seen().accepted == count + 1; }));
    BOOST_TEST(echo.seen().settled == 1u); // all of them at once
    echoes(served);
    BOOST_REQUIRE(eventually([&] { return echo.seen().settled == count + 1; }));
    BOOST_TEST(echo.seen().refused == count);
    echoes(served);
    // Those that had begun are told why, and then need not be waited for.
    BOOST_TEST(sockets[0].read() == stream_end::fin);
    BOOST_TEST(sockets[1].read_answer() == 408);
    BOOST_TEST(sockets[1].read() == stream_end::fin);
    BOOST_TEST(eventually([&] { return open_descriptors() == descriptors + count; }));
  }
  BOOST_TEST(eventually([&] { return open_descriptors() == descriptors; }));
  on_shard([] {});
  BOOST_TEST(growth.bytes() < 100 * count); // a half-open socket takes more than 1 KB
}

BOOST_AUTO_TEST_CASE(bytes_that_drip_in_do_not_prolong_a_handshake) {
  config.handshake_timeout = 100ms;
  start();
  witness peer{port};
  const auto request = upgrade_request("/", "X: " + std::string(16'000, 'x'));
  std::size_t sent = 0;
  BOOST_TEST(eventually([&] {
    if (!peer.is_refused())
      peer.send({&request[sent++], 1});
    peer.read(0ms);
    return sent == request.size() || peer.is_refused();
  }));
  BOOST_TEST(peer.read_answer() == 408);
  BOOST_TEST(echo.seen().established == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_that_drip_in_do_not_prolong_a_close) {
  config.close_timeout = 100ms;
  start();
  witness peer{port};
  BOOST_REQUIRE(peer.upgrade());
  BOOST_REQUIRE(peer.send(encode_frame(0x83, "bad opcode")));
  BOOST_TEST(eventually([&] { return !peer.send("x"); }));
  BOOST_TEST(echo.await_end_of(1));
}

BOOST_AUTO_TEST_SUITE_END()
