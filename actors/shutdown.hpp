// Runs the phased drain over the whole actor system.
#pragma once

#include "actors/interfaces.hpp"
#include "protocol/drain.hpp"

namespace holdfast {

struct node_context;

struct shutdown_state {
  static inline const char* name = "shutdown";
};

/// Hosted on the control thread. Carries out what protocol/drain.hpp decides; what a drain knows
/// stands in the context, so that a restarted actor goes on with it.
shutdown_actor::behavior_type shutdown(shutdown_actor::stateful_pointer<shutdown_state> self,
                                       node_context* node);

} // namespace holdfast
