#include "tests/app/transport_fixture.hpp"

#include <cerrno>
#include <future>
#include <system_error>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

BOOST_FIXTURE_TEST_SUITE(transport_shard, shard)

BOOST_AUTO_TEST_CASE(a_client_connects_echoes_and_closes) {
  start();
  auto peer = connect();
  BOOST_REQUIRE(peer.send(upgrade_request("/chat?room=1", "Sec-WebSocket-Protocol: a, b\r\n")));
  auto head = peer.read_head();
  BOOST_TEST(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
             != std::string::npos);
  peer.send(text("hello"));
  auto echoed = peer.read_frame();
  BOOST_TEST(echoed.opcode == 1u);
  BOOST_TEST(echoed.payload == "hello");
  peer.send(close_frame(1000));
  auto closed = peer.read_frame();
  BOOST_TEST(closed.opcode == 8u);
  BOOST_TEST(closed.code() == 1000u);
  BOOST_TEST(peer.read_to_end().has_value());
  auto end = events.the_end();
  BOOST_TEST(end.clean);
  BOOST_TEST((end.peer_code == close_code::normal));
  BOOST_TEST((end.why == cause::peer_closed));
  BOOST_TEST(end.unconfirmed_bytes == 0u);
  auto seen = events.seen();
  BOOST_TEST(seen.path == "/chat");
  BOOST_TEST(seen.query == "room=1");
  BOOST_TEST(seen.protocol == "a, b");
  BOOST_TEST(seen.address.substr(0, 10) == "127.0.0.1:");
  BOOST_TEST(seen.accepted == 1);
  BOOST_TEST(seen.settled == 1);
  BOOST_REQUIRE_EQUAL(seen.closing.size(), 1u);
  BOOST_TEST((seen.closing[0] == std::pair{close_code::normal, cause::peer_closed}));
}

BOOST_AUTO_TEST_CASE(messages_of_every_length_class_come_back_unharmed) {
  start();
  auto peer = open();
  for (std::size_t size : {0u, 1u, 7u, 8u, 9u, 125u, 126u, 127u, 4095u, 65535u, 65536u}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
      payload[i] = static_cast<char>(i * 7 + size);
    BOOST_REQUIRE(peer.send(encode_frame(0x82, payload)));
    auto echoed = peer.read_frame();
    BOOST_TEST(echoed.opcode == 2u);
    BOOST_TEST((echoed.payload == payload), "of " << size << " bytes");
  }
}

BOOST_AUTO_TEST_CASE(frames_may_arrive_byte_by_byte_and_in_bulk) {
  start();
  auto peer = open();
  std::string many;
  for (int i = 0; i < 2000; ++i)
    many += text("number " + std::to_string(i));
  BOOST_REQUIRE(peer.send(many));
  for (int i = 0; i < 2000; ++i)
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload, "number " + std::to_string(i));
  for (char c : text("slowly"))
    BOOST_REQUIRE(peer.send({&c, 1}));
  BOOST_TEST(peer.read_frame().payload == "slowly");
}

BOOST_AUTO_TEST_CASE(fragments_make_one_message_with_a_ping_between_them) {
  start();
  auto peer = open();
  peer.send(encode_frame(0x01, "Hel") + encode_frame(0x89, "p") + encode_frame(0x80, "lo"));
  auto pong = peer.read_frame();
  BOOST_TEST(pong.opcode == 10u);
  BOOST_TEST(pong.payload == "p");
  BOOST_TEST(peer.read_frame().payload == "Hello");
  BOOST_TEST(events.seen().pings == 1);
}

BOOST_AUTO_TEST_CASE(our_ping_carries_its_id_in_network_order_and_the_pong_is_told) {
  start();
  auto peer = open();
  on_shard([&] { events.at(0).ping(0x0102030405060708u); });
  auto ping = peer.read_frame();
  BOOST_TEST(ping.opcode == 9u);
  BOOST_TEST(ping.payload == "\x01\x02\x03\x04\x05\x06\x07\x08");
  peer.send(encode_frame(0x8a, ping.payload));
  BOOST_REQUIRE(events.await([](auto& r) { return r.pongs == 1; }));
  BOOST_TEST(events.seen().last_pong == ping.payload);
}

