#include "actors/health.hpp"

#include "actors/node_context.hpp"

namespace holdfast {

namespace {

void add(traffic& sum, const traffic& x) {
  sum.messages += x.messages;
  sum.bytes += x.bytes;
}

void add(shard_counters& sum, const shard_counters& x) {
  sum.sockets += x.sockets;
  sum.admitted += x.admitted;
  sum.ended += x.ended;
  for (std::size_t i = 0; i < sum.refused.size(); ++i)
    sum.refused[i] += x.refused[i];
  for (std::size_t i = 0; i < sum.in_state.size(); ++i)
    sum.in_state[i] += x.in_state[i];
  add(sum.in, x.in);
  add(sum.out, x.out);
  sum.pings += x.pings;
  sum.pongs += x.pongs;
  sum.missed += x.missed;
  sum.suspects += x.suspects;
  sum.zombies += x.zombies;
  sum.slow_consumers += x.slow_consumers;
  sum.mended += x.mended;
}

health_status summary(const node_context& node) {
  health_status status;
  status.receipts = node.receipts.added();
  status.closed_by_cause = node.receipts.by_cause();
  for (auto& report : node.reports)
    if (report)
      add(status.totals, report->counters);
  return status;
}

} // namespace

health_actor::behavior_type health(health_actor::stateful_pointer<health_state> self,
                                   node_context* node) {
  return {
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
  };
}

} // namespace holdfast
