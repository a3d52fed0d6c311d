// WebSocket connections over accepted sockets. What implements them stays behind this header.
#pragma once

#include "app/transport/event_loop.hpp"

#include <memory>

namespace holdfast::transport {

struct websocket_shard;

/// Makes connections of one shard's sockets. Threads: the loop's.
class websocket_factory {
public:
  explicit websocket_factory(event_loop& loop);
  ~websocket_factory();

  /// Takes over a connected, non-blocking socket that transport_events::socket_accepted() has let
  /// in. From now on the loop owns it, and socket_settled() follows.
  void adopt(int fd, const client_address& from, std::uint16_t port);

private:
  std::unique_ptr<websocket_shard> shard_;
};

} // namespace holdfast::transport
