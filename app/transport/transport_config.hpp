// What can be set about sockets. Each default stands here once.
#pragma once

#include "protocol/send_queue.hpp"
#include "protocol/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::transport {

/// Where to listen: a numeric IPv4 or IPv6 address. Port 0: the kernel chooses one.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
};

struct transport_config {
  /// From accept to the last byte of the request.
  duration handshake_timeout = std::chrono::seconds{5};
  /// Request line and header fields together, in bytes.
  std::size_t header_size = 16 * 1024;
  /// The request's target, in bytes.
  std::size_t uri_size = 4 * 1024;
  /// Payload of one inbound message, all fragments together, in bytes.
  std::size_t max_message_size = 64 * 1024;
  /// From our close frame, or an HTTP answer, to the end of the peer's stream.
  duration close_timeout = std::chrono::seconds{5};
  /// Bound and policy of each connection's outbound queue.
  send_queue_config queue;
  /// Connections that wait in the kernel to be accepted, for each listening socket.
  int backlog = 4096;
  /// Period of transport_events::tick(), and resolution of every deadline here.
  duration tick = std::chrono::milliseconds{20};
  /// A tick that comes later than this reads the sockets that are ready before anything is judged.
  duration stall = std::chrono::milliseconds{250};
  /// Told, in constant text, what an operator should know. Called on the shard's thread.
  std::function<void(std::string_view)> warn;
};

} // namespace holdfast::transport
