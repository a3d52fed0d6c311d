// An actor to spawn at runtime that publishes to a topic again and again: a heartbeat for clients
// to see, and the smallest actor of this kind.
#pragma once

#include "actors/handler.hpp"

namespace holdfast {

actor_type ticker();

} // namespace holdfast
