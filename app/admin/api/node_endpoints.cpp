// The node as a whole: whether it lives, what it is configured to, its pool.
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "app/admin/openapi.hpp"

namespace holdfast::admin {

namespace {

void schema(const exchange_ptr& to) {
  to->respond(200, "application/json", std::string{openapi_document()});
}

/// 200 when every permanent actor answers.
void alive(const api_context& node, const exchange_ptr& to) {
  inquiry ask;
  for (std::size_t i = 0; i < node.peers.members.size(); ++i) {
    auto shard = std::to_string(i);
    ask.ask<shard_status>("pool/" + shard, node.peers.members[i], get_shard{},
                          [](shard_status&) {});
    ask.ask<heartbeat_status>("heartbeat/" + shard, node.peers.heartbeats[i], get_heartbeat{},
                              [](heartbeat_status&) {});
  }
  ask.ask<health_status>("health", node.peers.health, get_health{}, [](health_status&) {});
  ask.ask<drain_status>("shutdown", node.peers.shutdown, get_drain{}, [](drain_status&) {});
  std::move(ask).run(node, [to](const inquiry::silent_list& silent) {
    std::string text;
    for (auto& name : silent)
      text += name + " does not answer\n";
    to->respond(silent.empty() ? 200 : 503, "text/plain", silent.empty() ? "ok\n" : text);
  });
}

/// 200 while the node wants connections.
void is_ready(const api_context& node, const exchange_ptr& to) {
  auto phase = std::make_shared<drain_phase>(drain_phase::finished);
  inquiry ask;
  ask.ask<drain_status>("shutdown", node.peers.shutdown, get_drain{},
                        [phase](drain_status& x) { *phase = x.phase; });
  std::move(ask).run(node, [to, phase](const inquiry::silent_list& silent) {
    auto serving = silent.empty() && *phase == drain_phase::serving;
    to->respond(serving ? 200 : 503, "text/plain",
                silent.empty() ? std::string{to_string(*phase)} + "\n" : "no answer\n");
  });
}

json summary(const pool_status& x) {
  auto shards = json::array();
  std::array<std::uint64_t, state_count> states{};
  std::uint64_t mended = 0;
  for (auto& shard : x.shards) {
    mended += shard.counters.mended;
    for (std::size_t i = 0; i < states.size(); ++i)
      states[i] += shard.counters.in_state[i];
    shards.push_back({{"shard", shard.shard},
                      {"connections", shard.connections},
                      {"users", shard.users},
                      {"users_at_limit", shard.users_at_limit},
                      {"rebuilding", shard.rebuilding},
                      {"states", to_json(shard.counters.in_state)}});
  }
  return {{"connections", x.connections},
          {"limit", x.limit},
          {"reserve", x.reserve},
          {"utilisation", x.limit == 0 ? 0 : double(x.connections) / double(x.limit)},
          {"users", x.users},
          {"users_at_limit", x.users_at_limit},
          {"sweeps", x.sweeps},
          {"mended", mended},
          {"states", to_json(states)},
          {"shards", std::move(shards)}};
}

constexpr std::uint32_t most_named = 100;

void add_users(json& to, const user_list& from) {
  for (auto& x : from.top)
    if (is_near_limit(x.connections, from.limit))
      to.push_back({{"user", x.user}, {"connections", x.connections}, {"limit", from.limit}});
}

void pool(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, {}))
    return;
  auto status = std::make_shared<pool_status>();
  auto users = std::make_shared<json>(json::array());
  inquiry ask;
  ask.ask<pool_status>("pool", node.peers.pool, get_pool{},
                       [status](pool_status& x) { *status = std::move(x); });
  for (std::size_t i = 0; i < node.peers.members.size(); ++i)
    ask.ask<user_list>("pool/" + std::to_string(i), node.peers.members[i], list_users{most_named},
                       [users](user_list& x) { add_users(*users, x); });
  std::move(ask).run(node, [to, status, users](const inquiry::silent_list& silent) {
    auto result = summary(*status);
    result["users_near_limit"] = *users;
    result["partial"] = silent;
    reply(*to, result);
  });
}

} // namespace

std::vector<endpoint> node_endpoints(api_context& node) {
  return {
    {"GET", "/livez", [&node](const exchange_ptr& to, const std::string&) { alive(node, to); }},
    {"GET", "/readyz", [&node](const exchange_ptr& to, const std::string&) { is_ready(node, to); }},
    {"GET", "/v1/schema", [](const exchange_ptr& to, const std::string&) { schema(to); }},
    {"GET", "/v1/pool", [&node](const exchange_ptr& to, const std::string&) { pool(node, to); }},
  };
}

} // namespace holdfast::admin
