// The registry of live actors.
#pragma once

#include "actors/interfaces.hpp"

#include <map>
#include <string>

namespace holdfast {

struct node_context;

struct inspector_state {
  static inline const char* name = "inspector";
};

/// Hosted on the control thread. It reads probes, so looking at an actor costs that actor nothing.
inspector_actor::behavior_type inspector(inspector_actor::stateful_pointer<inspector_state> self,
                                         node_context* node);

} // namespace holdfast
