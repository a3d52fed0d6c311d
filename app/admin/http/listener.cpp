#include "app/admin/http/listener.hpp"

#include "app/admin/http/listening.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace holdfast::admin {

namespace {

/// A client who could not be accepted still waits, and would be told of at once.
constexpr auto pause_without_descriptors = std::chrono::milliseconds{200};

/// Beyond the limit, for who is told so. Who comes when even these are taken is told nothing.
constexpr std::size_t most_turned_away = 32;

uid_t peer_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.uid
                                                                      : static_cast<uid_t>(-1);
}

} // namespace

listener::listener(asio::io_context& io, int fd, int family, service serves,
                   std::size_t max_clients)
  : service_{std::make_shared<const service>(std::move(serves))},
    max_clients_{max_clients},
    acceptor_{io, protocol{family, 0}, fd},
    pause_{io} {}

void listener::start() {
  accept();
}

void listener::stop() {
  stopped_ = true;
  asio::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (auto& client : std::exchange(clients_, {}))
    client->close();
}

void listener::accept() {
  acceptor_.async_accept(
    [me = shared_from_this()](const asio::error_code& failed, protocol::socket client) {
      if (me->stopped_)
        return;
      if (failed && failed != asio::error::connection_aborted) {
        me->accept_later();
        return;
      }
      if (!failed)
        me->take(std::move(client));
      me->accept();
    });
}

void listener::accept_later() {
  pause_.expires_after(pause_without_descriptors);
  pause_.async_wait([me = shared_from_this()](const asio::error_code& cancelled) {
    if (!cancelled && !me->stopped_)
      me->accept();
  });
}

void listener::take(protocol::socket client) {
  if (clients_.size() >= max_clients_ + most_turned_away)
    return;
  auto denied = why_not(client);
  auto reached = service_->access ? reached_address(client.native_handle()) : std::string{};
  auto taken = std::make_shared<connection>(
    std::move(client), service_, std::move(reached),
    [this](connection& ended) { clients_.erase(ended.shared_from_this()); });
  clients_.insert(taken);
  if (denied)
    taken->turn_away(*denied);
  else
    taken->serve();
}

std::optional<problem> listener::why_not(protocol::socket& client) const {
  if (!service_->access && !may_use_socket(peer_of(client.native_handle()), ::geteuid()))
    return problem{403, "denied", "this socket is for the node's own user",
                   "use it as that user, or as root"};
  if (clients_.size() >= max_clients_)
    return problem{503, "unavailable",
                   "there are " + std::to_string(max_clients_) + " clients already",
                   "close one of them, or ask again later"};
  return std::nullopt;
}

} // namespace holdfast::admin
