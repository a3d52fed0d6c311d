// What a file has to say, with its lists [[listen]] and [[route]].
#include "app/config_loader.hpp"
#include "app/nearest.hpp"
#include "app/units.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {

namespace {

using kind = config_value::kind;

/// "https://example.org", as a browser writes it (RFC 6454 section 6.2): no path, no slash.
bool valid_origin(std::string_view text) {
  auto scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0)
    return false;
  auto host = text.substr(scheme + 3);
  auto valid
    = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '/' && c != '?' && c != '#'; };
  return !host.empty() && std::all_of(host.begin(), host.end(), valid);
}

/// As it can stand in the request line (RFC 3986 section 3.3), without its query.
bool valid_route_path(std::string_view text) {
  auto valid = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#'; };
  return !text.empty() && text.front() == '/' && std::all_of(text.begin(), text.end(), valid);
}

/// Up to 1000.
std::optional<unsigned> whole_number(const std::string& text) {
  unsigned number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number <= 1000
           ? std::optional{number}
           : std::nullopt;
}

} // namespace

void config_loader::take_root(const file_node& root) {
  for (const auto& child : root.children) {
    const auto& tables = config_tables();
    if (child.key == "listen")
      take_listen_list(child);
    else if (child.key == "route")
      take_route_list(child);
    else if (in_a_later_release(child.key) || child.key.find('.') != std::string::npos
             || std::find(tables.begin(), tables.end(), child.key) == tables.end())
      refuse_key(child.key, place_of(child));
    else if (child.value.what == kind::table)
      take_table(child);
    else
      error(place_of(child), child.key + " is a table: it is written [" + child.key + "]");
  }
}

void config_loader::take_table(const file_node& table) {
  for (const auto& child : table.children)
    take_entry(table.key + "." + child.key, child);
}

/// A key, or a table in a table.
void config_loader::take_entry(const std::string& name, const file_node& entry) {
  const auto& tables = config_tables();
  if (entry.value.what == kind::table
      && std::find(tables.begin(), tables.end(), name) != tables.end()) {
    for (const auto& child : entry.children)
      take_entry(name + "." + child.key, child);
    return;
  }
  auto place = place_of(entry);
  set(name, entry.whole(), place, place);
}

bool config_loader::is_list(const file_node& node) {
  auto tables = node.value.what == kind::array
                && std::all_of(node.children.begin(), node.children.end(),
                               [](const file_node& x) { return x.value.what == kind::table; });
  if (!tables || node.children.empty())
    error(place_of(node),
          node.key + " is a list with at least one entry: each is written [[" + node.key + "]]");
  return tables && !node.children.empty();
}

void config_loader::take_listen_list(const file_node& list) {
  if (!is_list(list))
    return;
  result_.config.listen.clear();
  result_.origins["listen"] = place_of(list.children.front());
  for (const auto& entry : list.children)
    take_listen(entry);
}

void config_loader::take_listen(const file_node& entry) {
  std::optional<transport::endpoint> where;
  std::vector<std::string> origins;
  std::vector<cidr_block> proxies;
  auto has_address = false;
  for (const auto& child : entry.children) {
    if (child.key == "address") {
      has_address = true;
      where = child.value.what == kind::string ? parse_endpoint(child.value.text) : std::nullopt;
      if (!where)
        error(place_of(child), "listen.address takes a numeric address and a port such as "
                               "\"127.0.0.1:8080\" or \"[::1]:8080\", not "
                                 + describe(child.value));
    } else if (child.key == "origins") {
      take_origins(child, origins);
    } else if (child.key == "trusted_proxies") {
      take_proxies(child, proxies);
    } else if (in_a_later_release("listen." + child.key)) {
      error(place_of(child), "listen." + child.key + " is not in this release");
    } else {
      error(place_of(child), unknown_key("listen." + child.key));
    }
  }
  if (!has_address)
    error(place_of(entry), "this [[listen]] has no address");
  if (where)
    result_.config.listen.push_back(*where);
  auto& gate = result_.config.node.gate;
  if (listen_seen_ && gate.origins != origins)
    error(place_of(entry), "in this release every [[listen]] has the same origins");
  if (listen_seen_ && gate.trusted_proxies != proxies)
    error(place_of(entry), "in this release every [[listen]] has the same trusted_proxies");
  gate.origins = std::move(origins);
  gate.trusted_proxies = std::move(proxies);
  listen_seen_ = true;
}

void config_loader::take_proxies(const file_node& list, std::vector<cidr_block>& proxies) {
  auto refuse = [this](const file_node& what, std::string_view takes) {
    faulty_.insert("listen.trusted_proxies");
    error(place_of(what),
          "listen.trusted_proxies takes " + std::string{takes} + ", not " + describe(what.value));
  };
  if (list.value.what != kind::array) {
    refuse(list, "a list such as [\"10.0.0.0/8\", \"::1\"]");
    return;
  }
  for (const auto& each : list.children) {
    auto block = each.value.what == kind::string ? parse_cidr_block(each.value.text) : std::nullopt;
    if (block)
      proxies.push_back(*block);
    else
      refuse(each, "addresses and blocks that begin where they say, such as \"10.0.0.0/8\" and "
                   "\"::1\"");
  }
}

