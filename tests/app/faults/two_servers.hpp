// The library as it comes and Holdfast's transport, side by side.
#pragma once

#include "tests/app/busy_shard.hpp"
#include "tests/support/stock_server.hpp"

namespace holdfast::transport::test {

/// Said when a fault of the library does not show.
inline const std::string mended
  = "stock websocketpp does this right by now: say so in tests/README.md, and see whether "
    "app/transport still has to mend it; it did: ";

/// Each scenario is a function of a port: what a client saw of the server that listens there.
/// Both servers echo, and both take messages up to the same size.
struct two_servers : busy_shard {
  two_servers() {
    start();
    stock.start();
  }

  std::uint16_t ours() const { return port; }
  std::uint16_t stocks() const { return stock.port(); }

  holdfast::test::stock_server stock{{0, duration::zero(), config.max_message_size}};
};

} // namespace holdfast::transport::test
