// What a loop measures of itself.
#include "tests/app/transport_fixture.hpp"

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace {

using record = echo_events::record;

constexpr std::size_t piece = 16 * 1024;

/// Sends until so much waits in the connection's queue.
void pile_up(transport_connection& to, std::size_t bytes) {
  std::string payload(piece, 'f');
  while (to.outbound().queued_bytes < bytes)
    BOOST_REQUIRE((to.send(frame_opcode::binary, payload) == send_outcome::taken));
}

bool some_wait(const record& r) {
  return r.figures.queued_bytes > 0;
}

bool none_wait(const record& r) {
  return r.figures.queued_bytes == 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_figures, shard)

BOOST_AUTO_TEST_CASE(what_waits_on_all_connections_is_summed) {
  start();
  auto one = open();
  auto other = open();
  std::size_t sum = 0;
  on_shard([&] {
    for (slot_index slot : {0, 1}) {
      pile_up(events.at(slot), 100'000);
      sum += events.at(slot).outbound().queued_bytes;
    }
  });
  BOOST_TEST(sum >= 200'000u);
  BOOST_TEST(events.await([&](auto& r) { return r.figures.queued_bytes == sum; }));
}

BOOST_AUTO_TEST_CASE(nothing_waits_any_more_when_the_peers_have_read_it) {
  start();
  auto peer = open();
  std::size_t sent = 0;
  on_shard([&] {
    std::string payload(piece, 'f');
    for (; events.at(0).outbound().queued_bytes < 300'000; ++sent)
      events.at(0).send(frame_opcode::binary, payload);
  });
  BOOST_REQUIRE(events.await(some_wait));
  for (; sent > 0; --sent)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload.size(), piece);
  BOOST_TEST(events.await(none_wait));
}

BOOST_AUTO_TEST_CASE(what_a_lost_connection_was_owed_does_not_wait_any_more) {
  start();
  auto peer = open();
  on_shard([&] { pile_up(events.at(0), 300'000); });
  BOOST_REQUIRE(events.await(some_wait));
  on_shard([&] { events.at(0).abort(); });
  BOOST_TEST(events.the_end().never_written.bytes >= 300'000u);
  BOOST_TEST(events.await(none_wait));
}

BOOST_AUTO_TEST_CASE(what_the_queues_policy_drops_does_not_wait) {
  config.queue.max_queued_bytes = 100'000;
  config.queue.on_slow_consumer = send_queue_config::slow_consumer::drop_oldest;
  start();
  auto peer = open();
  std::size_t waiting = 0;
  on_shard([&] {
    std::string payload(piece, 'f');
    while (events.at(0).send(frame_opcode::binary, payload) == send_outcome::taken)
      ;
    waiting = events.at(0).outbound().queued_bytes;
  });
  BOOST_TEST(waiting > 0u);
  BOOST_TEST(events.await([&](auto& r) { return r.figures.queued_bytes == waiting; }));
}

BOOST_AUTO_TEST_CASE(a_tick_that_was_held_up_is_told_how_late_it_is) {
  start();
  BOOST_REQUIRE(events.await([](auto& r) { return r.ticks > 1; }));
  on_shard([&] {
    auto since = time.now();
    while (time.now() - since < config.tick + 100ms) {
    }
  });
  BOOST_TEST(events.await([](auto& r) { return r.latest >= 100ms; }));
}

BOOST_AUTO_TEST_CASE(a_request_tells_when_its_socket_was_accepted) {
  start();
  auto before = std::chrono::steady_clock::now();
  auto peer = connect();
  BOOST_REQUIRE(events.await([](auto& r) { return r.accepted == 1; }));
  on_shard([] {}); // it has begun with the socket
  auto accepted = std::chrono::steady_clock::now();
  peer.upgrade();
  auto at = events.seen().accepted_at;
  BOOST_TEST((at >= before && at <= accepted));
}

BOOST_AUTO_TEST_SUITE_END()
