#include "app/sd_notify.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

/// What a service manager listens on.
class manager {
public:
  explicit manager(std::string address) : address_{std::move(address)} {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (address_.front() == '@')
      to.sun_path[0] = '\0';
    auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    BOOST_REQUIRE_EQUAL(::bind(socket_, reinterpret_cast<sockaddr*>(&to), size), 0);
  }

  ~manager() {
    ::close(socket_);
    if (address_.front() == '/')
      ::unlink(address_.c_str());
  }

  /// The next datagram; "nothing" when there is none.
  std::string heard() {
    char text[4096];
    auto size = ::recv(socket_, text, sizeof text, 0);
    return size < 0 ? "nothing" : std::string{text, static_cast<std::size_t>(size)};
  }

private:
  std::string address_;
  int socket_ = -1;
};

struct folder {
  folder() { BOOST_REQUIRE(::mkdtemp(path) != nullptr); }
  ~folder() { ::rmdir(path); }
  char path[32] = "/tmp/holdfast-XXXXXX";
};

std::map<std::string, std::string> variables;

char* variable(const char* name) {
  auto found = variables.find(name);
  return found == variables.end() ? nullptr : found->second.data();
}

service_environment read(std::map<std::string, std::string> environment, pid_t pid = 7) {
  variables = std::move(environment);
  return read_service_environment(variable, pid);
}

} // namespace

BOOST_AUTO_TEST_SUITE(notifying_a_service_manager)

BOOST_AUTO_TEST_CASE(a_path_is_told_what_is_sent_datagram_by_datagram) {
  folder where;
  manager systemd{std::string{where.path} + "/notify"};
  sd_notify to{std::string{where.path} + "/notify"};
  BOOST_TEST(to.send("READY=1\nSTATUS=well"));
  BOOST_TEST(to.send("WATCHDOG=1"));
  BOOST_TEST(systemd.heard() == "READY=1\nSTATUS=well");
  BOOST_TEST(systemd.heard() == "WATCHDOG=1");
  BOOST_TEST(systemd.heard() == "nothing");
}

BOOST_AUTO_TEST_CASE(an_abstract_name_is_told_as_well) {
  auto name = "@holdfast-test-" + std::to_string(::getpid());
  manager systemd{name};
  sd_notify to{name};
  BOOST_TEST(to.send("READY=1"));
  BOOST_TEST(systemd.heard() == "READY=1");
}

BOOST_AUTO_TEST_CASE(a_manager_that_reads_nothing_is_not_waited_for) {
  folder where;
  auto path = std::string{where.path} + "/notify";
  manager systemd{path};
  sd_notify to{path};
  auto sent = 0;
  while (sent < 100'000 && to.send("STATUS=again"))
    ++sent;
  BOOST_TEST(sent > 0);
  BOOST_TEST(sent < 100'000); // one was not taken, and send() has returned
  while (systemd.heard() != "nothing") {
  }
  BOOST_TEST(to.send("STATUS=again"));
}

BOOST_AUTO_TEST_CASE(a_manager_that_comes_back_is_told_again) {
  folder where;
  auto path = std::string{where.path} + "/notify";
  sd_notify to{path};
  BOOST_TEST(!to.send("READY=1"));
  manager systemd{path};
  BOOST_TEST(to.send("READY=1"));
}

BOOST_AUTO_TEST_CASE(what_is_no_address_of_a_socket_is_told_nothing) {
  for (auto& address : {std::string{}, std::string{"/"}, std::string{"@"}, std::string{"relative"},
                        std::string{"vsock:2:1"}, "/" + std::string(200, 'x')})
    BOOST_TEST(!sd_notify{address}.send("READY=1"), address);
}

BOOST_AUTO_TEST_CASE(without_a_manager_nothing_is_wanted) {
  auto wanted = read({});
  BOOST_TEST(wanted.socket == "");
  BOOST_TEST(!wanted.watchdog);
}

BOOST_AUTO_TEST_CASE(the_watchdog_of_this_process_is_heeded_and_of_another_one_not) {
  BOOST_TEST((read({{"NOTIFY_SOCKET", "/n"}, {"WATCHDOG_USEC", "30000000"}}).watchdog == 30s));
  BOOST_TEST((read({{"WATCHDOG_USEC", "1500"}, {"WATCHDOG_PID", "7"}}).watchdog == 1500us));
  BOOST_TEST(!read({{"WATCHDOG_USEC", "1500"}, {"WATCHDOG_PID", "8"}}).watchdog);
  BOOST_TEST(!read({{"WATCHDOG_USEC", "1500"}, {"WATCHDOG_PID", ""}}).watchdog);
}

BOOST_AUTO_TEST_CASE(a_period_that_is_none_means_no_watchdog) {
  for (auto text : {"", "0", "-1", "soon", "1s", "18446744073709551615"})
    BOOST_TEST(!read({{"WATCHDOG_USEC", text}}).watchdog, text);
}

BOOST_AUTO_TEST_SUITE_END()
