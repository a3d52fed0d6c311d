// Many connections that come, talk and go in no order, from a seed; and what is left of them.
#include "tests/app/busy_shard.hpp"
#include "tests/app/conversation.hpp"
#include "tests/app/live_memory.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <memory>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace data = boost::unit_test::data;

namespace {

/// Clients that are all open at the same time.
class crowd {
public:
  crowd(std::uint16_t port, unsigned seed) : port_{port}, random_{seed} {}

  void run(std::size_t at_once, std::size_t actions) {
    while (members_.size() < at_once)
      members_.push_back(come());
    for (; actions > 0; --actions)
      act(members_[below(random_, members_.size())]);
    members_.clear();
  }

  std::uint64_t begun() const { return begun_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t echoed() const { return echoed_; }

private:
  struct member {
    client socket;
    std::deque<message> expected;
  };

  /// Some leave in the middle of their handshake, and another comes.
  std::unique_ptr<member> come() {
    while (true) {
      ++begun_;
      client socket{port_};
      if (random_() % 8 != 0) {
        socket.upgrade();
        return std::make_unique<member>(member{std::move(socket), {}});
      }
      auto request = upgrade_request();
      socket.send(std::string_view{request}.substr(0, below(random_, request.size())));
      leave_rudely(socket);
    }
  }

  void act(std::unique_ptr<member>& who) {
    auto what = random_() % 256;
    if (what == 0) {
      say(*who, {true, "pause"});
    } else if (what < 16) {
      go(*who);
      who = come();
    } else {
      auto size = what < 32 ? below(random_, 20'000) : below(random_, 300);
      say(*who, make_message(random_, size));
      if (who->expected.size() > 8 || what % 2 == 0)
        hear_one(*who);
    }
  }

  void say(member& who, message what) {
    ++sent_;
    BOOST_REQUIRE(who.socket.send(split(what, random_)));
    who.expected.push_back(std::move(what));
  }

  void hear_one(member& who) {
    auto heard = who.socket.read_frame();
    if (heard.opcode == 10)
      return hear_one(who);
    auto& awaited = who.expected.front();
    BOOST_REQUIRE_EQUAL(heard.opcode, awaited.is_text ? 1u : 2u);
    BOOST_REQUIRE(heard.payload == awaited.payload);
    ++echoed_;
    who.expected.pop_front();
  }

  void go(member& who) {
    switch (random_() % 5) {
    case 0: break;
    case 1: who.socket.send(text("cut off").substr(0, 1 + below(random_, 12))); break;
    case 2:
      who.socket.send(close_frame(1000));
      BOOST_REQUIRE_EQUAL(close_code(who), 1000u);
      break;
    case 3: be_sent_away(who); break;
    case 4:
      who.socket.send(encode_frame(0x83, "bad opcode"));
      BOOST_REQUIRE_EQUAL(close_code(who), 1002u);
      break;
    }
    leave_rudely(who.socket);
  }

  void be_sent_away(member& who) {
    bool by_close = random_() % 2 == 0;
    ++sent_;
    who.socket.send(text(by_close ? "close" : "abort"));
    if (!by_close) {
      BOOST_REQUIRE_EQUAL(close_code(who), 0u);
      return;
    }
    ++echoed_;
    BOOST_REQUIRE_EQUAL(close_code(who), 1000u);
    if (random_() % 2 == 0)
      who.socket.send(close_frame(1000));
  }

  void leave_rudely(client& socket) {
    switch (random_() % 3) {
    case 0: socket.reset(); break;
    case 1: socket.hang_up(); break;
    case 2:
      socket.half_close();
      socket.hang_up();
      break;
    }
  }

  /// Of the close frame that comes after everything else; 0: none comes.
  unsigned close_code(member& who) {
    while (true) {
      auto heard = who.socket.read_frame();
      if (heard.opcode == 8 || heard.opcode == 0)
        return heard.code();
    }
  }

  std::uint16_t port_;
  random_source random_;
  std::vector<std::unique_ptr<member>> members_;
  std::uint64_t begun_ = 0, sent_ = 0, echoed_ = 0;
};

/// A short life, whose end depends on `number`.
void live(std::uint16_t port, int number) {
  client peer{port};
  if (number % 7 == 0) {
    peer.send("GET / HTTP/1.1\r\n");
    peer.reset();
    return;
  }
  peer.upgrade();
  peer.send(encode_frame(0x01, "in two ") + encode_frame(0x80, "pieces"));
  BOOST_REQUIRE_EQUAL(peer.read_frame().payload, "in two pieces");
  switch (number % 5) {
  case 0: peer.reset(); break;
  case 1: peer.send(encode_frame(0x82, std::string(200, 'x')).substr(0, 100)); break;
  case 2: peer.send(encode_frame(0x83, "bad opcode")); break;
  default: peer.send(close_frame(1000)); peer.read_to_end();
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_load, busy_shard)

BOOST_DATA_TEST_CASE_F(busy_shard, a_crowd_that_comes_talks_and_goes_is_accounted_for,
                       data::make({1u, 2u, 3u})) {
  start();
  auto before = open_descriptors();
  crowd clients{port, sample};
  clients.run(300, 10'000);
  BOOST_TEST(clients.echoed() > 5000u);
  BOOST_REQUIRE(comes_to_rest(clients.begun(), before));
  auto seen = echo.seen();
  BOOST_TEST(seen.accepted == clients.begun());
  BOOST_TEST(seen.messages >= clients.echoed());
  BOOST_TEST(seen.messages <= clients.sent());
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_thousands_of_connections) {
  start();
  constexpr int round = 2000;
  auto descriptors = open_descriptors();
  auto live_all = [&] {
    auto begun = echo.seen().accepted;
    for (int i = 0; i < round; ++i)
      live(port, i);
    BOOST_REQUIRE(comes_to_rest(begun + round, descriptors));
  };
  live_all(); // for what grows once: tables, pools, caches of threads
  memory_growth growth;
  live_all();
  BOOST_TEST(growth.bytes() < 16u * round); // less than the smallest allocation for each
}

BOOST_AUTO_TEST_CASE(the_memory_of_long_messages_is_given_back) {
  constexpr std::size_t size = 1024 * 1024;
  config.max_message_size = size;
  config.queue.max_queued_bytes = 2 * size;
  start();
  auto talk = [&](int messages) {
    client peer{port};
    peer.upgrade();
    auto frame = encode_frame(0x82, std::string(size, 'x'));
    for (int i = 0; i < messages; ++i) {
      BOOST_REQUIRE(peer.send(frame));
      BOOST_REQUIRE_EQUAL(peer.read_frame().payload.size(), size);
    }
  };
  auto descriptors = open_descriptors();
  talk(1);
  memory_growth growth;
  talk(100);
  BOOST_REQUIRE(comes_to_rest(2, descriptors));
  BOOST_TEST(growth.bytes() < 8 * size);
}

BOOST_AUTO_TEST_SUITE_END()
