#include "tests/app/accept_hook.hpp"
#include "tests/app/transport_fixture.hpp"

#include <algorithm>
#include <sys/resource.h>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace {

/// Fills the pipe to `slot` until its queue holds something; returns how many were taken.
int fill_up(echo_events& events, slot_index slot, std::size_t size) {
  std::string payload(size, 'f');
  int taken = 0;
  while (events.at(slot).outbound().queued_bytes == 0) {
    if (events.at(slot).send(frame_opcode::binary, payload) != send_outcome::taken)
      return -1;
    ++taken;
  }
  return taken;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_flow, shard)

BOOST_AUTO_TEST_CASE(nothing_is_heard_before_reading_is_resumed) {
  events.opened = [](slot_index) {};
  start();
  auto peer = connect();
  peer.send(upgrade_request() + text("in one piece") + text("with the request"));
  peer.read_head();
  peer.send(text("later"));
  on_shard([] {});
  BOOST_TEST(events.seen().messages.empty());
  on_shard([&] {
    events.at(0).resume_reading();
    BOOST_TEST(events.seen().messages.empty()); // never from within the verb
  });
  BOOST_TEST(peer.read_frame().payload == "in one piece");
  BOOST_TEST(peer.read_frame().payload == "with the request");
  BOOST_TEST(peer.read_frame().payload == "later");
}

BOOST_AUTO_TEST_CASE(pausing_within_a_message_holds_back_the_rest_of_what_was_read) {
  events.heard
    = [&](slot_index slot, frame_opcode, std::string_view) { events.at(slot).pause_reading(); };
  start();
  auto peer = open();
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += text(std::to_string(i));
  peer.send(many);
  for (std::size_t heard = 1; heard <= 100; ++heard) {
    BOOST_REQUIRE(events.await([&](auto& r) { return r.messages.size() == heard; }));
    on_shard([] {});
    BOOST_REQUIRE_EQUAL(events.seen().messages.size(), heard);
    BOOST_REQUIRE_EQUAL(events.seen().messages.back(), std::to_string(heard - 1));
    on_shard([&] { events.at(0).resume_reading(); });
  }
}

BOOST_AUTO_TEST_CASE(a_paused_connection_that_is_closed_still_sees_the_peers_close) {
  events.opened = [](slot_index) {};
  start();
  auto peer = open();
  peer.send(text("never heard"));
  on_shard([&] { events.at(0).close(close_code::going_away, "", {1s, 1s}); });
  BOOST_TEST(peer.read_frame().code() == 1001u);
  peer.send(close_frame(1001));
  auto end = events.the_end();
  BOOST_TEST(end.clean);
  BOOST_TEST(end.discarded_in == 1u);
}

BOOST_AUTO_TEST_CASE(a_paused_connection_that_is_reset_ends) {
  events.opened = [](slot_index) {};
  start();
  open().reset();
  BOOST_TEST((events.the_end().why == cause::peer_vanished));
}

BOOST_AUTO_TEST_CASE(what_the_socket_does_not_take_waits_and_arrives_in_order) {
  config.queue.max_queued_bytes = 64 * 1024 * 1024;
  start();
  client peer{port, 4096};
  peer.upgrade();
  int sent = 0;
  on_shard([&] {
    sent = fill_up(events, 0, 10'000);
    auto waiting = events.at(0).outbound();
    BOOST_TEST(waiting.queued_messages == 1u);
    events.at(0).ping(7);
    for (int i = 0; i < 300; ++i)
      BOOST_REQUIRE(
        (events.at(0).send(frame_opcode::text, std::to_string(i)) == send_outcome::taken));
    BOOST_TEST(events.at(0).outbound().queued_messages == 301u);
  });
  for (int i = 0; i < sent; ++i)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload.size(), 10'000u);
  BOOST_TEST(peer.read_frame().opcode == 9u);
  for (int i = 0; i < 300; ++i)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload, std::to_string(i));
  on_shard([&] { BOOST_TEST(events.at(0).outbound().queued_bytes == 0u); });
}

