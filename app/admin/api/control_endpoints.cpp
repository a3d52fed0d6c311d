// The configuration: what it is, and reading it again.
#include "app/admin/api/endpoints.hpp"

#include <algorithm>
#include <array>

namespace holdfast::admin {

namespace {

void items(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, {}))
    return;
  node.control.items([to](const std::vector<config_item>& all) {
    auto items = json::array();
    for (auto& x : all)
      items.push_back({{"key", x.key}, {"value", x.value}, {"origin", x.origin}, {"live", x.live}});
    reply(*to, {{"items", std::move(items)}});
  });
}

void reload(const api_context& node, const exchange_ptr& to) {
  if (!fields_of(*to, {}))
    return;
  node.control.reload([to](const reload_result& x) {
    reply(*to, {{"taken", x.taken},
                {"needs_restart", x.needs_restart},
                {"errors", x.errors},
                {"keys_read", text_or_null(x.keys_read)}});
  });
}

void set_level(const api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"level"});
  if (!fields)
    return;
  auto wanted = fields->value("level", json{});
  auto level = std::find_if(log_levels.begin(), log_levels.end(),
                            [&](log_level each) { return wanted == to_string(each); });
  if (level == log_levels.end()) {
    fail(*to, 400, "bad_request", "level is none", "it takes debug, info, warn or error");
    return;
  }
  node.control.set_log_level(*level);
  node.log.write(log_level::info, "log_level", {{"is", to_string(*level)}});
  reply(*to, {{"level", to_string(*level)}});
}

} // namespace

std::vector<endpoint> control_endpoints(api_context& node) {
  return {
    {"GET", "/v1/config", [&node](const exchange_ptr& to, const std::string&) { items(node, to); }},
    {"POST", "/v1/reload",
     [&node](const exchange_ptr& to, const std::string&) { reload(node, to); }},
    {"POST", "/v1/log",
     [&node](const exchange_ptr& to, const std::string&) { set_level(node, to); }},
  };
}

} // namespace holdfast::admin
