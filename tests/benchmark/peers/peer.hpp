// What every peer's command line and output is: see README.md, "Peers".
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace holdfast::peer {

struct request {
  std::uint16_t port = 0;   ///< 0: any free one
  duration ping_interval{}; ///< zero: no pings
};

/// Reads `--port N` and `--ping-interval SECONDS`; ends the process with 2 over anything else.
inline request parse(int argc, char** argv) {
  request asked;
  for (int i = 1; i < argc; i += 2) {
    auto option = std::string_view{argv[i]};
    if (i + 1 < argc && option == "--port") {
      asked.port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
    } else if (i + 1 < argc && option == "--ping-interval") {
      auto seconds = std::chrono::duration<double>{std::atof(argv[i + 1])};
      asked.ping_interval = std::chrono::duration_cast<duration>(seconds);
    } else {
      std::fprintf(stderr, "usage: %s [--port N] [--ping-interval SECONDS]\n", argv[0]);
      std::exit(2);
    }
  }
  return asked;
}

/// Says where it listens.
inline void announce(std::uint16_t port) {
  std::printf("ws://127.0.0.1:%u\n", static_cast<unsigned>(port));
  std::fflush(stdout);
}

} // namespace holdfast::peer
