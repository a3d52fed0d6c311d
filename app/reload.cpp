#include "app/reload.hpp"

#include "app/auth/make_authenticator.hpp"
#include "app/config_keys.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// What belongs to another `auth.mode` is of no use to the one that stays until a restart.
bool is_live(std::string_view key, bool same_mode) {
  constexpr std::string_view live[] = {"node.log_level", "pool.max_connections_per_user",
                                       "pool.max_total_connections", "pool.reserve"};
  constexpr std::string_view tokens = "auth.jwt.";
  if (key == "auth.priority_claim" || key.substr(0, tokens.size()) == tokens)
    return same_mode;
  return std::find(std::begin(live), std::end(live), key) != std::end(live);
}

bool same_listen(const config& a, const config& b) {
  auto same = [](const transport::endpoint& x, const transport::endpoint& y) {
    return format_endpoint(x) == format_endpoint(y);
  };
  return std::equal(a.listen.begin(), a.listen.end(), b.listen.begin(), b.listen.end(), same)
         && a.node.gate.origins == b.node.gate.origins
         && a.node.gate.trusted_proxies == b.node.gate.trusted_proxies;
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
  auto same_mode = running.auth.mode == wanted.auth.mode;
  for (auto& key : config_keys())
    if (key.show(running) != key.show(wanted))
      result.push_back({key.name, is_live(key.name, same_mode)});
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
  if (running.auth.mode != wanted.auth.mode)
    return;
  auto header = std::move(running.auth.header);
  running.auth = wanted.auth;
  running.auth.header = std::move(header);
}

void reloader::reload() {
  auto loaded = load_config(sources_);
  for (auto& warning : loaded.warnings)
    log_.write(log_level::warn, "config_warning", {{"text", warning}});
  if (loaded.ok())
    apply(loaded);
  else
    keep_the_old(loaded.errors);
}

void reloader::keep_the_old(const std::vector<std::string>& errors) {
  for (auto& error : errors)
    log_.write(log_level::error, "reload_failed", {{"error", error}});
  log_.write(log_level::error, "reload", {{"done", "no"}, {"kept", "the configuration of before"}});
}

void reloader::apply(const config_result& loaded) {
  auto next = running_;
  take_live(next, loaded.config);
  auto keys = auth::make_authenticator(next.auth); // the files may have changed under their names
  auto place = std::string{loaded.origin(keys.key)} + ": " + keys.key + ": ";
  if (!keys.made) {
    keep_the_old({place + keys.error});
    return;
  }
  for (auto& warning : keys.warnings)
    log_.write(log_level::warn, "config_warning", {{"text", place + warning}});
  std::int64_t taken = 0;
  std::int64_t refused = 0;
  for (auto& change : changes(running_, loaded.config)) {
    ++(change.live ? taken : refused);
    if (!change.live)
      log_.write(log_level::warn, "reload_refused",
                 {{"key", change.key}, {"reason", "it changes with a restart only"}});
  }
  running_ = std::move(next);
  authentication_.replace(std::move(keys.made));
  log_.set_threshold(running_.log_level);
  node_.total.set_per_user(running_.node.admission.max_connections_per_user);
  if (node_.given_up.empty()) // else there is room for nobody any more
    node_.total.set_limits(running_.node.max_total_connections, running_.node.reserve);
  if (!keys.keys.empty())
    log_.write(log_level::info, "keys_read", {{"what", keys.keys}});
  log_.write(log_level::info, "reload",
             {{"done", "yes"}, {"changed", taken}, {"refused", refused}});
}

} // namespace holdfast