void config_loader::take_origins(const file_node& list, std::vector<std::string>& origins) {
  if (list.value.what != kind::array) {
    error(place_of(list), "listen.origins takes a list such as [\"https://example.org\"], not "
                            + describe(list.value));
    return;
  }
  for (const auto& each : list.children) {
    if (each.value.what == kind::string && valid_origin(each.value.text))
      origins.push_back(each.value.text);
    else
      error(place_of(each), "listen.origins takes origins such as \"https://example.org\", without "
                            "a path, not "
                              + describe(each.value));
  }
}

/// Of what this program can do; a handler of its own stands at its name.
void config_loader::take_default_routes() {
  auto& routes = result_.config.node.routes;
  auto missing = [&](const route_config& x) {
    auto& names = sources_.handlers;
    return std::find(names.begin(), names.end(), x.handler) == names.end();
  };
  routes.erase(std::remove_if(routes.begin(), routes.end(), missing), routes.end());
  for (const auto& name : sources_.handlers) {
    auto has = [&](const route_config& x) { return x.handler == name; };
    if (std::any_of(routes.begin(), routes.end(), has) || !valid_route_path("/" + name))
      continue;
    route_config route{"/" + name, name};
    if (auto usual = sources_.modes.find(name); usual != sources_.modes.end())
      route.mode = usual->second;
    routes.push_back(std::move(route));
  }
}

void config_loader::take_route_list(const file_node& list) {
  if (!is_list(list))
    return;
  result_.config.node.routes.clear();
  result_.origins["route"] = place_of(list.children.front());
  for (const auto& entry : list.children)
    take_route(entry);
}

void config_loader::take_route(const file_node& entry) {
  route_config route;
  auto before = result_.errors.size();
  auto has = [&](std::string_view name) {
    return std::any_of(entry.children.begin(), entry.children.end(),
                       [&](const file_node& x) { return x.key == name; });
  };
  for (const auto& child : entry.children)
    take_route_key(child, route);
  auto usual = sources_.modes.find(route.handler);
  if (!has("mode") && usual != sources_.modes.end())
    route.mode = usual->second;
  if (route.mode != handler_mode::shared)
    for (auto name : {"max_restarts", "within", "on_give_up"})
      if (has(name))
        error(place_of(entry), std::string{"route."} + name + " is for mode = \"shared\" alone");
  if (result_.errors.size() != before)
    return;
  if (route.path.empty() || route.handler.empty()) {
    error(place_of(entry),
          std::string{"this [[route]] has no "} + (route.path.empty() ? "path" : "handler"));
    return;
  }
  auto& routes = result_.config.node.routes;
  auto same = [&](const route_config& x) { return x.path == route.path; };
  if (std::any_of(routes.begin(), routes.end(), same))
    error(place_of(entry), "there is a [[route]] with the path " + route.path + " already");
  routes.push_back(std::move(route));
}

void config_loader::take_route_key(const file_node& key, route_config& to) {
  const auto& value = key.value;
  auto is_text = value.what == kind::string;
  auto name = "route." + key.key;
  if (key.key == "path") {
    to.path = value.text;
    if (!is_text || !valid_route_path(value.text))
      error(place_of(key), name + " takes a path such as \"/chat\", not " + describe(value));
    else if (value.text == "/healthz")
      error(place_of(key), "the path /healthz is the node's own");
  } else if (key.key == "handler") {
    to.handler = value.text;
    if (!is_text || value.text.empty())
      error(place_of(key), name + " takes a name such as \"echo\", not " + describe(value));
    else
      check_handler(value.text, place_of(key));
  } else if (key.key == "mode") {
    take_choice(key, name,
                {handler_mode::inlined, handler_mode::per_connection, handler_mode::shared},
                to.mode);
  } else if (key.key == "on_give_up") {
    take_choice(key, name, {give_up_policy::drain, give_up_policy::close}, to.on_give_up);
  } else if (key.key == "max_restarts") {
    auto count = value.what == kind::integer ? whole_number(value.text) : std::nullopt;
    to.restarts.max_restarts = count.value_or(0);
    if (!count)
      error(place_of(key), name + " takes a whole number from 0 to 1000, not " + describe(value));
  } else if (key.key == "within") {
    auto span = is_text ? parse_duration(value.text) : std::nullopt;
    to.restarts.within = span.value_or(duration{});
    if (!span || *span <= duration::zero())
      error(place_of(key), name + " takes a duration such as \"60s\", not " + describe(value));
  } else if (is_text || value.what == kind::integer || value.what == kind::boolean) {
    to.options[key.key] = value.text;
  } else {
    error(place_of(key),
          name + " takes text, a whole number, true or false, not " + describe(value));
  }
}

template <class Enum>
void config_loader::take_choice(const file_node& key, const std::string& name,
                                std::initializer_list<Enum> choices, Enum& to) {
  std::string takes;
  for (auto each : choices) {
    if (key.value.what == kind::string && key.value.text == to_string(each)) {
      to = each;
      return;
    }
    takes += std::string{takes.empty()                  ? ""
                         : each == *(choices.end() - 1) ? " or "
                                                        : ", "}
             + toml_string(std::string{to_string(each)});
  }
  error(place_of(key), name + " takes " + takes + ", not " + describe(key.value));
}

void config_loader::check_handler(const std::string& name, const std::string& place) {
  const auto& known = sources_.handlers;
  if (std::find(known.begin(), known.end(), name) != known.end())
    return;
  auto meant = did_you_mean(name, known);
  std::string names;
  for (const auto& each : known)
    names += (names.empty() ? "" : ", ") + each;
  error(place, "there is no handler " + name + (meant.empty() ? "; there are " + names : meant));
}

} // namespace holdfast
