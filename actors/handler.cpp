#include "actors/handler.hpp"

#include "actors/handlers/broadcast.hpp"
#include "actors/handlers/echo.hpp"
#include "actors/handlers/ticker.hpp"
#include "actors/handlers/topics.hpp"

#include <stdexcept>

namespace holdfast {

command_outcome handler::subscribe(session&, std::string_view, bool) {
  return command_outcome::unsupported;
}

command_outcome handler::unsubscribe(session&, std::string_view) {
  return command_outcome::unsupported;
}

command_outcome handler::publish(session&, std::string_view, payload_kind, std::string_view) {
  return command_outcome::unsupported;
}

namespace {

[[noreturn]] void refuse_option(const route_config& route, const std::string& key) {
  throw std::invalid_argument{"route " + route.path + ": the handler \"" + route.handler
                              + "\" has no key \"" + key + "\""};
}

/// These have no keys of their own; one that is there is a mistake.
template <class Make>
handler_type without_options(Make make) {
  return [make](const route_config& route) -> std::unique_ptr<handler> {
    if (!route.options.empty())
      refuse_option(route, route.options.begin()->first);
    return make(route);
  };
}

std::unique_ptr<handler> make_topics(const route_config& route) {
  auto presence = false;
  for (auto& [key, value] : route.options) {
    if (key != "presence")
      refuse_option(route, key);
    if (value != "true" && value != "false")
      throw std::invalid_argument{"route " + route.path + ": presence is true or false"};
    presence = value == "true";
  }
  return std::make_unique<topics>(presence);
}

} // namespace

handler_registry built_in_handlers() {
  return {
    {"broadcast",
     without_options([](const route_config& r) { return std::make_unique<broadcast>(r); })},
    {"echo", without_options([](const route_config&) { return std::make_unique<echo>(); })},
    {"topics", make_topics},
  };
}

actor_registry built_in_actors() {
  return {{"ticker", ticker()}};
}

} // namespace holdfast
