// Which shards have somebody in a group.
#pragma once

#include "actors/interfaces.hpp"
#include "protocol/presence.hpp"

#include <bitset>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace holdfast {

struct node_context;

/// Hosted on the control thread: so all publications of a group have one order.
struct router_state {
  static inline const char* name = "router";
  std::unordered_map<std::string, std::bitset<max_shards>> shards_of;
  presence_table present;
  std::bitset<max_shards> announced;       ///< shards that have said who is there
  std::unordered_set<std::string> to_tell; ///< groups that somebody of these watches
  std::uint64_t publications = 0;
};

router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   node_context* node);

} // namespace holdfast
