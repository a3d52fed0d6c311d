// The node's pool: its limits, and the sum of what its members hold.
#pragma once

#include "actors/interfaces.hpp"

namespace holdfast {

struct node_context;

/// Hosted on the control thread. The total limit itself is one shared counter (capacity), so that
/// it is exact to the connection; the pool shows it and has the members swept.
struct pool_state {
  static inline const char* name = "pool";
};

pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self, node_context* node);

} // namespace holdfast
