// What has happened on the node: receipts, counters, alerts.
#pragma once

#include "actors/interfaces.hpp"

namespace holdfast {

struct node_context;

struct health_state {
  static inline const char* name = "health";
};

/// Hosted on the control thread.
health_actor::behavior_type health(health_actor::stateful_pointer<health_state> self,
                                   node_context* node);

} // namespace holdfast
