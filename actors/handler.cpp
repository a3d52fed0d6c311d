#include "actors/handler.hpp"

#include "actors/handlers/broadcast.hpp"
#include "actors/handlers/echo.hpp"
#include "actors/handlers/topics.hpp"

#include <stdexcept>

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

namespace {

/// The built-in handlers have no keys of their own; one that is there is a mistake.
template <class Make>
handler_factory without_options(Make make) {
  return [make](const route_config& route) -> std::unique_ptr<handler> {
    if (!route.options.empty())
      throw std::invalid_argument{"route " + route.path + ": the handler \"" + route.handler
                                  + "\" has no key \"" + route.options.begin()->first + "\""};
    return make(route);
  };
}

} // namespace

handler_registry built_in_handlers() {
  return {
    {"broadcast",
     without_options([](const route_config& r) { return std::make_unique<broadcast>(r); })},
    {"echo", without_options([](const route_config&) { return std::make_unique<echo>(); })},
    {"topics", without_options([](const route_config&) { return std::make_unique<topics>(); })},
  };
}

} // namespace holdfast
