// One actor by its name, with what it says of itself.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast {

/// A line of an actor's published state. Spans are whole milliseconds, and end in `_ms`.
struct published_field {
  std::string name;
  std::variant<std::string, std::int64_t> value;
};

struct actor_look {
  std::optional<actor_view> view; ///< nothing: there is no actor of this name
  std::vector<published_field> state;
  std::vector<std::string> silent; ///< who did not answer within a second; it may be the actor
};

/// Looks up `name` ("pool", "heartbeat/0", "connection/mf2k8x1c-3f01") and asks the actor for its
/// state, which is empty where a kind publishes none. Of a connection, `mailbox`, `busy` and
/// `restarts` are zero: they are not counted. `done` is called once on `unit`'s thread, unless the
/// actor is sent an exit before. Threads: `unit`'s.
caf::actor look_at_actor(host_unit& unit, services peers, std::string name,
                         std::function<void(const actor_look&)> done);

} // namespace holdfast
