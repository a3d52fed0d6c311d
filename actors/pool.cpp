#include "actors/pool.hpp"

#include "actors/node_context.hpp"

#include <memory>

namespace holdfast {

namespace {

pool_status summary(const node_context& node) {
  pool_status status;
  status.connections = node.total.taken();
  status.limit = node.total.limit();
  status.reserve = node.total.reserve();
  status.sweeps = node.sweeps;
  for (auto& report : node.reports) {
    if (!report)
      continue;
    status.users += report->users;
    status.users_at_limit += report->users_at_limit;
    status.shards.push_back(*report);
  }
  return status;
}

/// Asks every member; answers with the sum when all have, or with what there is when one fails.
caf::result<std::uint64_t> clean_everywhere(pool_actor::stateful_pointer<pool_state> self,
                                            node_context& node) {
  auto promise = self->make_response_promise<std::uint64_t>();
  struct tally {
    std::size_t waiting;
    std::uint64_t cleaned = 0;
  };
  auto sum = std::make_shared<tally>(tally{node.peers.members.size()});
  auto one_less = [promise, sum](std::uint64_t cleaned) mutable {
    sum->cleaned += cleaned;
    if (--sum->waiting == 0)
      promise.deliver(sum->cleaned);
  };
  for (auto& member : node.peers.members)
    self->request(member, std::chrono::seconds{1}, clean_zombies{})
      .then(one_less, [one_less](const caf::error&) mutable { one_less(0); });
  return promise;
}

} // namespace

pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self, node_context* node) {
  auto arm = [self, node] {
    node->unit.send_at(node->unit.time().now() + node->settings.pool_cleanup_interval, self,
                       tick_atom::value);
  };
  arm();
  return {
    [node, self, arm](tick_atom) {
      ++node->sweeps;
      for (auto& member : node->peers.members)
        self->send(member, sweep_shard{});
      arm();
    },
    [node](shard_status& x) {
      auto shard = x.shard;
      node->reports[shard] = std::move(x);
    },
    [node](get_pool) { return summary(*node); },
    [self, node](clean_zombies) { return clean_everywhere(self, *node); },
  };
}

} // namespace holdfast
