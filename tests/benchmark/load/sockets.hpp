// Sockets, as many as one process may have.
#pragma once

#include "tests/benchmark/load/failure.hpp"
#include "tests/benchmark/load/handshake.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace holdfast::load {

/// Raises the soft limit of open files to the hard one. Throws `failure` if that is too low for
/// `sockets` and what else the process opens.
inline void raise_descriptor_limit(std::size_t sockets) {
  constexpr std::size_t others = 32; // standard streams, libraries, /proc
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < sockets + others)
    throw failure{std::to_string(sockets) + " connections need " + std::to_string(sockets + others)
                  + " open files, and this process may have " + std::to_string(files.rlim_max)
                  + ": raise the limit (ulimit -n) or ask for fewer"};
}

/// How many clients share a source address. An address has 28,000 local ports, but once half of
/// them are used the kernel's search for a free one gets slow.
inline constexpr std::uint32_t clients_per_source = 8192;

/// Makes the socket of client `index` connect from 127.0.0.1, .2 and so on when the server is on
/// the loopback network; from wherever the kernel likes otherwise.
inline void choose_source(int fd, const target& to, std::uint32_t index) {
  sockaddr_in source{};
  std::memcpy(&source, &to.address, sizeof source);
  if (source.sin_family != AF_INET || ntohl(source.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
    return;
  source.sin_port = 0;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / clients_per_source);
  int on = 1; // connect() chooses the port, which it can share between destinations
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
    throw system_failure("bind() to a loopback address");
}

/// A socket for client `index`, ready to connect without blocking. Throws `failure`.
inline int open_socket(const target& to, std::uint32_t index) {
  int fd = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    throw system_failure("socket() for connection " + std::to_string(index + 1)
                         + (errno == EMFILE || errno == ENFILE ? " (raise ulimit -n)" : ""));
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  choose_source(fd, to, index);
  return fd;
}

} // namespace holdfast::load
