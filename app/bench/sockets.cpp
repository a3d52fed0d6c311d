#include "app/bench/sockets.hpp"

#include "app/bench/failure.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace holdfast::bench {

namespace {

void choose_source(int fd, const endpoint& to, std::uint32_t index) {
  sockaddr_in source{};
  std::memcpy(&source, &to.address, sizeof source);
  if (source.sin_family != AF_INET || ntohl(source.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
    return;
  source.sin_port = 0;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / clients_per_source);
  int on = 1; // connect() chooses the port, which it can share between destinations
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
    auto error = errno;
    ::close(fd);
    throw system_failure("bind() to a loopback address", error);
  }
}

bool accepts(const endpoint& to, duration limit) {
  auto fd = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false; // no IPv6 here, for one
  auto error = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size) != 0)
    error = errno;
  if (error == EINPROGRESS) {
    pollfd entry{fd, POLLOUT, 0};
    socklen_t size = sizeof error;
    auto ready = ::poll(&entry, 1, static_cast<int>(to_ms(limit))) == 1;
    if (!ready || ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = ETIMEDOUT;
  }
  ::close(fd);
  return error == 0;
}

} // namespace

std::vector<endpoint> resolve(const url& to) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto error = ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
  if (error != 0)
    throw failure{"the host " + to.host + " is not found: "
                  + (error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error))};
  std::vector<endpoint> result;
  for (auto* each = found; each != nullptr; each = each->ai_next) {
    endpoint one;
    std::memcpy(&one.address, each->ai_addr, each->ai_addrlen);
    one.size = each->ai_addrlen;
    result.push_back(one);
  }
  ::freeaddrinfo(found);
  return result;
}

endpoint choose(const std::vector<endpoint>& candidates, duration limit) {
  for (std::size_t i = 0; i + 1 < candidates.size(); ++i)
    if (accepts(candidates[i], limit))
      return candidates[i];
  return candidates.back();
}

void raise_descriptor_limit(std::size_t sockets) {
  constexpr std::size_t others = 32; // standard streams, libraries, /proc
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < sockets + others)
    throw failure{std::to_string(sockets) + " connections need " + std::to_string(sockets + others)
                  + " open files, and this process may have " + std::to_string(files.rlim_max)
                  + ": raise the limit (ulimit -n, LimitNOFILE) or ask for fewer --connections"};
}

int open_socket(const endpoint& to, std::uint32_t index) {
  int fd = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    throw system_failure("socket() for connection " + std::to_string(index + 1)
                         + (errno == EMFILE || errno == ENFILE ? " (raise ulimit -n)" : ""));
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  choose_source(fd, to, index);
  return fd;
}

} // namespace holdfast::bench
