#include "app/config_keys.hpp"

namespace holdfast {

namespace {

struct profile {
  std::string name;
  std::vector<profile_value> values;
};

// The timeouts of flush and close are part of the development profile because its drain would
// have no time left to pace anyone with the default ones.
//
// half_open_per_address in production: at the rate of 50 a second and the timeout of 5 s one
// network could hold 250 handshakes. 64 are as many as its clients have in progress at that rate
// when a handshake takes 1.3 s, and a sixteenth of half_open.
const std::vector<profile>& profiles() {
  static const std::vector<profile> all{
    {"development",
     {{"heartbeat.ping_interval", "15s"},
      {"heartbeat.pong_timeout", "5s"},
      {"pool.max_connections_per_user", "3"},
      {"pool.max_total_connections", "100"},
      {"limits.half_open_per_address", "0"},
      {"limits.handshakes_per_address", "0"},
      {"limits.close_timeout", "2s"},
      {"shutdown.drain_timeout", "10s"},
      {"shutdown.message_flush_timeout", "2s"},
      {"shutdown.force_close_timeout", "20s"}}},
    {"production",
     {{"heartbeat.ping_interval", "30s"},
      {"heartbeat.pong_timeout", "10s"},
      {"pool.max_connections_per_user", "10"},
      {"pool.max_total_connections", "5000"},
      {"limits.half_open_per_address", "64"},
      {"limits.handshakes_per_address", "50"},
      {"shutdown.drain_timeout", "60s"},
      {"shutdown.force_close_timeout", "120s"}}},
  };
  return all;
}

} // namespace

const std::vector<profile_value>* find_profile(std::string_view name) {
  for (const auto& candidate : profiles())
    if (candidate.name == name)
      return &candidate.values;
  return nullptr;
}

const std::vector<std::string>& profile_names() {
  static const auto names = [] {
    std::vector<std::string> result;
    for (const auto& each : profiles())
      result.push_back(each.name);
    return result;
  }();
  return names;
}

} // namespace holdfast
