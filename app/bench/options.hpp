// What the command line asks for. All defaults are here.
#pragma once

#include "protocol/time.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::bench {

/// Who connects, and how fast.
struct fleet_options {
  std::size_t connections = 100;
  double open_rate = 0;             ///< connections a second; 0: as many as `window` lets through
  std::size_t window = 256;         ///< handshakes in progress at most
  std::string user_prefix;          ///< empty and `users` 0: anonymous clients
  std::size_t users = 0;            ///< clients share so many names; 0: each has its own
  std::size_t topics = 0;           ///< clients share so many topics, in turn; 0: they name none
  std::vector<std::string> headers; ///< of the request, as "Name: value"
  bool insecure = false;            ///< wss: any certificate will do
  duration handshake_timeout = std::chrono::seconds{10}; ///< from connecting to the answer

  /// The name of the client with this index; empty if it has none.
  std::string user_of(std::size_t index) const {
    if (user_prefix.empty() && users == 0)
      return {};
    return (user_prefix.empty() ? "u" : user_prefix)
           + std::to_string(users == 0 ? index : index % users);
  }

  /// What the client with this index asks for by ?topic=; empty if it does not.
  std::string topic_of(std::size_t index) const {
    return topics == 0 ? std::string{} : "t" + std::to_string(index % topics);
  }
};

struct echo_options {
  duration seconds = std::chrono::seconds{5}; ///< measured
  duration warmup = std::chrono::seconds{1};
  double rate = 0; ///< messages a second over all connections; 0: as fast as `inflight` lets
  std::size_t inflight = 1;
  std::size_t size = 64;
  bool binary = false;
};

/// Every size and kind of message instead of speed.
struct verify_options {
  static constexpr std::size_t connections = 8; ///< unless told
  std::size_t inflight = 1;
  std::size_t size = 1u << 20; ///< of the largest message
  std::uint64_t seed = 1;
};

struct idle_options {
  duration seconds = std::chrono::minutes{1};
  std::optional<std::size_t> exchange; ///< bytes of a message that each client echoes before
  duration ping_interval{};            ///< as the server is configured; zero: not checked
};

struct storm_options {};

struct fanout_options {
  duration seconds = std::chrono::seconds{5};
  duration warmup = std::chrono::seconds{1};
  double rate = 10; ///< publications a second, of all topics
  std::size_t size = 64;
};

/// The server's settings, for the plan to be compared with. Rate 0: no plan.
struct planned_drain {
  double reconnect_rate = 0;
  duration drain_timeout{};
  duration flush_timeout{};
  duration close_timeout{};
  duration restart_allowance{};
};

struct drain_options {
  double share_v1 = 0.5;                        ///< of the clients, speaks holdfast.v1
  duration give_up = std::chrono::seconds{150}; ///< after SIGTERM
  planned_drain plan;
};

/// Of every mode.
struct run_options {
  std::string url;
  fleet_options fleet;
  pid_t server_pid = 0; ///< 0: nothing is said about the server's process
  bool json = false;
};

struct request {
  run_options run;
  std::variant<echo_options, verify_options, idle_options, storm_options, fanout_options,
               drain_options>
    mode;
};

} // namespace holdfast::bench
