// Clients that take too long, and how many there may be.
#include "tests/app/accept_hook.hpp"
#include "tests/app/admin/http/served.hpp"

#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/resource.h>

using namespace holdfast::admin;
using namespace holdfast::admin::test;

namespace {

/// Waits until the one client that there may be has gone.
bool room_again(const served& node) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (node.connect().ask(get("/now", "Connection: close\r\n")).status() == 200)
      return true;
  }
  return false;
}

/// No descriptors can be opened while it lives.
class no_descriptors_left {
public:
  no_descriptors_left() {
    BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    auto lowest_free = ::dup(0);
    ::close(lowest_free);
    auto none_left = before_;
    none_left.rlim_cur = static_cast<rlim_t>(lowest_free);
    BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  }
  ~no_descriptors_left() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_http_time, served)

BOOST_AUTO_TEST_CASE(who_says_nothing_is_let_go_in_silence) {
  options.idle_timeout = 20ms;
  start();
  auto fresh = connect();
  BOOST_TEST(fresh.read_to_end().value_or("reset").empty());
  auto served_before = connect();
  served_before.ask(get("/now"));
  BOOST_TEST(served_before.read_to_end().value_or("reset").empty());
}

BOOST_AUTO_TEST_CASE(a_request_that_does_not_end_is_refused) {
  options.request_timeout = 20ms;
  start();
  for (auto* part :
       {"GET /now HT", "POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"}) {
    auto client = connect();
    client.send(part);
    auto got = client.read_answer();
    BOOST_TEST(got.status() == 408, part);
    BOOST_TEST(nlohmann::json::parse(got.body)["error"]["code"] == "timeout");
    BOOST_TEST(client.read_to_end().value_or("reset").empty());
  }
}

BOOST_AUTO_TEST_CASE(a_byte_now_and_then_gains_no_time) {
  options.request_timeout = 50ms;
  start();
  auto client = connect();
  auto began = std::chrono::steady_clock::now();
  while (client.silent() && std::chrono::steady_clock::now() - began < patience) {
    client.send("G");
    ::poll(nullptr, 0, 5);
  }
  BOOST_TEST(client.read_head().status() == 408);
}

BOOST_AUTO_TEST_CASE(a_handler_may_take_longer_than_a_request) {
  options.request_timeout = options.idle_timeout = 20ms;
  start();
  auto client = connect();
  client.send(get("/slow"));
  auto x = kept("/slow");
  // By then whatever ran has run out: another client has been let go.
  connect().read_to_end();
  connect().read_to_end();
  respond(x, "done");
  BOOST_TEST(client.read_answer().body == "done");
}

BOOST_AUTO_TEST_CASE(a_quiet_stream_stays) {
  options.request_timeout = options.idle_timeout = 20ms;
  start();
  auto client = connect();
  client.send(get("/events"));
  auto x = stream("/events");
  connect().read_to_end();
  connect().read_to_end();
  BOOST_TEST(write(x, "event"));
  client.read_head();
  BOOST_TEST(client.read_chunk() == "event");
}

BOOST_AUTO_TEST_CASE(who_does_not_take_an_answer_is_let_go) {
  options.request_timeout = 50ms;
  options.max_clients = 1;
  start();
  auto client = connect();
  client.send(get("/large"));
  respond(kept("/large"), std::string(8 * 1024 * 1024, 'x'));
  BOOST_TEST(room_again(*this));
}

BOOST_AUTO_TEST_CASE(who_takes_nothing_of_a_stream_is_let_go_although_little_waits) {
  options.idle_timeout = 50ms;
  start();
  auto client = connect();
  client.send(get("/events"));
  auto x = stream("/events");
  note_when_gone(x, "gone");
  while (on_thread([&] { return x->unsent(); }) == 0)
    BOOST_REQUIRE(write(x, std::string(16 * 1024, 'x')));
  BOOST_TEST(await_note("gone"));
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_of_a_large_answer) {
  options.request_timeout = 500ms;
  start();
  auto client = connect();
  client.send(get("/large"));
  std::string large(4 * 1024 * 1024, 'x');
  respond(kept("/large"), large);
  BOOST_TEST((client.read_answer().body == large));
}

BOOST_AUTO_TEST_CASE(too_many_clients_are_told_so) {
  options.max_clients = 2;
  start();
  auto one = connect(), two = connect();
  one.ask(get("/now"));
  two.ask(get("/now"));
  auto three = connect();
  auto got = three.read_answer(); // before it has asked anything
  BOOST_TEST(got.status() == 503);
  BOOST_TEST(nlohmann::json::parse(got.body)["error"]["code"] == "unavailable");
  BOOST_TEST(three.read_to_end().value_or("reset").empty());
  BOOST_TEST(one.ask(get("/now")).status() == 200);
  one.hang_up();
  two.hang_up();
  three.hang_up();
  BOOST_TEST(room_again(*this));
}

BOOST_AUTO_TEST_CASE(a_flood_of_clients_is_cut_off_without_a_word) {
  options.max_clients = 1;
  start();
  auto one = connect();
  one.ask(get("/now"));
  std::vector<wire> many;
  std::size_t told = 0;
  for (int i = 0; i < 100; ++i)
    many.push_back(connect());
  for (auto& client : many)
    told += client.read_to_end().value_or("").empty() ? 0 : 1;
  BOOST_TEST(told == 32u);
  BOOST_TEST(one.ask(get("/now")).status() == 200);
}

BOOST_AUTO_TEST_CASE(clients_over_tcp_leave_room_on_the_socket) {
  options.max_clients = 1;
  start_with_tcp();
  wire one{port()};
  one.ask(get("/now"));
  BOOST_TEST(wire{port()}.read_answer().status() == 503);
  BOOST_TEST(connect().ask(get("/now")).status() == 200);
}

BOOST_AUTO_TEST_CASE(a_lack_of_descriptors_makes_nobody_spin) {
  start();
  auto& hook = holdfast::transport::test::accepting();
  auto waiting = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path().data(), path().size());
  std::uint64_t attempts = 0;
  {
    no_descriptors_left now;
    auto before = hook.attempts.load();
    BOOST_REQUIRE_EQUAL(::connect(waiting, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    auto until = std::chrono::steady_clock::now() + 1s;
    while (attempts < 1000 && std::chrono::steady_clock::now() < until) {
      ::poll(nullptr, 0, 1);
      attempts = hook.attempts - before;
    }
  }
  BOOST_TEST(attempts > 1u); // it goes on trying
  BOOST_TEST(attempts < 50u);
  auto question = get("/now");
  BOOST_TEST(::send(waiting, question.data(), question.size(), MSG_NOSIGNAL) > 0);
  char byte = 0;
  BOOST_TEST(::recv(waiting, &byte, 1, 0) == 1);
  BOOST_TEST(byte == 'H');
  ::close(waiting);
}

BOOST_AUTO_TEST_SUITE_END()
