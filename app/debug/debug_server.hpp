// The node's side of `holdfast debug`: counts, and faults on demand.
#pragma once

#include "actors/node.hpp"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <string>

namespace holdfast {

/// The longest request, in bytes with its line end.
inline constexpr std::size_t longest_debug_request = 1024;

/// The socket in a node's run directory. Throws std::runtime_error when the path is too long for
/// one (107 bytes).
std::string debug_socket_path(const std::string& run_dir);

/// Listens on a Unix socket of mode 0600. A connection carries one line of request and one answer:
/// a line with the exit code in figures, then text. Threads: the control thread, `io` being its
/// loop.
class debug_server {
public:
  /// Throws std::runtime_error when it cannot listen. A socket that a killed process left behind is
  /// replaced: whoever makes a server holds the lock of the run directory.
  debug_server(asio::io_context& io, const std::string& run_dir, node& served);
  ~debug_server();

  debug_server(const debug_server&) = delete;
  debug_server& operator=(const debug_server&) = delete;

private:
  void accept();
  void accept_later();

  node& node_;
  std::string path_;
  asio::local::stream_protocol::acceptor acceptor_;
  asio::steady_timer pause_;
};

} // namespace holdfast
