#include "actors/health.hpp"

#include "actors/node_context.hpp"
#include "actors/vitals.hpp"

namespace holdfast {

namespace {

constexpr duration between_looks = std::chrono::seconds{1};

health_status summary(const node_context& node) {
  health_status status;
  status.receipts = node.receipts.added();
  status.closed_by_cause = node.receipts.by_cause();
  for (auto& report : node.reports)
    if (report)
      status.totals += report->counters;
  return status;
}

} // namespace

health_actor::behavior_type health(health_actor::stateful_pointer<health_state> self,
                                   node_context* node) {
  auto arm = [self, node] {
    node->unit.send_at(node->unit.time().now() + between_looks, self, tick_atom::value);
  };
  arm();
  return {
    [node, arm](tick_atom) {
      look_at_vitals(*node);
      arm();
    },
    [self, node](connections_closed& x) {
      auto& last = node->batches[x.shard];
      if (x.batch > last) { // else it was sent again needlessly
        last = x.batch;
        for (auto& receipt : x.receipts)
          node->receipts.add(std::move(receipt));
      }
      if (x.shard < node->peers.members.size()) // else the node has stopped
        self->send(node->peers.members[x.shard], receipts_kept{x.batch});
    },
    [node](shard_status& x) {
      auto shard = x.shard;
      node->reports[shard] = std::move(x);
    },
    [node](const find_receipts& x) { return node->receipts.find(x); },
    [node](const get_receipts& x) { return node->receipts.latest(x.user, x.limit); },
    [node](get_health) { return summary(*node); },
    [node](get_vitals) { return vitals_of(*node); },
    [node](get_alerts) { return alerts_of(*node); },
  };
}

} // namespace holdfast
