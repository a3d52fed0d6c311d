#include "app/admin/http/client_socket.hpp"

#include "app/admin/http/authority.hpp"
#include "app/admin/http/listening.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace holdfast::admin {

namespace {

using kind = client_error::kind;

/// How long a wish to stop may go unseen, if no signal interrupts the wait for it.
constexpr duration longest_wait = std::chrono::milliseconds{200};

std::string as_text(const node_place& where) {
  return where.socket_path.empty() ? "http://" + where.authority : where.socket_path;
}

[[noreturn]] void bad_url(const std::string& text) {
  throw client_error{kind::usage, text
                                    + " is no admin address; write http://HOST:PORT, or the "
                                      "path of a node's Unix socket"};
}

node_place parse_url(const std::string& text, std::string_view rest) {
  if (!rest.empty() && rest.back() == '/')
    rest.remove_suffix(1);
  auto parts = split_authority(rest);
  auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!parts || !std::all_of(rest.begin(), rest.end(), printable)
      || rest.find_first_of("/?#@") != std::string_view::npos)
    bad_url(text);
  return {{},
          std::string{parts->host},
          std::string{parts->port.empty() ? "80" : parts->port},
          std::string{rest}};
}

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

address_list resolve(const node_place& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  auto error = ::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found);
  if (error != 0)
    throw client_error{kind::unreachable,
                       "cannot find " + where.host + ": " + ::gai_strerror(error)};
  return {found, &::freeaddrinfo};
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

} // namespace

node_place parse_node(const std::string& text) {
  constexpr std::string_view scheme = "http://";
  if (text.compare(0, scheme.size(), scheme) == 0)
    return parse_url(text, std::string_view{text}.substr(scheme.size()));
  if (text.empty() || text.find("://") != std::string::npos)
    bad_url(text);
  if (text.size() > longest_socket_path)
    throw client_error{kind::usage, "the path " + text + " is too long for a socket (107 bytes)"};
  return {text, {}, {}, "localhost"};
}

void client_socket::connect(time_point deadline) {
  close();
  if (!where_.socket_path.empty()) {
    auto address = unix_address(where_.socket_path);
    try_address(reinterpret_cast<sockaddr*>(&address), sizeof address, AF_UNIX, deadline);
    return;
  }
  auto candidates = resolve(where_);
  for (auto* one = candidates.get(); one != nullptr; one = one->ai_next) {
    try {
      try_address(one->ai_addr, one->ai_addrlen, one->ai_family, deadline);
      return;
    } catch (const client_error& error) {
      if (error.why() != kind::unreachable || one->ai_next == nullptr)
        throw;
    }
  }
}

void client_socket::try_address(const sockaddr* address, socklen_t size, int family,
                                time_point deadline) {
  close();
  fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    fail(errno);
  // A Unix socket whose backlog is full says EAGAIN, and cannot be waited for.
  while (::connect(fd_, address, size) != 0) {
    if (errno == EAGAIN) {
      wait_once(-1, 0, deadline);
      continue;
    }
    if (errno != EINPROGRESS)
      fail(errno);
    await(POLLOUT, deadline);
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0)
      fail(error);
    return;
  }
}

void client_socket::close() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

bool client_socket::is_fresh() const {
  pollfd one{fd_, POLLIN, 0};
  return fd_ >= 0 && ::poll(&one, 1, 0) == 0;
}

bool client_socket::send(std::string_view bytes, time_point deadline) {
  while (!bytes.empty()) {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
    else if (errno == EAGAIN)
      await(POLLOUT, deadline);
    else if (errno != EINTR)
      return false;
  }
  return true;
}

bool client_socket::receive(std::string& to, time_point deadline) {
  char buffer[16 * 1024];
  heed_stop(); // also when there is never anything to wait for
  while (true) {
    auto n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0)
      to.append(buffer, static_cast<std::size_t>(n));
    if (n >= 0)
      return n > 0;
    if (errno == EAGAIN)
      await(POLLIN, deadline);
    else if (errno == ECONNRESET)
      return false;
    else if (errno != EINTR)
      fail(errno);
  }
}

void client_socket::heed_stop() const {
  if (stopped_ && stopped_())
    throw client_error{kind::stopped, "stopped"};
}

/// For a moment. False when nothing has happened meanwhile.
bool client_socket::wait_once(int fd, short events, time_point deadline) const {
  heed_stop();
  auto left = deadline - std::chrono::steady_clock::now();
  if (left <= duration{})
    throw client_error{kind::timeout, as_text(where_) + " does not answer in time"};
  pollfd one{fd, events, 0};
  return ::poll(&one, 1, static_cast<int>(to_ms(std::min<duration>(left, longest_wait))) + 1) > 0;
}

void client_socket::await(short events, time_point deadline) const {
  while (!wait_once(fd_, events, deadline)) {
  }
}

void client_socket::fail(int error) const {
  throw client_error{kind::unreachable,
                     "cannot reach " + as_text(where_) + ": " + std::strerror(error)};
}

} // namespace holdfast::admin
