#include "app/reload.hpp"

#include "app/config_keys.hpp"

#include <algorithm>

namespace holdfast {

namespace {

bool is_live(std::string_view key) {
  constexpr std::string_view live[] = {"node.log_level", "pool.max_connections_per_user",
                                       "pool.max_total_connections", "pool.reserve"};
  return std::find(std::begin(live), std::end(live), key) != std::end(live);
}

bool same_listen(const config& a, const config& b) {
  auto same = [](const transport::endpoint& x, const transport::endpoint& y) {
    return format_endpoint(x) == format_endpoint(y);
  };
  return std::equal(a.listen.begin(), a.listen.end(), b.listen.begin(), b.listen.end(), same)
         && a.node.gate.origins == b.node.gate.origins;
}

bool same_routes(const config& a, const config& b) {
  auto same = [](const route_config& x, const route_config& y) {
    return x.path == y.path && x.handler == y.handler && x.options == y.options;
  };
  auto& before = a.node.routes;
  auto& after = b.node.routes;
  return std::equal(before.begin(), before.end(), after.begin(), after.end(), same);
}

} // namespace

std::vector<config_change> changes(const config& running, const config& wanted) {
  std::vector<config_change> result;
  for (auto& key : config_keys())
    if (key.show(running) != key.show(wanted))
      result.push_back({key.name, is_live(key.name)});
  if (!same_listen(running, wanted))
    result.push_back({"listen", false});
  if (!same_routes(running, wanted))
    result.push_back({"route", false});
  return result;
}

void take_live(config& running, const config& wanted) {
  running.log_level = wanted.log_level;
  running.node.admission.max_connections_per_user = wanted.node.admission.max_connections_per_user;
  running.node.max_total_connections = wanted.node.max_total_connections;
  running.node.reserve = wanted.node.reserve;
}

} // namespace holdfast
