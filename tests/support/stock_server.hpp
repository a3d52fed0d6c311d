// websocketpp as it comes, to compare Holdfast's transport with: what it costs, and what it gets
// wrong.
#pragma once

#include "protocol/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace holdfast::test {

/// A server as the documentation of websocketpp 0.8.2 shows it: `server<config::asio>` on one
/// thread, default settings, logging off. Messages to `/broadcast` go to everyone connected to that
/// path, the sender too; those to any other path come back. Who does not answer a ping within two
/// seconds is closed.
class stock_server {
public:
  struct options {
    std::uint16_t port = 0;           ///< on 127.0.0.1; 0: any free one
    duration ping_interval{};         ///< spread evenly over all connections; zero: no pings
    std::size_t max_message_size = 0; ///< bytes; 0: its default, 32 MB
  };

  /// Listens already; clients wait until run() or start(). Throws what websocketpp throws.
  explicit stock_server(options);
  ~stock_server(); ///< stops, and joins the thread of start()

  std::uint16_t port() const;

  void run();   ///< on this thread, until stop()
  void start(); ///< run() on a thread of its own
  void stop();  ///< from any thread; connections end without a closing handshake

  std::size_t connections() const; ///< open now; any thread
  std::size_t messages() const;    ///< received since the start; any thread

private:
  struct implementation;
  std::unique_ptr<implementation> inner_;
};

} // namespace holdfast::test
