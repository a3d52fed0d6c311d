// One listening socket of the admin server and the clients that came over it.
#pragma once

#include "app/admin/http/connection.hpp"

#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <unordered_set>

namespace holdfast::admin {

/// Takes clients until it is stopped, which must happen before the last pointer to it goes.
class listener final : public std::enable_shared_from_this<listener> {
public:
  /// Takes over `fd`, which listens.
  listener(asio::io_context& io, int fd, int family, service serves, std::size_t max_clients);

  void start();

  /// Closes the socket and hangs up on every client.
  void stop();

private:
  using protocol = asio::generic::stream_protocol;

  void accept();
  void accept_later();
  void take(protocol::socket client);
  std::optional<problem> why_not(protocol::socket& client) const;

  std::shared_ptr<const service> service_;
  std::size_t max_clients_;
  asio::basic_socket_acceptor<protocol> acceptor_;
  asio::steady_timer pause_;
  std::unordered_set<std::shared_ptr<connection>> clients_;
  bool stopped_ = false;
};

} // namespace holdfast::admin
