#include "actors/router.hpp"

#include "actors/node_context.hpp"

#include <iterator>

namespace holdfast {

router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   node_context* node) {
  return {
    [self](const group_joined& x) { self->state.shards_of[x.group].set(x.shard); },
    [self](const group_left& x) {
      auto found = self->state.shards_of.find(x.group);
      if (found != self->state.shards_of.end() && found->second.reset(x.shard).none())
        self->state.shards_of.erase(found);
    },
    [self](const groups_announced& x) {
      auto& shards_of = self->state.shards_of;
      for (auto it = shards_of.begin(); it != shards_of.end();)
        it = it->second.reset(x.shard).none() ? shards_of.erase(it) : std::next(it);
      for (auto& group : x.groups)
        shards_of[group].set(x.shard);
    },
    [self, node](const publication& x) {
      ++self->state.publications;
      auto found = self->state.shards_of.find(x.group);
      if (found == self->state.shards_of.end())
        return;
      auto message = caf::make_message(x); // one copy, shared by all shards
      for (std::size_t shard = 0; shard < node->peers.router_members.size(); ++shard)
        if (found->second.test(shard))
          caf::anon_send(caf::actor_cast<caf::actor>(node->peers.router_members[shard]), message);
    },
    [self](get_router) {
      return router_status{self->state.shards_of.size(), self->state.publications};
    },
  };
}

} // namespace holdfast