BOOST_AUTO_TEST_CASE(what_is_sent_while_corked_leaves_together_and_in_order) {
  start();
  auto peer = open();
  on_shard([&] {
    auto& socket = events.at(0);
    corked all{&socket};
    for (int i = 0; i < 3; ++i)
      BOOST_TEST((socket.send(frame_opcode::text, std::to_string(i)) == send_outcome::taken));
    BOOST_TEST(socket.outbound().queued_messages == 3u); // none has left
  });
  on_shard([&] { BOOST_TEST(events.at(0).outbound().queued_messages == 0u); });
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(peer.read_frame().payload == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_close_while_corked_comes_behind_what_was_sent) {
  start();
  auto peer = open();
  on_shard([&] {
    corked all{&events.at(0)};
    events.at(0).send(frame_opcode::text, "last");
    events.at(0).close(close_code::going_away, "", {1s, 1s});
  });
  BOOST_TEST(peer.read_frame().payload == "last");
  BOOST_TEST(peer.read_frame().code() == 1001u);
  peer.send(close_frame(1001));
  BOOST_TEST(events.the_end().clean);
}

BOOST_AUTO_TEST_CASE(a_reset_while_corked_counts_what_was_gathered_as_lost) {
  start();
  auto peer = open();
  on_shard([&] {
    corked all{&events.at(0)};
    events.at(0).send(frame_opcode::text, "never");
    events.at(0).abort();
  });
  BOOST_TEST(events.the_end().never_written.messages == 1u);
  on_shard([&] {}); // another connection can be corked
  auto next = open();
  on_shard([&] {
    corked all{&events.at(1)};
    events.at(1).send(frame_opcode::text, "hello");
  });
  BOOST_TEST(next.read_frame().payload == "hello");
}

BOOST_AUTO_TEST_CASE(the_kernel_hides_no_slow_reader_however_much_it_would_take) {
  buffers_of_the_server now{1024 * 1024};
  start();
  client peer{port, 4096};
  peer.upgrade();
  on_shard([&] { BOOST_TEST(fill_up(events, 0, 10'000) < 20); });
}

BOOST_AUTO_TEST_CASE(replies_that_do_not_fit_wait_too) {
  // Echoes of one read leave together; more than the cork takes, and more than the socket does.
  config.queue.max_queued_bytes = 256 * 1024 * 1024;
  config.queue.max_queued_messages = 1'000'000;
  start();
  client peer{port, 4096};
  peer.upgrade();
  constexpr int count = 3000;
  std::string payload(5000, 'r');
  for (int i = 0; i < count; ++i)
    BOOST_REQUIRE(peer.send(text(std::to_string(i) + payload)));
  for (int i = 0; i < count; ++i)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload.substr(0, std::to_string(i).size() + 1),
                        std::to_string(i) + "r");
}

BOOST_AUTO_TEST_CASE(a_full_queue_overflows_and_shared_frames_are_under_the_same_cap) {
  config.queue.max_queued_bytes = 100'000;
  start();
  client peer{port, 4096};
  peer.upgrade();
  auto frame = shared_frame::encode(frame_opcode::text, std::string(30'000, 's'));
  on_shard([&] {
    fill_up(events, 0, 10'000);
    int taken = 0;
    auto outcome = send_outcome::taken;
    for (; (outcome = events.at(0).send(frame)) == send_outcome::taken; ++taken) {
    }
    BOOST_TEST((outcome == send_outcome::overflow));
    BOOST_TEST(taken < 4);
    BOOST_TEST(events.at(0).outbound().queued_bytes <= 100'000u);
  });
}

BOOST_AUTO_TEST_CASE(dropping_is_told_to_the_sender_and_counted) {
  config.queue.max_queued_messages = 2;
  config.queue.on_slow_consumer = send_queue_config::slow_consumer::drop_newest;
  start();
  client peer{port, 4096};
  peer.upgrade();
  on_shard([&] {
    fill_up(events, 0, 10'000);
    BOOST_TEST((events.at(0).send(frame_opcode::text, "fits") == send_outcome::taken));
    BOOST_TEST((events.at(0).send(frame_opcode::text, "does not") == send_outcome::dropped));
    BOOST_TEST(events.at(0).outbound().dropped_messages == 1u);
    events.at(0).abort();
  });
  auto end = events.the_end();
  BOOST_TEST(end.never_written.messages == 3u); // two that waited, one that was dropped
  BOOST_TEST(end.unconfirmed_bytes > 0u);
}

BOOST_AUTO_TEST_CASE(a_close_flushes_what_waits_first) {
  start();
  client peer{port, 4096};
  peer.upgrade();
  int sent = 0;
  on_shard([&] {
    sent = fill_up(events, 0, 10'000);
    events.at(0).close(close_code::service_restart, "", {10s, 1s});
  });
  for (int i = 0; i < sent; ++i)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload.size(), 10'000u);
  BOOST_TEST(peer.read_frame().code() == 1012u);
  peer.send(close_frame(1012));
  auto end = events.the_end();
  BOOST_TEST(end.clean);
  BOOST_TEST(end.never_written.messages == 0u);
  BOOST_TEST(end.never_written.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(a_close_that_cannot_flush_in_time_aborts_and_counts_the_loss) {
  start();
  client peer{port, 4096};
  peer.upgrade();
  on_shard([&] {
    fill_up(events, 0, 10'000);
    events.at(0).close(close_code::slow_consumer, "", {50ms, 1s});
  });
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == cause::close_timeout));
  BOOST_TEST(end.never_written.messages == 1u);
  BOOST_TEST(end.never_written.bytes > 0u);
  BOOST_TEST(end.unconfirmed_bytes > 0u);
}

BOOST_AUTO_TEST_CASE(a_late_tick_reads_every_ready_socket_first) {
  constexpr std::size_t count = 600; // more than one batch
  std::optional<std::size_t> heard_before;
  std::size_t heard = 0;
  time_point stalled_at{};
  events.heard = [&](slot_index, frame_opcode, std::string_view) { ++heard; };
  events.ticked = [&](time_point now) {
    if (!heard_before && stalled_at != time_point{} && now - stalled_at >= 300ms)
      heard_before = heard;
  };
  start();
  std::vector<client> peers;
  for (std::size_t i = 0; i < count; ++i)
    peers.push_back(open());
  on_shard([&] {
    stalled_at = time.now();
    for (auto& peer : peers)
      BOOST_REQUIRE(peer.send(text("sent while the shard did not run")));
    while (time.now() - stalled_at < 300ms) {
    }
  });
  BOOST_REQUIRE(events.await([](auto& r) { return r.messages.size() == count; }));
  on_shard([&] { BOOST_TEST((heard_before == count)); });
  loop.reset(); // it tells what ends here
}

BOOST_AUTO_TEST_CASE(what_the_kernel_queued_is_accepted_before_a_listener_closes) {
  events.reply = [](auto&) {
    handshake_reply reply;
    reply.close = close_code::service_restart;
    return reply;
  };
  start();
  std::vector<client> queued;
  on_shard([&] {
    for (int i = 0; i < 100; ++i)
      queued.push_back(connect());
    BOOST_TEST(events.seen().accepted == 0);
    loop->stop_accepting();
    BOOST_TEST(events.seen().accepted == 0); // never from within the verb
  });
  BOOST_TEST(events.await([](auto& r) { return r.accepted == 100; }));
  for (auto& peer : queued) {
    peer.upgrade();
    BOOST_REQUIRE_EQUAL(peer.read_frame().code(), 1012u);
  }
}

BOOST_AUTO_TEST_CASE(listening_can_be_taken_up_again_on_the_same_port) {
  start();
  on_shard([&] {
    loop->stop_accepting();
    BOOST_TEST(loop->resume_accepting() == ""); // before it took effect
  });
  BOOST_TEST(open().send(text("x")));
  on_shard([&] { loop->stop_accepting(); });
  on_shard([] {});
  auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_TEST(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0);
  ::close(fd);
  on_shard([&] { BOOST_TEST(loop->resume_accepting() == ""); });
  auto peer = open();
  peer.send(text("back"));
  BOOST_TEST(peer.read_frame().payload == "back");
}

BOOST_AUTO_TEST_CASE(without_descriptors_clients_are_shed_slowly_and_accepting_recovers) {
  int warnings = 0;
  config.warn = [&](std::string_view) { ++warnings; };
  start();
  auto peer = open();
  rlimit files{};
  BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &files), 0);
  std::vector<int> sockets;
  for (int i = 0; i < 20; ++i)
    sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto lowest_free = ::dup(0);
  ::close(lowest_free);
  auto none_left = files;
  none_left.rlim_cur = static_cast<rlim_t>(lowest_free);
  BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (auto fd : sockets)
    BOOST_REQUIRE_EQUAL(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  timeval limit{std::chrono::seconds{patience}.count(), 0};
  ::setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char byte = 0;
  BOOST_TEST(::recv(sockets[0], &byte, 1, 0) == 0);
  auto before = events.seen();
  BOOST_REQUIRE(events.await([&](auto& r) { return r.ticks >= before.ticks + 10; }));
  BOOST_TEST(events.seen().turns - before.turns < 100); // no spinning
  peer.send(text("still served"));
  BOOST_TEST(peer.read_frame().payload == "still served");
  BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &files), 0);
  auto late = open();
  BOOST_TEST(events.seen().accepted > 10); // most of those that waited got in
  on_shard([&] { BOOST_TEST(warnings == 1); });
  for (auto fd : sockets)
    ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_falls_silent_gets_no_more_turns_than_its_own) {
  constexpr std::size_t read = 64 * 1024;
  constexpr std::size_t reads_in_a_row = 4;
  std::size_t of_this_turn = 0;
  std::size_t most = 0;
  events.heard = [&](slot_index, frame_opcode, std::string_view payload) {
    of_this_turn += payload.size();
    most = std::max(most, of_this_turn);
  };
  events.turned = [&] { of_this_turn = 0; };
  start();
  auto peer = open();
  const auto piece = encode_frame(0x82, std::string(16 * 1024, 'x'));
  constexpr std::size_t pieces = 3000;
  for (std::size_t i = 0; i < pieces; ++i)
    BOOST_REQUIRE(peer.send(piece));
  BOOST_REQUIRE(events.await([&](auto& r) { return r.messages.size() == pieces; }));
  // The readiness that a batch found, and the turn that was asked for before.
  on_shard([&] { BOOST_TEST(most <= 2 * reads_in_a_row * read); });
  loop.reset(); // it tells what ends here
}

BOOST_AUTO_TEST_SUITE_END()
