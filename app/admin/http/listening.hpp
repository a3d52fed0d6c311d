// The listening sockets of the admin server.
#pragma once

#include "app/transport/transport_config.hpp"

#include <string>

namespace holdfast::admin {

/// The longest path of a Unix socket, in bytes.
inline constexpr std::size_t longest_socket_path = 107;

/// Both return a descriptor that does not block, and throw std::runtime_error with a sentence that
/// says what to do.

/// A Unix socket of mode 0600. One that nobody listens on any more is replaced.
int listen_on_path(const std::string& path);

/// A TCP socket; writes the port that the kernel chose into `where`.
int listen_on_address(transport::endpoint& where);

/// The numeric address, without brackets, of this end of a TCP connection.
std::string reached_address(int fd);

} // namespace holdfast::admin
