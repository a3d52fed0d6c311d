// What websocketpp 0.8.2 lets one client, or a lack of descriptors, do to the whole process.
#include "tests/app/accept_hook.hpp"
#include "tests/app/faults/two_servers.hpp"
#include "tests/app/live_memory.hpp"

#include <cerrno>
#include <sys/resource.h>

using namespace holdfast;
using namespace holdfast::transport;
using namespace holdfast::transport::test;

namespace {

constexpr std::size_t much = 20'000'000;

/// How far the server's memory grew for one client that sends `frame` again and again, `much` in
/// all, and reads nothing. Ends when the server has heard all of it, has ended the connection, or
/// has grown too far.
std::size_t memory_for_a_non_reader(std::uint16_t port, const std::string& frame,
                                    const std::function<bool()>& heard_all) {
  witness peer{port, {0, 4096}};
  BOOST_REQUIRE(peer.upgrade());
  std::string many;
  while (many.size() < 60'000)
    many += frame;
  memory_growth growth;
  std::size_t most = 0;
  auto grew = [&] {
    most = std::max(most, growth.bytes());
    return most > much / 2;
  };
  bool taken = true;
  for (std::size_t sent = 0; sent < much && taken; sent += many.size()) {
    taken = peer.send(many);
    grew();
  }
  BOOST_TEST(eventually([&] { return grew() || heard_all() || peer.is_cut_off(); }));
  return most;
}

/// The soft limit of descriptors, until destruction.
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

struct exhaustion {
  std::uint64_t attempts = 0; ///< to accept, in one second or until they are too many
  bool recovers = false;
};

constexpr std::uint64_t too_many = 5000;

exhaustion without_descriptors(std::uint16_t port) {
  exhaustion seen;
  auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  {
    no_descriptors_left now;
    auto before = accepting().attempts.load();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0
                  || errno == EINPROGRESS);
    auto until = std::chrono::steady_clock::now() + 1s;
    while (seen.attempts < too_many && std::chrono::steady_clock::now() < until) {
      ::poll(nullptr, 0, 1);
      seen.attempts = accepting().attempts - before;
    }
  }
  ::close(fd);
  seen.recovers = witness{port}.upgrade();
  return seen;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stock_resources)

BOOST_FIXTURE_TEST_CASE(a_client_that_does_not_read_cannot_fill_the_memory, two_servers) {
  auto message = encode_frame(0x82, std::string(60'000, 'x'));
  auto never = [] { return false; };
  BOOST_TEST(memory_for_a_non_reader(ours(), message, never) < much / 4);
  BOOST_TEST(memory_for_a_non_reader(stocks(), message, never) > much / 2, mended << "its queue");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_pings_and_does_not_read_cannot_either, two_servers) {
  auto ping = encode_frame(0x89, std::string(125, 'x'));
  auto heard_all = [&] { return echo.seen().pings >= much / ping.size(); };
  BOOST_TEST(memory_for_a_non_reader(ours(), ping, heard_all) < much / 4);
  auto never = [] { return false; };
  BOOST_TEST(memory_for_a_non_reader(stocks(), ping, never) > much / 2, mended << "its pongs");
}

BOOST_FIXTURE_TEST_CASE(a_lack_of_descriptors_makes_nobody_spin, two_servers) {
  auto quiet = open_descriptors();
  auto right = without_descriptors(ours());
  BOOST_REQUIRE(eventually([&] { return open_descriptors() == quiet; }));
  BOOST_TEST(right.attempts > 0u);
  BOOST_TEST(right.attempts < 50u);
  BOOST_TEST(right.recovers);
  auto wrong = without_descriptors(stocks());
  BOOST_TEST(wrong.attempts >= too_many, mended << "accepting without descriptors");
}

BOOST_AUTO_TEST_SUITE_END()
