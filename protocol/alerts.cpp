#include "protocol/alerts.hpp"

#include <charconv>

namespace holdfast {

namespace {

/// How far back from its threshold an alert is over, as a share of the way to where all is well.
constexpr double margin = 0.1;

double to_alert_ms(duration d) {
  return std::chrono::duration<double, std::milli>{d}.count();
}

/// Ratios of events, which a few events say nothing about. Utilisation is none: nine connections
/// of ten are as close to the limit as 900 of 1000.
bool needs_events(alert_name name) {
  return name == alert_name::zombie_ratio || name == alert_name::heartbeat_success;
}

bool takes_time(alert_name name) {
  return unit_of(name) == alert_unit::ratio;
}

/// With at most one decimal.
std::string figure(double x) {
  char text[64];
  auto end = std::to_chars(std::begin(text), std::end(text), x, std::chars_format::fixed, 1).ptr;
  std::string result{std::begin(text), end};
  if (result.size() > 2 && result.substr(result.size() - 2) == ".0")
    result.resize(result.size() - 2);
  return result;
}

std::string percent(double ratio) {
  return figure(ratio * 100) + " %";
}

std::string seconds(double ms) {
  return figure(ms / 1000) + " s";
}

std::string summarise(const alert_status& x, duration window) {
  auto of = std::to_string(x.events);
  auto within = " in the last " + seconds(to_alert_ms(window));
  switch (x.name) {
  case alert_name::pool_utilisation:
    return x.known
             ? percent(x.value) + " of all places are taken, alert above " + percent(x.threshold)
             : "there are no places";
  case alert_name::zombie_ratio:
    return x.known ? percent(x.value) + " of " + of + " connections became zombies" + within
                       + ", alert above " + percent(x.threshold)
                   : "no connection" + within;
  case alert_name::heartbeat_success:
    return x.known ? percent(x.value) + " of " + of + " pings were answered" + within
                       + ", alert below " + percent(x.threshold)
                   : "no ping was due" + within;
  case alert_name::shutdown_overdue:
    return x.known
             ? "the drain has taken " + seconds(x.value) + ", alert above " + seconds(x.threshold)
             : "no drain";
  case alert_name::cleanup_failed:
    return figure(x.value)
           + (x.value == 1 ? " cleanup callback failed" : " cleanup callbacks failed") + within;
  }
  return {};
}

} // namespace

std::string_view to_string(alert_name name) {
  switch (name) {
  case alert_name::pool_utilisation: return "pool_utilisation";
  case alert_name::zombie_ratio: return "zombie_ratio";
  case alert_name::heartbeat_success: return "heartbeat_success";
  case alert_name::shutdown_overdue: return "shutdown_overdue";
  case alert_name::cleanup_failed: return "cleanup_failed";
  }
  return "invalid";
}

std::string_view to_string(alert_unit unit) {
  switch (unit) {
  case alert_unit::ratio: return "ratio";
  case alert_unit::count: return "count";
  case alert_unit::ms: return "ms";
  }
  return "invalid";
}

alert_unit unit_of(alert_name name) {
  switch (name) {
  case alert_name::pool_utilisation:
  case alert_name::zombie_ratio:
  case alert_name::heartbeat_success: return alert_unit::ratio;
  case alert_name::shutdown_overdue: return alert_unit::ms;
  case alert_name::cleanup_failed: return alert_unit::count;
  }
  return alert_unit::count;
}

alerts::levels alerts::levels_of(alert_name name) const {
  auto above = [](double threshold) { return levels{threshold, threshold * (1 - margin), true}; };
  switch (name) {
  case alert_name::pool_utilisation: return above(config_.pool_utilisation);
  case alert_name::zombie_ratio: return above(config_.zombie_ratio);
  case alert_name::heartbeat_success:
    return {config_.heartbeat_success, 1 - (1 - config_.heartbeat_success) * (1 - margin), false};
  case alert_name::shutdown_overdue: {
    auto limit = to_alert_ms(last_.shutdown_limit);
    return {limit, limit, true};
  }
  case alert_name::cleanup_failed: return {0, 0, true};
  }
  return {};
}

bool alerts::wants_change(alert_name name, bool active) const {
  auto& reading = last_[name];
  auto at = levels_of(name);
  if (active)
    return !reading.known || (at.above ? reading.value <= at.clears : reading.value >= at.clears);
  if (!reading.known || (needs_events(name) && reading.events < config_.min_events))
    return false;
  return at.above ? reading.value > at.raised : reading.value < at.raised;
}

std::vector<alert_name> alerts::judge(time_point now, const alert_readings& readings) {
  last_ = readings;
  std::vector<alert_name> changed;
  for (std::size_t i = 0; i < alert_count; ++i) {
    auto name = static_cast<alert_name>(i);
    auto& s = states_[i];
    if (!wants_change(name, s.active)) {
      s.turning.reset();
      continue;
    }
    if (!s.turning)
      s.turning = now;
    if (takes_time(name) && now - *s.turning < config_.hold)
      continue;
    s = {!s.active, now, std::nullopt};
    changed.push_back(name);
  }
  return changed;
}

alert_status alerts::status(alert_name name, time_point now, wall_time wall) const {
  auto& reading = last_[name];
  auto level = levels_of(name);
  alert_status x;
  x.name = name;
  x.active = at(name).active;
  if (x.active)
    x.since = wall - std::chrono::duration_cast<std::chrono::milliseconds>(now - at(name).since);
  x.known = reading.known;
  x.value = reading.value;
  x.threshold = level.raised;
  x.clears = level.clears;
  x.events = reading.events;
  x.summary = summarise(x, config_.window);
  return x;
}

} // namespace holdfast
