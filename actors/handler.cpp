#include "actors/handler.hpp"

#include "actors/handlers/broadcast.hpp"
#include "actors/handlers/echo.hpp"
#include "actors/handlers/topics.hpp"

namespace holdfast {

command_outcome handler::subscribe(session&, std::string_view) {
  return command_outcome::unsupported;
}

command_outcome handler::unsubscribe(session&, std::string_view) {
  return command_outcome::unsupported;
}

command_outcome handler::publish(session&, std::string_view, payload_kind, std::string_view) {
  return command_outcome::unsupported;
}

handler_registry built_in_handlers() {
  return {
    {"broadcast", [](const route_config& route) { return std::make_unique<broadcast>(route); }},
    {"echo", [](const route_config&) { return std::make_unique<echo>(); }},
    {"topics", [](const route_config&) { return std::make_unique<topics>(); }},
  };
}

} // namespace holdfast
