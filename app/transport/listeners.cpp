#include "app/transport/listeners.hpp"

#include "app/transport/shard_loop.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::transport {

namespace {

/// Connections accepted before established ones get their turn.
constexpr std::size_t accepts_in_a_row = 64;

constexpr duration first_pause = std::chrono::milliseconds{50};
constexpr duration longest_pause = std::chrono::seconds{1};

/// At the limit a descriptor comes free and is lost again many times a second.
constexpr duration between_warnings = std::chrono::minutes{1};

constexpr std::string_view turned_away
  = "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 5\r\n"
    "Content-Length: 0\r\n\r\n";

union any_address {
  sockaddr base;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

[[noreturn]] void fail(int error, const endpoint& where) {
  throw std::system_error{error, std::system_category(),
                          "cannot listen on " + where.address + " port "
                            + std::to_string(where.port)};
}

any_address parse(const endpoint& where, socklen_t& size) {
  any_address address{};
  auto text = where.address;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  if (::inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(where.port);
    size = sizeof address.v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) == 1) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(where.port);
    size = sizeof address.v6;
  } else {
    fail(EINVAL, where);
  }
  return address;
}

std::uint16_t port_of(const any_address& address) {
  return ntohs(address.base.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

client_address client_of(const any_address& address) {
  if (address.base.sa_family != AF_INET6)
    return client_address::from_v4(ntohl(address.v4.sin_addr.s_addr));
  client_address client;
  std::memcpy(client.bytes.data(), &address.v6.sin6_addr, client.bytes.size());
  return client;
}

/// What the kernel takes of one connection beyond what it has sent, in bytes. Left alone it takes
/// up to net.ipv4.tcp_wmem's maximum (4 MiB) from whoever once had a good network, and a client
/// that never reads costs that instead of `max_queued_bytes`. It does not bound what is in flight,
/// so a long fast path is as fast as before.
constexpr int most_unsent = 128 * 1024;

/// An option that could not be set shows when it is needed, as an error of bind().
void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void enable(int fd, int level, int option) {
  set(fd, level, option, 1);
}

/// The socket, and in `where` the port that the kernel chose.
int listen_on(endpoint& where, int backlog, bool shared) {
  socklen_t size = 0;
  auto address = parse(where, size);
  auto fd = ::socket(address.base.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    fail(errno, where);
  enable(fd, SOL_SOCKET, SO_REUSEADDR);
  if (shared)
    enable(fd, SOL_SOCKET, SO_REUSEPORT);
  // Accepted sockets inherit these two.
  enable(fd, IPPROTO_TCP, TCP_NODELAY);
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, most_unsent);
  if (address.base.sa_family == AF_INET6)
    enable(fd, IPPROTO_IPV6, IPV6_V6ONLY); // so that 0.0.0.0 and [::] may share a port
  if (::bind(fd, &address.base, size) != 0 || ::listen(fd, backlog) != 0
      || ::getsockname(fd, &address.base, &size) != 0) {
    auto error = errno;
    ::close(fd);
    fail(error, where);
  }
  where.port = port_of(address);
  return fd;
}

int open_reserve() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

} // namespace

void require_unused(const std::vector<endpoint>& where) {
  for (auto one : where)
    if (one.port != 0)
      ::close(listen_on(one, 1, false));
}

void listeners::socket::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

void listeners::socket::on_ready(std::uint32_t) {
  if (fd_ >= 0)
    all_.accept_batch(fd_, accepts_in_a_row);
}

listeners::~listeners() {
  close_all();
  if (reserve_ >= 0)
    ::close(reserve_);
}

void listeners::bind(const std::vector<endpoint>& where) {
  auto bound = where;
  open(bound);
  where_ = std::move(bound);
  if (reserve_ < 0)
    reserve_ = open_reserve();
}

void listeners::open(std::vector<endpoint>& where) {
  std::vector<std::shared_ptr<socket>> opened;
  for (auto& one : where)
    opened.push_back(std::make_shared<socket>(*this, listen_on(one, loop_.config().backlog, true)));
  sockets_ = std::move(opened);
}

void listeners::start() {
  watch_all();
}

void listeners::watch_all() {
  // Level triggered: what one batch left over is told of again.
  for (auto& one : sockets_)
    loop_.watch(one->descriptor(), EPOLLIN, *one);
}

void listeners::stop_accepting() {
  if (stopping_ || sockets_.empty())
    return;
  stopping_ = true;
  loop_.later(*this);
}

void listeners::on_later() {
  if (!stopping_)
    return; // resumed meanwhile
  stopping_ = false;
  // More than the backlog cannot have been queued when this began.
  for (auto& one : sockets_)
    accept_batch(one->descriptor(), static_cast<std::size_t>(loop_.config().backlog) + 1);
  close_all();
}

std::string listeners::resume_accepting() {
  if (stopping_) {
    stopping_ = false;
    return {};
  }
  if (!sockets_.empty())
    return {};
  try {
    open(where_);
  } catch (const std::system_error& error) {
    return error.what();
  }
  watch_all();
  return {};
}

void listeners::close_all() {
  disarm();
  pause_ = {};
  for (auto& one : sockets_)
    one->close();
  retired_.swap(sockets_);
  sockets_.clear();
}

void listeners::accept_batch(int fd, std::size_t most) {
  while (most-- > 0) {
    switch (accept_one(fd)) {
    case accepted::one: break;
    case accepted::failed: break; // that one is gone; the next may be fine
    case accepted::none: return;
    case accepted::out_of_descriptors:
      shed(fd);
      back_off();
      return;
    }
  }
}

listeners::accepted listeners::accept_one(int fd) {
  any_address from{};
  socklen_t size = sizeof from;
  auto taken = ::accept4(fd, &from.base, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (taken < 0) {
    switch (errno) {
    case EAGAIN: return accepted::none;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return accepted::out_of_descriptors;
    case EBADF:
    case EINVAL: return accepted::none;
    default: return accepted::failed;
    }
  }
  pause_ = {};
  auto client = client_of(from);
  if (loop_.events().socket_accepted(client)) {
    connections_.adopt(taken, client, port_of(from));
  } else {
    ::send(taken, turned_away.data(), turned_away.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(taken);
  }
  return accepted::one;
}

/// Lets one client know that it came in vain, so that the kernel's queue moves.
void listeners::shed(int fd) {
  if (reserve_ < 0)
    return;
  ::close(reserve_);
  auto taken = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (taken >= 0)
    ::close(taken);
  reserve_ = open_reserve();
}

void listeners::back_off() {
  auto now = loop_.now();
  if (now >= quiet_until_ && loop_.config().warn) {
    loop_.config().warn("no descriptors left: accepting pauses");
    quiet_until_ = now + between_warnings;
  }
  for (auto& one : sockets_)
    loop_.unwatch(one->descriptor());
  pause_ = pause_ == duration{} ? first_pause : std::min(2 * pause_, longest_pause);
  loop_.arm(*this, pause_);
}

void listeners::on_deadline() {
  watch_all();
}

} // namespace holdfast::transport
