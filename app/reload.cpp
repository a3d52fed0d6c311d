#include "app/reload.hpp"

#include "actors/vitals.hpp"
#include "app/auth/make_authenticator.hpp"
#include "app/config_keys.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

/// What belongs to another `auth.mode` is of no use to the one that stays until a restart.
bool is_live(const config_key& key, bool same_mode) {
  auto of_auth = key.name.rfind("auth.", 0) == 0;
  return key.live && (same_mode || !of_auth);
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
    return x.path == y.path && x.handler == y.handler && x.mode == y.mode && x.options == y.options
           && x.restarts.max_restarts == y.restarts.max_restarts
           && x.restarts.within == y.restarts.within && x.on_give_up == y.on_give_up;
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
      result.push_back({key.name, is_live(key, same_mode)});
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
  running.node.alerts = wanted.node.alerts;
  if (running.auth.mode != wanted.auth.mode)
    return;
  auto header = std::move(running.auth.header);
  running.auth = wanted.auth;
  running.auth.header = std::move(header);
}

reload_result reloader::reload() {
  auto loaded = load_config(sources_);
  for (auto& warning : loaded.warnings)
    log_.write(log_level::warn, "config_warning", {{"text", warning}});
  return loaded.ok() ? apply(loaded) : keep_the_old(std::move(loaded.errors));
}

reload_result reloader::keep_the_old(std::vector<std::string> errors) {
  for (auto& error : errors)
    log_.write(log_level::error, "reload_failed", {{"error", error}});
  log_.write(log_level::error, "reload", {{"done", "no"}, {"kept", "the configuration of before"}});
  reload_result result;
  result.errors = std::move(errors);
  return result;
}

reload_result reloader::apply(const config_result& loaded) {
  auto next = running_;
  take_live(next, loaded.config);
  auto keys = auth::make_authenticator(next.auth); // the files may have changed under their names
  auto place = std::string{loaded.origin(keys.key)} + ": " + keys.key + ": ";
  if (!keys.made)
    return keep_the_old({place + keys.error});
  for (auto& warning : keys.warnings)
    log_.write(log_level::warn, "config_warning", {{"text", place + warning}});
  reload_result result;
  for (auto& change : changes(running_, loaded.config)) {
    if (change.live)
      origins_[change.key] = loaded.origin(change.key);
    (change.live ? result.taken : result.needs_restart).push_back(std::move(change.key));
  }
  result.keys_read = std::move(keys.keys);
  for (auto& key : result.needs_restart)
    log_.write(log_level::warn, "reload_refused",
               {{"key", key}, {"reason", "it changes with a restart only"}});
  running_ = std::move(next);
  authentication_.replace(std::move(keys.made));
  writer_.set_threshold(running_.log_level);
  node_.total.set_per_user(running_.node.admission.max_connections_per_user);
  set_alerts(node_, running_.node.alerts);
  if (node_.given_up.empty()) // else there is room for nobody any more
    node_.total.set_limits(running_.node.max_total_connections, running_.node.reserve);
  if (!result.keys_read.empty())
    log_.write(log_level::info, "keys_read", {{"what", result.keys_read}});
  log_.write(log_level::info, "reload",
             {{"done", "yes"},
              {"changed", static_cast<std::int64_t>(result.taken.size())},
              {"refused", static_cast<std::int64_t>(result.needs_restart.size())}});
  return result;
}

std::vector<config_item> reloader::items() const {
  std::vector<config_item> result;
  for (auto& key : config_keys()) {
    auto origin = origins_.find(key.name);
    result.push_back({key.name, key.show(running_),
                      origin == origins_.end() ? "default" : origin->second, key.live});
  }
  return result;
}

} // namespace holdfast
