// websocketpp as its documentation shows it, to measure Holdfast against.
#include "tests/benchmark/peers/peer.hpp"
#include "tests/support/stock_server.hpp"

using namespace holdfast;
using holdfast::test::stock_server;

int main(int argc, char** argv) {
  auto asked = peer::parse(argc, argv);
  stock_server server{{asked.port, asked.ping_interval, 0}};
  peer::announce(server.port());
  server.run(); // SIGTERM ends the process: there is nothing to save
}
