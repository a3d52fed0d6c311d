#include "app/config_keys.hpp"
#include "app/units.hpp"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::size_t comment_column = 52;

/// A line with its origin. Whatever a path may hold, it cannot end the comment.
std::string with_origin(std::string line, std::string_view origin) {
  line.resize(std::max(line.size() + 1, comment_column), ' ');
  return line + "# " + one_line(std::string{origin}) + "\n";
}

std::string show_listen(const config_result& result) {
  std::string text;
  for (const auto& where : result.config.listen) {
    text += "\n" + with_origin("[[listen]]", result.origin("listen"));
    text += "address = " + toml_string(format_endpoint(where)) + "\n";
    std::string origins;
    for (const auto& origin : result.config.node.gate.origins)
      origins += (origins.empty() ? "" : ", ") + toml_string(origin);
    if (!origins.empty())
      text += "origins = [" + origins + "]\n";
    std::string proxies;
    for (const auto& block : result.config.node.gate.trusted_proxies)
      proxies += (proxies.empty() ? "" : ", ") + toml_string(to_string(block));
    if (!proxies.empty())
      text += "trusted_proxies = [" + proxies + "]\n";
  }
  return text;
}

std::string show_routes(const config_result& result) {
  std::string text;
  for (const auto& route : result.config.node.routes) {
    text += "\n" + with_origin("[[route]]", result.origin("route"));
    text
      += "path = " + toml_string(route.path) + "\nhandler = " + toml_string(route.handler) + "\n";
    text += "mode = " + toml_string(std::string{to_string(route.mode)}) + "\n";
    if (route.mode == handler_mode::shared)
      text += "max_restarts = " + std::to_string(route.restarts.max_restarts)
              + "\nwithin = " + toml_string(format_duration(route.restarts.within))
              + "\non_give_up = " + toml_string(std::string{to_string(route.on_give_up)}) + "\n";
    for (const auto& [key, value] : route.options)
      text += toml_string(key) + " = " + toml_string(value) + "\n";
  }
  return text;
}

std::string warnings_of(const config_result& result) {
  std::string text;
  for (const auto& warning : result.warnings)
    text += "warning: " + warning + "\n";
  return text;
}

} // namespace

std::string render_show(const config_result& result) {
  std::string text;
  for (const auto& key : config_keys())
    text += with_origin(key.name + " = " + key.show(result.config), result.origin(key.name));
  return text + show_listen(result) + show_routes(result);
}

std::string render_check(const config_result& result) {
  auto longest = longest_drain(result.config.node.shutdown);
  return "ok\n" + warnings_of(result) + "longest possible shutdown " + format_duration(longest)
         + ": keep systemd's and Kubernetes' grace above it\n";
}

std::string render_errors(const config_result& result) {
  std::string text;
  for (const auto& error : result.errors)
    text += error + "\n";
  auto count = result.errors.size();
  return text + "the configuration has " + std::to_string(count)
         + (count == 1 ? " error" : " errors") + "\n";
}

} // namespace holdfast
