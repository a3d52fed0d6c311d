// Actors that users spawn at runtime.
#pragma once

#include "actors/supervisor.hpp"
#include "protocol/messages.hpp"

namespace holdfast {

struct node_context;

/// What the supervisor needs to know of such an actor. Throws std::invalid_argument with a sentence
/// for the user: there is no such type, the name cannot be one, or the type does not take these
/// arguments.
child_spec custom_actor(node_context& node, const spawn_actor_request& x);

} // namespace holdfast
