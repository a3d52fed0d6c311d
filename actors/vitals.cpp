#include "actors/vitals.hpp"

#include "actors/node_context.hpp"

#include <charconv>
#include <string>

namespace holdfast {

namespace {

constexpr duration rates_over = std::chrono::seconds{10};
constexpr unsigned rate_parts = 10;
constexpr unsigned window_parts = 60; // 5 s each, by default

shard_counters sum(const node_context& node) {
  shard_counters total;
  for (auto& report : node.reports)
    if (report)
      total += report->counters;
  return total;
}

vitals_totals totals(const node_context& node, const shard_counters& total) {
  return totals_of(total, node.vitals.cleanups_failed);
}

/// From t on, until the last receipt.
bool clients_leave(drain_phase phase) {
  return phase >= drain_phase::stop_accepting && phase < drain_phase::cleanup;
}

duration drain_duration(const node_context& node, time_point now) {
  auto phase = node.drains.rules.phase();
  if (clients_leave(phase))
    return node.drains.rules.status(now).t;
  return phase >= drain_phase::cleanup ? node.drains.ledger.actual : node.vitals.drain_duration;
}

alert_readings read(const node_context& node, time_point now, const vitals_totals& totals) {
  alert_readings result;
  auto& from = node.vitals.window.begin().totals;
  auto tell = [&](alert_name name, const vitals_ratio& x) {
    result[name] = {x.events > 0, x.value, x.events};
  };
  auto open = node.total.taken();
  if (auto limit = node.total.limit(); limit > 0)
    result[alert_name::pool_utilisation]
      = {true, static_cast<double>(open) / static_cast<double>(limit), open};
  tell(alert_name::zombie_ratio, zombie_ratio(from, totals));
  tell(alert_name::heartbeat_success, heartbeat_success(from, totals));
  auto phase = node.drains.rules.phase();
  if (phase >= drain_phase::stop_accepting) {
    auto taken = std::chrono::duration<double, std::milli>{drain_duration(node, now)};
    result[alert_name::shutdown_overdue] = {true, taken.count(), open};
  }
  result.shutdown_limit = drain_deadline(
    phase == drain_phase::serving ? node.settings.shutdown : node.drains.rules.config());
  auto failed = totals.cleanups_failed - from.cleanups_failed;
  result[alert_name::cleanup_failed] = {true, static_cast<double>(failed), failed};
  return result;
}

std::string figure(double x) {
  char text[64];
  auto end = std::to_chars(std::begin(text), std::end(text), x, std::chars_format::fixed, 3).ptr;
  return {std::begin(text), end};
}

void say(node_context& node, const alert_status& x) {
  node.log.write(x.active ? log_level::warn : log_level::info, "alert",
                 {{"alert", to_string(x.name)},
                  {"state", x.active ? "raised" : "cleared"},
                  {"value", figure(x.value)},
                  {"threshold", figure(x.threshold)},
                  {"clears", figure(x.clears)},
                  {"events", static_cast<std::int64_t>(x.events)},
                  {"summary", x.summary}});
}

} // namespace

vitals_book::vitals_book(const alert_config& config, time_point now)
  : rules{config},
    recent{rates_over, rate_parts, now},
    window{config.window, window_parts, now} {}

void look_at_vitals(node_context& node) {
  auto now = node.unit.time().now();
  auto wall = node.unit.time().wall();
  auto& book = node.vitals;
  auto latest = totals(node, sum(node));
  book.drain_duration = drain_duration(node, now);
  book.recent.note(now, latest);
  book.window.note(now, latest);
  for (auto name : book.rules.judge(now, read(node, now, latest)))
    say(node, book.rules.status(name, now, wall));
}

vitals_status vitals_of(const node_context& node) {
  auto now = node.unit.time().now();
  auto& book = node.vitals;
  auto& from = book.window.begin();
  vitals_status x;
  x.totals = sum(node);
  auto latest = totals(node, x.totals);
  x.receipts = node.receipts.added();
  for (auto& report : node.reports)
    x.lag.push_back(report ? report->counters.lag : lag_histogram{});
  x.rates = rates(book.recent.begin(), now, latest);
  x.window = now - from.at;
  x.heartbeat_success = heartbeat_success(from.totals, latest);
  x.zombie_ratio = zombie_ratio(from.totals, latest);
  x.rtt = quantiles_of(latest.rtt.since(from.totals.rtt));
  x.loop_lag = quantiles_of(latest.lag.since(from.totals.lag));
  x.alerts = alerts_of(node);
  x.drains = node.drains.rules.status(now).drain;
  x.drain_duration = drain_duration(node, now);
  x.cleanups = book.cleanups;
  x.cleanups_failed = book.cleanups_failed;
  return x;
}

std::vector<alert_status> alerts_of(const node_context& node) {
  auto now = node.unit.time().now();
  auto wall = node.unit.time().wall();
  std::vector<alert_status> result;
  for (std::size_t i = 0; i < alert_count; ++i)
    result.push_back(node.vitals.rules.status(static_cast<alert_name>(i), now, wall));
  return result;
}

void set_alerts(node_context& node, const alert_config& config) {
  auto& book = node.vitals;
  if (config.window != book.window.span())
    book.window = {config.window, window_parts, node.unit.time().now(), totals(node, sum(node))};
  book.rules.set_config(config);
}

} // namespace holdfast
