// Names of keys: those that exist, those that will, and those that were meant.
#include "app/config_keys.hpp"
#include "app/nearest.hpp"

#include <algorithm>

namespace holdfast {

namespace {

/// Designed, and not there yet. A key that had no effect would be worse than none.
const std::vector<std::string>& later() {
  static const std::vector<std::string> names{
    "cluster",
    "limits.max_message_rate",
    "listen.tls",
    "listen.proxy_protocol",
  };
  return names;
}

std::string_view table_of(std::string_view name) {
  auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

std::string_view last_part(std::string_view name) {
  auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::vector<std::string> keys_of(std::string_view table) {
  if (table == "listen")
    return {"listen.address", "listen.origins", "listen.trusted_proxies"};
  if (table == "route")
    return {"route.path", "route.handler", "route.mode"};
  std::vector<std::string> result;
  for (const auto& key : config_keys())
    if (table_of(key.name) == table)
      result.push_back(key.name);
  return result;
}

/// Half a name counts as one, too: "max_conections" is near "max_connections_per_user".
std::string nearest_key(std::string_view part, const std::vector<std::string>& keys) {
  std::vector<std::string> forms;
  std::vector<std::string_view> key_of_form;
  for (const auto& key : keys) {
    auto whole = last_part(key);
    for (auto end = whole.find('_'); end != std::string_view::npos;
         end = whole.find('_', end + 1)) {
      forms.emplace_back(whole.substr(0, end));
      key_of_form.push_back(key);
    }
    forms.emplace_back(whole);
    key_of_form.push_back(key);
  }
  auto found = std::find(forms.begin(), forms.end(), nearest(part, forms));
  if (found == forms.end())
    return {};
  return std::string{key_of_form[static_cast<std::size_t>(found - forms.begin())]};
}

/// The key of another table that has this very name.
std::string elsewhere(std::string_view part) {
  for (const auto& key : config_keys())
    if (last_part(key.name) == part)
      return key.name;
  return {};
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names)
    result += (result.empty() ? "" : ", ") + name;
  return result;
}

std::string last_parts(std::vector<std::string> names) {
  for (auto& name : names)
    name = std::string{last_part(name)};
  return joined(names);
}

/// The table with this name, or the one it is a mistyped form of; empty when none is.
std::string table_meant(std::string_view table) {
  const auto& tables = config_tables();
  auto same = std::find(tables.begin(), tables.end(), table) != tables.end();
  return same ? std::string{table} : nearest(table, tables);
}

} // namespace

const config_key* find_key(std::string_view name) {
  const auto& keys = config_keys();
  auto found = std::find_if(keys.begin(), keys.end(),
                            [&](const config_key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

const std::vector<std::string>& config_tables() {
  static const std::vector<std::string> tables{"node",      "listen",   "route",    "pool",
                                               "heartbeat", "limits",   "shutdown", "supervisor",
                                               "auth",      "auth.jwt", "admin",    "alerts"};
  return tables;
}

bool in_a_later_release(std::string_view name) {
  auto covers = [&](const std::string& known) {
    return name == known
           || (name.size() > known.size() && name.substr(0, known.size()) == known
               && (name[known.size()] == '.'));
  };
  return std::any_of(later().begin(), later().end(), covers);
}

std::string unknown_key(std::string_view name) {
  auto text = "unknown key " + std::string{name};
  auto part = last_part(name);
  auto meant = elsewhere(part);
  if (meant.empty() && !table_of(name).empty()) {
    auto table = table_meant(table_of(name));
    auto keys = keys_of(table);
    meant = nearest_key(part, keys);
    if (meant.empty() && !table.empty())
      return text + "; " + table + " has " + last_parts(keys);
  } else if (meant.empty()) {
    meant = table_meant(name);
  }
  if (meant.empty())
    return text + "; there are the tables " + joined(config_tables());
  return text + "; did you mean " + meant + "?";
}

} // namespace holdfast