BOOST_AUTO_TEST_CASE(one_shared_frame_goes_to_many_connections) {
  start();
  auto a = open();
  auto b = open();
  auto frame = shared_frame::encode(frame_opcode::text, std::string(100'000, 'x'));
  on_shard([&] {
    BOOST_TEST((events.at(0).send(frame) == send_outcome::taken));
    BOOST_TEST((events.at(1).send(frame) == send_outcome::taken));
  });
  BOOST_TEST(a.read_frame().payload.size() == 100'000u);
  BOOST_TEST(b.read_frame().payload.size() == 100'000u);
}

BOOST_AUTO_TEST_CASE(nothing_is_held_after_a_close) {
  start();
  auto before = open_descriptors();
  constexpr int count = 50;
  {
    std::vector<client> peers;
    for (int i = 0; i < count; ++i)
      peers.push_back(open());
    BOOST_TEST(open_descriptors() == before + 2 * count);
    for (int i = 0; i < count; ++i) {
      if (i % 3 == 0)
        peers[i].reset();
      else if (i % 3 == 1)
        peers[i].hang_up();
      else
        peers[i].send(close_frame(1001));
    }
    BOOST_REQUIRE(events.await([](auto& r) { return r.endings.size() == count; }));
  }
  on_shard([] {}); // what the last turn released is gone by now
  BOOST_TEST(open_descriptors() == before);
  BOOST_TEST(events.seen().settled == count);
}

BOOST_AUTO_TEST_CASE(stopping_resets_whoever_is_left_and_tells_their_end) {
  auto before = open_descriptors();
  start();
  auto peer = open();
  auto shaking = connect();
  shaking.send("GET / HTTP/1.1\r\n");
  BOOST_REQUIRE(events.await([](auto& r) { return r.accepted == 2; }));
  loop->stop();
  loop->join();
  auto end = events.the_end();
  BOOST_TEST(!end.clean);
  BOOST_TEST((end.why == cause::none));
  BOOST_TEST(events.seen().settled == 2);
  BOOST_TEST(!peer.read_to_end());
  loop.reset();
  peer.hang_up();
  shaking.hang_up();
  BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_loop_that_was_never_started_can_be_destroyed) {
  loop.emplace(system, time, config, shard_index{3});
  loop->listen({{"127.0.0.1", 0}});
  BOOST_TEST(loop->local_port(0) != 0);
  loop.reset();
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_refused_with_its_address) {
  auto taken = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  BOOST_REQUIRE_EQUAL(::bind(taken, reinterpret_cast<sockaddr*>(&at), size), 0);
  BOOST_REQUIRE_EQUAL(::listen(taken, 1), 0);
  ::getsockname(taken, reinterpret_cast<sockaddr*>(&at), &size);
  loop.emplace(system, time, config, shard_index{0});
  auto port = ntohs(at.sin_port);
  BOOST_CHECK_EXCEPTION(
    loop->listen({{"127.0.0.1", port}}), std::system_error, [&](const std::system_error& error) {
      return error.code().value() == EADDRINUSE
             && std::string{error.what()}.find("127.0.0.1 port " + std::to_string(port))
                  != std::string::npos;
    });
  BOOST_CHECK_THROW(loop->listen({{"192.0.2.1", 0}}), std::system_error);
  BOOST_CHECK_THROW(loop->listen({{"localhost", 0}}), std::system_error);
  ::close(taken);
}

BOOST_AUTO_TEST_CASE(two_shards_share_a_port) {
  start();
  echo_events others;
  shard_loop second{system, time, config, shard_index{1}};
  second.listen({{"127.0.0.1", port}});
  second.start(others);
  for (int i = 0; i < 200 && others.seen().established == 0; ++i) {
    auto peer = open();
    peer.send(text("x"));
    BOOST_REQUIRE_EQUAL(peer.read_frame().payload, "x");
  }
  BOOST_TEST(others.seen().established > 0);
  second.stop();
  second.join();
}

BOOST_AUTO_TEST_CASE(actors_on_the_unit_run_on_the_shards_thread_and_end_its_turn) {
  start();
  std::thread::id actors, shards;
  on_shard([&] { shards = std::this_thread::get_id(); });
  auto turns = events.seen().turns;
  std::promise<void> ran;
  auto worker = spawn_on(loop->unit(), nullptr, [&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) {
      actors = std::this_thread::get_id();
      ran.set_value();
    }};
  });
  caf::anon_send(worker, 1);
  BOOST_REQUIRE((ran.get_future().wait_for(patience) == std::future_status::ready));
  BOOST_TEST((actors == shards));
  BOOST_TEST(events.await([turns](auto& r) { return r.turns > turns; }));
}

BOOST_AUTO_TEST_SUITE_END()
