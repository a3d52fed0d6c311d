#include "app/admin/http/listening.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace holdfast::admin {

namespace {

/// Clients that wait in the kernel to be accepted.
constexpr int backlog = 128;

/// What the kernel takes of one client's answers beyond what it has sent, in bytes; see
/// app/transport/listeners.cpp.
constexpr int most_in_kernel = 128 * 1024;

[[noreturn]] void fail(const std::string& what, const std::string& why, const char* advice) {
  throw std::runtime_error{"cannot listen on " + what + ": " + why + "; " + advice};
}

/// Closes what was opened before something failed.
class descriptor {
public:
  explicit descriptor(int family)
    : fd_{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

sockaddr_un unix_address(const std::string& path) {
  if (path.size() > longest_socket_path)
    fail(path, "the path is too long for a socket (107 bytes)",
         "choose a shorter run directory with --set node.run_dir=DIR");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

template <class Address>
const sockaddr* plain(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Removes what a process that is gone has left behind, and nothing else.
void clear_path(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return; // nothing there, or bind() says what is wrong
  if (!S_ISSOCK(found.st_mode))
    fail(path, "there is something that is not a socket",
         "move it away, or choose another run directory with --set node.run_dir=DIR");
  descriptor probe{AF_UNIX};
  if (::connect(probe.get(), plain(address), sizeof address) != 0 && errno == ECONNREFUSED)
    ::unlink(path.c_str());
  else // it answers, is too busy to, or is somebody else's
    fail(path, "another node answers there",
         "stop it, or choose another run directory with --set node.run_dir=DIR");
}

union any_address {
  sockaddr base;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t parse(const transport::endpoint& where, any_address& address) {
  auto text = where.address;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  address = {};
  if (::inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(where.port);
    return sizeof address.v4;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) != 1)
    fail(where.address, "this is not a numeric address", "write one in admin.listen");
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(where.port);
  return sizeof address.v6;
}

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

} // namespace

int listen_on_path(const std::string& path) {
  auto address = unix_address(path);
  clear_path(path, address);
  descriptor made{AF_UNIX};
  auto before = ::umask(0177); // nobody else may connect, at no moment
  bool bound = ::bind(made.get(), plain(address), sizeof address) == 0;
  auto error = errno;
  ::umask(before);
  if (!bound || ::listen(made.get(), backlog) != 0)
    fail(path, std::strerror(bound ? errno : error),
         "choose another run directory with --set node.run_dir=DIR");
  return made.release();
}

int listen_on_address(transport::endpoint& where) {
  any_address address;
  auto size = parse(where, address);
  descriptor made{address.base.sa_family};
  set(made.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // Accepted sockets inherit these three.
  set(made.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set(made.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, most_in_kernel);
  set(made.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  if (address.base.sa_family == AF_INET6)
    set(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(made.get(), &address.base, size) != 0 || ::listen(made.get(), backlog) != 0
      || ::getsockname(made.get(), &address.base, &size) != 0)
    fail(where.address + " port " + std::to_string(where.port), std::strerror(errno),
         "choose another with admin.listen");
  where.port
    = ntohs(address.base.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
  return made.release();
}

std::string reached_address(int fd) {
  any_address address{};
  socklen_t size = sizeof address;
  char text[INET6_ADDRSTRLEN] = "";
  if (::getsockname(fd, &address.base, &size) != 0)
    return {};
  if (address.base.sa_family == AF_INET6)
    ::inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof text);
  else
    ::inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof text);
  return text;
}

} // namespace holdfast::admin
