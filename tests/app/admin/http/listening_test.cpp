// The sockets that the server listens on: how they come and go.
#include "app/admin/http/listening.hpp"
#include "tests/app/admin/http/served.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace holdfast::admin;
using namespace holdfast::admin::test;

namespace {

std::string failure(const server_options& options) {
  asio::io_context io;
  try {
    server attempt{io, options, [](const std::shared_ptr<exchange>&) {}};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A socket whose process has been killed: nobody listens, the file is there.
void leave_stale(const std::string& path) {
  ::close(listen_on_path(path));
  BOOST_REQUIRE(std::filesystem::exists(path));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_http_listening, served)

BOOST_AUTO_TEST_CASE(the_socket_is_for_its_user_alone_whatever_the_umask) {
  auto before = ::umask(0);
  start();
  auto after = ::umask(before);
  BOOST_TEST(after == 0u); // it is as it was
  struct stat file {};
  BOOST_REQUIRE_EQUAL(::stat(path().c_str(), &file), 0);
  BOOST_TEST(S_ISSOCK(file.st_mode));
  BOOST_TEST((file.st_mode & 07777) == 0600u);
}

BOOST_AUTO_TEST_CASE(a_stale_socket_is_replaced) {
  leave_stale(path());
  start();
  BOOST_TEST(connect().ask(get("/now")).status() == 200);
}

BOOST_AUTO_TEST_CASE(the_socket_of_another_node_is_left_alone) {
  start();
  auto why = failure(options);
  BOOST_TEST(says(why, "another node answers"), why);
  BOOST_TEST(says(why, path()), why);
  BOOST_TEST(connect().ask(get("/now")).status() == 200);
}

BOOST_AUTO_TEST_CASE(what_is_no_socket_is_left_alone) {
  std::ofstream{path()} << "precious";
  auto why = failure(options);
  BOOST_TEST(says(why, "not a socket"), why);
  BOOST_TEST(std::filesystem::file_size(path()) == 8u);
}

BOOST_AUTO_TEST_CASE(a_path_has_a_longest_length) {
  auto name = [&](std::size_t size) {
    auto base = folder.file("");
    return base + std::string(size - base.size(), 'x');
  };
  options.socket_path = name(108);
  BOOST_TEST(says(failure(options), "too long for a socket (107 bytes)"));
  options.socket_path = name(107);
  start();
  BOOST_TEST(connect().ask(get("/now")).status() == 200);
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_told) {
  options.socket_path = folder.file("missing/admin.sock");
  auto why = failure(options);
  BOOST_TEST(says(why, "No such file or directory"), why);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_told_and_leaves_no_socket) {
  start_with_tcp();
  server_options second;
  second.listen = {"127.0.0.1", port()};
  second.socket_path = folder.file("second.sock");
  auto why = failure(second);
  BOOST_TEST(says(why, "Address already in use"), why);
  BOOST_TEST(says(why, std::to_string(port())), why);
  BOOST_TEST(!std::filesystem::exists(second.socket_path));
}

BOOST_AUTO_TEST_CASE(an_address_for_others_needs_a_token) {
  for (auto* address : {"0.0.0.0", "[::]", "10.255.255.1"}) {
    options.listen = {address, 0};
    auto why = failure(options);
    BOOST_TEST(says(why, "not loopback"), why);
    BOOST_TEST(says(why, "admin.token_file"), why);
  }
  BOOST_TEST(!std::filesystem::exists(path()));
}

BOOST_AUTO_TEST_CASE(an_address_is_numeric) {
  options.listen = {"localhost", 0};
  options.token = "secret";
  BOOST_TEST(says(failure(options), "not a numeric address"));
}

BOOST_AUTO_TEST_CASE(ipv6_is_listened_on_too) {
  auto probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = in6addr_loopback;
  if (::bind(probe, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    BOOST_TEST_MESSAGE("this machine has no IPv6");
    ::close(probe);
    return;
  }
  ::close(probe);
  options.listen = {"[::1]", 0};
  start();
  BOOST_TEST(port() != 0);
  auto fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  to.sin6_port = htons(port());
  BOOST_REQUIRE_EQUAL(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  auto question = "GET /now HTTP/1.1\r\nHost: [::1]:" + std::to_string(port())
                  + "\r\nConnection: close\r\n\r\n";
  ::send(fd, question.data(), question.size(), MSG_NOSIGNAL);
  char text[13] = "";
  BOOST_TEST(::recv(fd, text, 12, MSG_WAITALL) == 12);
  BOOST_TEST(text == std::string{"HTTP/1.1 200"});
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(stopping_hangs_up_and_removes_the_socket) {
  start_with_tcp();
  auto quiet = connect(), waits = connect(), reads = connect();
  wire over_tcp{port()};
  over_tcp.ask(get("/now"));
  waits.send(get("/slow"));
  reads.send(get("/events"));
  auto slow = kept("/slow");
  auto x = stream("/events");
  note_when_gone(slow, "slow gone");
  note_when_gone(x, "stream gone");
  reads.read_head();
  stop();
  BOOST_TEST(await_note("slow gone"));
  BOOST_TEST(await_note("stream gone"));
  for (auto* client : {&quiet, &waits, &reads, &over_tcp})
    BOOST_TEST(client->read_to_end().value_or("reset").empty());
  BOOST_TEST(!std::filesystem::exists(path()));
  BOOST_TEST(!write(x, "late"));
  stop();
}

BOOST_AUTO_TEST_CASE(stopping_does_not_take_the_socket_of_who_came_after) {
  start();
  stop();
  leave_stale(path());
  stop();
  BOOST_TEST(std::filesystem::exists(path()));
}

BOOST_AUTO_TEST_CASE(an_exchange_may_outlive_its_server_and_loop) {
  std::shared_ptr<exchange> kept_one;
  {
    asio::io_context io;
    server_options alone;
    alone.socket_path = folder.file("alone.sock");
    server short_lived{io, alone, [&](const std::shared_ptr<exchange>& x) { kept_one = x; }};
    wire client{alone.socket_path};
    client.send(get("/"));
    while (!kept_one)
      io.run_one_for(patience);
    kept_one->when_gone([] { BOOST_ERROR("nobody runs the loop any more"); });
  }
  kept_one->respond(200, "text/plain", "late");
  BOOST_TEST(!kept_one->write("late"));
}

BOOST_AUTO_TEST_SUITE_END()
