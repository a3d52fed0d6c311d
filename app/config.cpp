#include "app/config.hpp"

#include "app/config_loader.hpp"
#include "app/nearest.hpp"
#include "app/read_file.hpp"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::string_view prefix = "HOLDFAST_";

/// "POOL__RESERVE" -> "pool.reserve", "AUTH__JWT__ISSUER" -> "auth.jwt.issuer"; empty when it names
/// no key.
std::string key_of_variable(std::string_view name) {
  if (name.find("__") == std::string_view::npos)
    return {};
  std::string key;
  for (char c : name)
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (auto gap = key.find("__"); gap != std::string::npos; gap = key.find("__", gap))
    key.replace(gap, 2, ".");
  return key;
}

std::string variable(const std::vector<std::string>& environment, std::string_view name) {
  for (const auto& each : environment)
    if (each.size() > name.size() && each[name.size()] == '='
        && each.compare(0, name.size(), name) == 0)
      return each.substr(name.size() + 1);
  return {};
}

/// An XDG_RUNTIME_DIR that is no path is passed over, as its specification has it.
void take_default_run_dir(const config_sources& sources, config& to) {
  auto runtime = variable(sources.environment, "XDG_RUNTIME_DIR");
  auto is_set
    = !runtime.empty()
      && find_key("node.run_dir")->set(to, {config_value::kind::string, runtime + "/holdfast"});
  if (!is_set)
    to.run_dir = sources.host.uid == 0 ? "/run/holdfast"
                                       : "/tmp/holdfast-" + std::to_string(sources.host.uid);
}

} // namespace

std::string_view to_string(log_format format) {
  switch (format) {
  case log_format::text: return "text";
  case log_format::json: return "json";
  }
  return "?";
}

std::string_view to_string(auth_mode mode) {
  switch (mode) {
  case auth_mode::none: return "none";
  case auth_mode::jwt: return "jwt";
  case auth_mode::header: return "header";
  }
  return "?";
}

config::config() {
  node.routes = {{"/echo", "echo", {}}, {"/broadcast", "broadcast", {}}, {"/", "topics", {}}};
  settle(*this);
}

void settle(config& settings) {
  settings.transport.close_timeout = settings.node.close_timeout;
  settings.transport.max_message_size = settings.node.max_message_size;
  settings.node.gate.shards = static_cast<unsigned>(settings.node.shards);
}

std::string_view config_result::origin(std::string_view key) const {
  auto found = origins.find(key);
  return found == origins.end() ? std::string_view{"default"} : std::string_view{found->second};
}

config_result load_config(const config_sources& sources) {
  return config_loader{sources}.run();
}

config_result config_loader::run() && {
  take_defaults();
  take_profile();
  take_file();
  take_environment();
  take_sets();
  take_listens();
  if (result_.origin("admin.socket") == "default")
    result_.config.admin.socket = result_.config.run_dir + "/holdfast.sock";
  settle(result_.config);
  check_config(sources_, faulty_, result_);
  for (auto* messages : {&result_.errors, &result_.warnings})
    for (auto& message : *messages)
      message = one_line(std::move(message));
  return std::move(result_);
}

void config_loader::take_defaults() {
  const auto& host = sources_.host;
  auto& to = result_.config;
  find_key("node.name")->set(to, {config_value::kind::string, host.name});
  to.node.shards = std::clamp<std::size_t>(host.cores, 1, max_shards);
  take_default_run_dir(sources_, to);
  take_default_routes();
}

void config_loader::take_profile() {
  if (sources_.profile.empty())
    return;
  auto* values = find_profile(sources_.profile);
  if (!values) {
    std::string names;
    for (const auto& name : profile_names())
      names += (names.empty() ? "" : " and ") + name;
    error("--profile " + sources_.profile, "there is no such profile, only " + names
                                             + did_you_mean(sources_.profile, profile_names()));
    return;
  }
  auto origin = "profile " + sources_.profile;
  for (const auto& [key, value] : *values)
    set(key, {config_value::kind::untyped, std::string{value}}, origin, origin);
}

void config_loader::take_file() {
  if (sources_.file.empty() && !sources_.file_text)
    return;
  auto file = sources_.file_text ? file_content{*sources_.file_text, {}} : read_file(sources_.file);
  if (!file.error.empty()) {
    error(sources_.file, "cannot read the configuration: " + file.error);
    return;
  }
  auto parsed = parse_toml(file.text);
  if (parsed.error.empty())
    take_root(parsed.root);
  else
    error(sources_.file + ":" + std::to_string(parsed.line) + ":" + std::to_string(parsed.column),
          parsed.error);
}

void config_loader::take_environment() {
  for (const auto& each : sources_.environment) {
    auto equals = each.find('=');
    if (equals == std::string::npos || each.compare(0, prefix.size(), prefix) != 0)
      continue;
    auto name = each.substr(0, equals);
    auto key = key_of_variable(std::string_view{name}.substr(prefix.size()));
    if (!key.empty())
      set(key, {config_value::kind::untyped, each.substr(equals + 1)}, name, name);
  }
}

void config_loader::take_sets() {
  for (const auto& each : sources_.sets) {
    auto equals = each.find('=');
    auto place = "--set " + each;
    if (equals == std::string::npos)
      error(place, "it is written --set table.key=value");
    else
      set(each.substr(0, equals), {config_value::kind::untyped, each.substr(equals + 1)}, "--set",
          place);
  }
}

void config_loader::take_listens() {
  if (sources_.listens.empty())
    return;
  std::vector<transport::endpoint> listen;
  for (const auto& each : sources_.listens) {
    if (auto where = parse_endpoint(each))
      listen.push_back(*where);
    else
      error("--listen " + each,
            "it takes ADDRESS:PORT with a numeric address, such as 127.0.0.1:8080 or [::1]:8080");
  }
  result_.config.listen = std::move(listen);
  result_.origins["listen"] = "--listen";
}

void config_loader::set(std::string_view name, const config_value& value, const std::string& origin,
                        const std::string& place) {
  auto* key = find_key(name);
  if (!key) {
    refuse_key(name, place);
    return;
  }
  if (key->set(result_.config, value)) {
    result_.origins[key->name] = origin;
    faulty_.erase(key->name);
    return;
  }
  faulty_.insert(key->name);
  error(place, key->name + " (" + std::string{key->about} + ") takes " + key->takes + ", not "
                 + describe(value));
}

void config_loader::refuse_key(std::string_view name, const std::string& place) {
  auto table = name.substr(0, name.find('.'));
  const auto& tables = config_tables();
  if (std::find(tables.begin(), tables.end(), name) != tables.end())
    error(place, std::string{name} + " is a table: it is written [" + std::string{name} + "]");
  else if (in_a_later_release(name))
    error(place, std::string{name} + " is not in this release");
  else if (table == "listen" || table == "route")
    error(place, std::string{name} + " is part of a list: it is set in a file by [["
                   + std::string{table} + "]]" + (table == "listen" ? " or with --listen" : ""));
  else
    error(place, unknown_key(name));
}

void config_loader::error(const std::string& place, const std::string& text) {
  result_.errors.push_back(place + ": " + text);
}

std::string config_loader::place_of(const file_node& node) const {
  return sources_.file + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
}

} // namespace holdfast
