// The admin server: HTTP/1.1 over a Unix socket and, if wanted, over TCP.
#pragma once

#include "app/admin/http/exchange.hpp"
#include "app/admin/http/request.hpp"
#include "app/transport/transport_config.hpp"
#include "protocol/time.hpp"

#include <asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::admin {

class listener;

/// Answers with respond(), or start(), write() and finish(), now or later. What it throws is told
/// to the client as 500.
using handler_function = std::function<void(const std::shared_ptr<exchange>&)>;

struct server_options {
  /// Where the Unix socket is made; empty: none.
  std::string socket_path;
  /// Where TCP clients are taken; port 0: any.
  std::optional<transport::endpoint> listen;
  /// What TCP clients show as `Authorization: Bearer`; empty: none, so that they change nothing.
  std::string token;
  /// Values of Host that TCP clients may send, with a port or without, beside those of loopback
  /// and the address that they have reached.
  std::vector<std::string> hosts;
  /// The longest body of a request, in bytes.
  std::size_t body_limit = 64 * 1024;
  /// Clients of the Unix socket, and again of TCP, so that neither shuts the other out.
  std::size_t max_clients = 512;
  /// For the next request to begin, and for a stream's reader to take something of what waits.
  duration idle_timeout = std::chrono::seconds{60};
  /// From the first byte of a request to its last, and for a client to take something of its
  /// answer.
  duration request_timeout = std::chrono::seconds{10};
};

/// Requests of one client are answered one after the other, in order. Errors that no handler sees
/// are answered as {"error":{"code","message","hint"}}. Over TCP a change needs the token, and on
/// an address that is not loopback so does everything but GET /livez and GET /readyz.
///
/// Threads: the one that runs `io`; it may be made and destroyed on another while nobody runs it.
class server {
public:
  /// Throws std::runtime_error with a sentence that says what to do when it cannot listen: the
  /// path is too long (107 bytes) or not a socket, another process answers on it, the address is
  /// taken, or is not loopback and there is no token. A socket that a killed process left behind
  /// is replaced.
  server(asio::io_context& io, server_options options, handler_function handler);
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Where TCP clients are taken; 0 without TCP.
  std::uint16_t port() const { return port_; }

  /// Stops listening, removes the Unix socket and hangs up on every client; who waits in
  /// when_gone() is told. A second time does nothing.
  void stop();

private:
  std::vector<std::shared_ptr<listener>> listeners_;
  std::string socket_path_;
  std::uint16_t port_ = 0;
};

} // namespace holdfast::admin
