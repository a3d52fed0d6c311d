// How the node does: at a glance, in all figures, and as Prometheus reads it.
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "app/admin/metrics.hpp"
#include "app/timestamp.hpp"

#include <unistd.h>

#include <cmath>

namespace holdfast::admin {

namespace {

/// What the permanent actors have said; nothing of those that were silent.
struct findings {
  std::optional<vitals_status> vitals;
  std::optional<pool_status> pool;
  std::optional<std::vector<actor_view>> actors;
  std::optional<drain_status> drain;
};

using findings_function = std::function<void(findings&, const inquiry::silent_list& silent)>;

void look_around(const api_context& node, findings_function done) {
  auto found = std::make_shared<findings>();
  inquiry ask;
  ask.ask<vitals_status>("health", node.peers.health, get_vitals{},
                         [found](vitals_status& x) { found->vitals = std::move(x); });
  ask.ask<pool_status>("pool", node.peers.pool, get_pool{},
                       [found](pool_status& x) { found->pool = std::move(x); });
  ask.ask<std::vector<actor_view>>(
    "inspector", node.peers.inspector, list_actors{},
    [found](std::vector<actor_view>& x) { found->actors = std::move(x); });
  ask.ask<drain_status>("shutdown", node.peers.shutdown, get_drain{},
                        [found](drain_status& x) { found->drain = std::move(x); });
  std::move(ask).run(node, [found, done = std::move(done)](const inquiry::silent_list& silent) {
    done(*found, silent);
  });
}

json ratio_or_null(const vitals_ratio& x) {
  return x.events == 0 ? json{} : json(x.value);
}

json quantiles_or_null(const vitals_quantiles& x) {
  return x.samples == 0 ? json{}
                        : json{{"p50", fractional_ms(x.p50)}, {"p99", fractional_ms(x.p99)}};
}

/// Without what a product of two decimals leaves behind: 0.72, not 0.7200000000000001.
double to_six_places(double x) {
  return std::round(x * 1e6) / 1e6;
}

json alert_of(const alert_status& x) {
  return {{"name", to_string(x.name)},
          {"active", x.active},
          {"since", x.active ? json(timestamp(x.since)) : json{}},
          {"value", x.known ? json(to_six_places(x.value)) : json{}},
          {"threshold", to_six_places(x.threshold)},
          {"clears", to_six_places(x.clears)},
          {"events", x.events},
          {"unit", to_string(unit_of(x.name))},
          {"summary", x.summary}};
}

json alerts_of(const std::vector<alert_status>& alerts, bool all) {
  auto result = json::array();
  for (auto& alert : alerts)
    if (all || alert.active)
      result.push_back(alert_of(alert));
  return result;
}

json flow(const traffic& x, double messages, double bytes) {
  return {{"messages", x.messages},
          {"bytes", x.bytes},
          {"messages_per_second", messages},
          {"bytes_per_second", bytes}};
}

double utilisation(const pool_status& pool) {
  return pool.limit == 0 ? 0
                         : static_cast<double>(pool.connections) / static_cast<double>(pool.limit);
}

json node_part(const api_context& node, const findings& found) {
  auto phase = found.drain ? found.drain->phase : drain_phase::serving;
  return {{"name", node.settings.name},
          {"version", node.version},
          {"pid", ::getpid()},
          {"phase", to_string(phase)},
          {"started_at", timestamp(node.started)},
          {"uptime_ms", to_ms(node.unit.time().now() - node.started_at)},
          {"shards", node.settings.shards},
          {"addresses", node.addresses}};
}

json actors_part(const findings& found, const vitals_status& vitals) {
  std::uint64_t restarts = 0;
  const actor_view* longest = nullptr;
  auto live = vitals.totals.admitted - vitals.totals.ended;
  if (found.actors)
    for (auto& actor : *found.actors) {
      restarts += actor.restarts;
      live += actor.alive ? 1 : 0;
      if (!longest || actor.mailbox > longest->mailbox)
        longest = &actor;
    }
  return {{"live", live},
          {"longest_mailbox",
           longest ? json{{"actor", longest->name}, {"messages", longest->mailbox}} : json{}},
          {"restarts", restarts},
          {"loop_lag_ms", quantiles_or_null(vitals.loop_lag)}};
}

json status_of(const api_context& node, const findings& found) {
  auto vitals = found.vitals.value_or(vitals_status{});
  auto pool = found.pool.value_or(pool_status{});
  auto& totals = vitals.totals;
  auto in_state = [&totals](connection_state x) { return totals.in_state[std::size_t(x)]; };
  return {{"node", node_part(node, found)},
          {"connections",
           {{"open", pool.connections},
            {"limit", pool.limit},
            {"reserve", pool.reserve},
            {"utilisation", utilisation(pool)},
            {"opened_per_second", vitals.rates.opened},
            {"closed_per_second", vitals.rates.closed},
            {"states", to_json(totals.in_state)},
            {"users", pool.users},
            {"users_at_limit", pool.users_at_limit}}},
          {"heartbeat",
           {{"success_ratio", ratio_or_null(vitals.heartbeat_success)},
            {"rtt_ms", quantiles_or_null(vitals.rtt)},
            {"suspect", in_state(connection_state::suspect)},
            {"zombie", in_state(connection_state::zombie)},
            {"zombie_ratio", ratio_or_null(vitals.zombie_ratio)},
            {"pings", totals.pings},
            {"pongs", totals.pongs},
            {"missed", totals.missed}}},
          {"traffic",
           {{"in", flow(totals.in, vitals.rates.messages_in, vitals.rates.bytes_in)},
            {"out", flow(totals.out, vitals.rates.messages_out, vitals.rates.bytes_out)},
            {"slow_consumers", totals.slow_consumers},
            {"queued_bytes", totals.queued_bytes}}},
          {"actors", actors_part(found, vitals)},
          {"alerts", alerts_of(vitals.alerts, false)}};
}

json refused_of(const shard_counters& totals) {
  auto result = json::object();
  for (std::size_t i = 0; i < totals.refused.size(); ++i)
    if (totals.refused[i] > 0)
      result[std::string{to_string(static_cast<refusal>(i))}] = totals.refused[i];
  return result;
}

json closed_of(const shard_counters& totals) {
  auto result = json::object();
  for (auto& each : totals.closed.entries()) {
    auto& count = result[std::string{to_string(each.why)}];
    count = (count.is_null() ? 0 : count.get<std::uint64_t>()) + each.count;
  }
  return result;
}

json restarts_of(const findings& found) {
  auto result = json::object();
  if (found.actors)
    for (auto& actor : *found.actors) {
      auto& count = result[actor.kind];
      count = (count.is_null() ? 0 : count.get<std::uint64_t>()) + actor.restarts;
    }
  return result;
}

json lifecycle_of(const findings& found, const vitals_status& vitals) {
  auto& totals = vitals.totals;
  return {{"sockets", totals.sockets},
          {"admitted", totals.admitted},
          {"ended", totals.ended},
          {"refused", refused_of(totals)},
          {"closed", closed_of(totals)},
          {"receipts", vitals.receipts},
          {"in", to_json(totals.in)},
          {"out", to_json(totals.out)},
          {"slow_consumers", totals.slow_consumers},
          {"queued_bytes", totals.queued_bytes},
          {"restarts", restarts_of(found)},
          {"drains", vitals.drains},
          {"forced_closes", totals.forced},
          {"cleanups", vitals.cleanups},
          {"cleanups_failed", vitals.cleanups_failed},
          {"last_drain_ms", vitals.drains == 0 ? json{} : json(to_ms(vitals.drain_duration))}};
}

json stats_of(const findings& found) {
  auto vitals = found.vitals.value_or(vitals_status{});
  auto pool = found.pool.value_or(pool_status{});
  auto& totals = vitals.totals;
  return {{"heartbeat",
           {{"pings", totals.pings},
            {"pongs", totals.pongs},
            {"missed", totals.missed},
            {"suspects", totals.suspects},
            {"zombies", totals.zombies},
            {"success_ratio", ratio_or_null(vitals.heartbeat_success)},
            {"zombie_ratio", ratio_or_null(vitals.zombie_ratio)},
            {"rtt_ms", quantiles_or_null(vitals.rtt)}}},
          {"pool",
           {{"open", pool.connections},
            {"limit", pool.limit},
            {"reserve", pool.reserve},
            {"utilisation", utilisation(pool)},
            {"users", pool.users},
            {"users_at_limit", pool.users_at_limit},
            {"sweeps", pool.sweeps},
            {"mended", totals.mended},
            {"states", to_json(totals.in_state)}}},
          {"lifecycle", lifecycle_of(found, vitals)}};
}

/// What an operator would want to hear of, in sentences.
json health_of(const findings& found, const inquiry::silent_list& silent) {
  auto vitals = found.vitals.value_or(vitals_status{});
  auto sentences = json::array();
  for (auto& alert : vitals.alerts)
    if (alert.active)
      sentences.push_back(alert.summary);
  for (auto& name : silent)
    sentences.push_back(name + " does not answer");
  for (auto& actor : found.actors.value_or(std::vector<actor_view>{}))
    if (!actor.alive)
      sentences.push_back(actor.name + " has ended: " + actor.last_failure);
  if (found.drain && found.drain->phase != drain_phase::serving)
    sentences.push_back("a drain is under way: " + std::string{to_string(found.drain->phase)});
  if (vitals.totals.mended > 0)
    sentences.push_back("sweeps had to mend " + std::to_string(vitals.totals.mended) + " counts");
  return {{"healthy", sentences.empty()},
          {"findings", sentences},
          {"states", to_json(vitals.totals.in_state)},
          {"alerts", alerts_of(vitals.alerts, false)}};
}

void metrics(const api_context& node, const exchange_ptr& to) {
  look_around(node, [&node, to](findings& found, const inquiry::silent_list&) {
    metrics_input input;
    input.version = node.version;
    input.started = node.started;
    input.log_lines_lost = node.log_lines_lost();
    input.process = read_process_figures();
    input.vitals = std::move(found.vitals);
    input.pool = std::move(found.pool);
    input.actors = std::move(found.actors);
    input.drain = std::move(found.drain);
    input.of_users = node.outside.numbers();
    to->respond(200, metrics_content_type, render_metrics(input));
  });
}

/// An endpoint whose answer `f` makes of the findings.
template <class F>
endpoint of_findings(std::string_view path, const api_context& node, F f) {
  return {"GET", path, [&node, f](const exchange_ptr& to, const std::string&) {
            if (!knows_parameters(*to, {}))
              return;
            look_around(node, [to, f](const findings& found, const inquiry::silent_list& silent) {
              json result = f(found, silent);
              result["partial"] = silent;
              reply(*to, result);
            });
          }};
}

} // namespace

std::vector<endpoint> vitals_endpoints(api_context& node) {
  return {
    of_findings("/v1/status", node,
                [&node](const findings& x, const auto&) { return status_of(node, x); }),
    of_findings("/v1/stats", node, [](const findings& x, const auto&) { return stats_of(x); }),
    of_findings("/v1/health", node,
                [](const findings& x, const auto& silent) { return health_of(x, silent); }),
    of_findings(
      "/v1/alerts", node,
      [](const findings& x, const auto&) {
        return json{{"items", alerts_of(x.vitals.value_or(vitals_status{}).alerts, true)}};
      }),
    {"GET", "/metrics", [&node](const exchange_ptr& to, const std::string&) { metrics(node, to); }},
  };
}

} // namespace holdfast::admin
