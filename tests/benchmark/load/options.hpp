// What the command line asks for. All defaults are here.
#pragma once

#include "tests/benchmark/load/fleet.hpp"

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace holdfast::load {

/// Of every mode.
struct run_options {
  std::string url;
  std::size_t connections = 100;
  opening how;
  std::string user_prefix; ///< empty and `users` 0: anonymous clients
  std::size_t users = 0;   ///< clients share so many names; 0: each has its own
  pid_t server_pid = 0;    ///< 0: nothing is said about the server's process
  bool json = false;

  /// The name of the client with this index.
  std::string user_of(std::size_t index) const {
    if (user_prefix.empty() && users == 0)
      return {};
    return (user_prefix.empty() ? "u" : user_prefix)
           + std::to_string(users == 0 ? index : index % users);
  }
};

struct idle_options {
  double seconds = 60;
  std::size_t exchange = 0; ///< bytes of the one message of each client before; 0: none
  double ping_interval = 0; ///< seconds, as the server is configured; 0: not checked
};

struct echo_options {
  double seconds = 5;
  double warmup = 1;
  std::size_t inflight = 1;
  std::size_t size = 64;
  bool binary = false;
};

/// The server's settings as seconds and a rate, for the plan to be compared with. All zero: no
/// plan.
struct planned_drain {
  double reconnect_rate = 0;
  double drain_timeout = 0;
  double flush_timeout = 0;
  double close_timeout = 0;
  double restart_allowance = 0;
};

struct drain_options {
  double share_v1 = 0.5;
  double give_up = 150; ///< seconds after SIGTERM
  planned_drain plan;
};

} // namespace holdfast::load
