#include "actors/router.hpp"

#include "actors/node_context.hpp"
#include "protocol/topic.hpp"

#include <iterator>
#include <utility>

namespace holdfast {

namespace {

using shards = std::bitset<max_shards>;

/// What the router does in several places.
struct routing {
  router_actor::stateful_pointer<router_state> self;
  node_context* node;

  router_state& state() const { return self->state; }

  /// One copy for all shards that are in `to`.
  template <class T>
  void deliver(const shards& to, const T& x) const {
    auto& members = node->peers.router_members;
    auto message = caf::make_message(x);
    for (std::size_t shard = 0; shard < members.size(); ++shard)
      if (to.test(shard))
        caf::anon_send(caf::actor_cast<caf::actor>(members[shard]), message);
  }

  const shards& where(const std::string& group) const {
    static const shards nowhere;
    auto found = state().shards_of.find(group);
    return found == state().shards_of.end() ? nowhere : found->second;
  }

  presence_state present(const std::string& group) const {
    return {group, state().present.users(group, max_present), state().present.count(group), 0, {}};
  }

  /// While not every shard has said who is there, nobody knows who has come.
  bool complete() const { return state().announced.count() == node->peers.router_members.size(); }

  void tell(const presence_change& x) const {
    if (complete())
      deliver(where(x.group), presence_news{x});
  }

  void announced(const groups_announced& x) const {
    auto& shards_of = state().shards_of;
    for (auto it = shards_of.begin(); it != shards_of.end();)
      it = it->second.reset(x.shard).none() ? shards_of.erase(it) : std::next(it);
    for (auto& group : x.groups)
      shards_of[group].set(x.shard);
    auto before = complete();
    state().announced.set(x.shard);
    auto changes = state().present.announced(x.shard, x.present);
    for (auto& group : x.present)
      state().to_tell.insert(group.group);
    if (!complete())
      return;
    for (auto& change : changes)
      tell(change);
    // Whoever may have missed something is told all.
    shards to;
    if (before)
      to.set(x.shard);
    else
      to.set();
    for (auto& group : std::exchange(state().to_tell, {}))
      deliver(to & where(group), present(group));
  }
};

} // namespace

router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   node_context* node) {
  routing r{self, node};
  return {
    [r](const group_joined& x) { r.state().shards_of[x.group].set(x.shard); },
    [r](const group_left& x) {
      auto found = r.state().shards_of.find(x.group);
      if (found != r.state().shards_of.end() && found->second.reset(x.shard).none())
        r.state().shards_of.erase(found);
    },
    [r](const groups_announced& x) { r.announced(x); },
    [r](const presence_wanted& x) {
      if (!x.user.empty() && r.state().present.came(x.shard, x.group, x.user))
        r.tell({x.group, x.user, true});
      auto all = r.present(x.group);
      all.slot = x.slot;
      all.id = x.id;
      r.deliver(shards{}.set(x.shard), all);
    },
    [r](const presence_left& x) {
      if (r.state().present.left(x.shard, x.group, x.user))
        r.tell({x.group, x.user, false});
    },
    [r](const publication& x) {
      ++r.state().publications;
      if (x.group == everyone)
        r.deliver(shards{}.set(), x);
      else if (r.where(x.group).any())
        r.deliver(r.where(x.group), x);
    },
    [r](get_router) {
      return router_status{r.state().shards_of.size(), r.state().publications};
    },
  };
}

} // namespace holdfast
