// Sockets, as many as one process may have.
#pragma once

#include "app/bench/url.hpp"
#include "protocol/time.hpp"

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::bench {

/// A socket address.
struct endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// The addresses of the host of `to`, in the order to try them. Throws `failure` if its name is not
/// known.
std::vector<endpoint> resolve(const url& to);

/// The first of `candidates` that accepts a connection within `limit`, which is closed again. A
/// single one is not tried, nor is the last: what is wrong with it is seen by who connects.
endpoint choose(const std::vector<endpoint>& candidates, duration limit);

/// Raises the soft limit of open files to the hard one. Throws `failure` if that is too low for
/// `sockets` and what else the process opens.
void raise_descriptor_limit(std::size_t sockets);

/// How many clients share a source address. An address has 28,000 local ports, but once half of
/// them are used the kernel's search for a free one gets slow.
inline constexpr std::uint32_t clients_per_source = 8192;

/// A socket for client `index`, ready to connect without blocking. When `to` is on the IPv4
/// loopback network it connects from 127.0.0.1, .2 and so on; from wherever the kernel likes
/// otherwise. Throws `failure`.
int open_socket(const endpoint& to, std::uint32_t index);

} // namespace holdfast::bench
