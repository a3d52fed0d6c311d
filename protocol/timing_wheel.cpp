#include "protocol/timing_wheel.hpp"

#include <algorithm>

namespace holdfast {

timing_wheel::timing_wheel(duration tick, time_point start)
  : tick_{tick},
    start_{start},
    nodes_(first_slot) {
  for (std::uint32_t list = 0; list < first_slot; ++list)
    nodes_[list].prev = nodes_[list].next = list;
}

void timing_wheel::schedule(slot_index slot, time_point due) {
  const auto node = first_slot + slot;
  if (node >= nodes_.size())
    nodes_.resize(node + std::size_t{1});
  else
    cancel(slot);
  const auto ahead = std::max(due - start_, duration::zero());
  const auto tick = static_cast<std::uint64_t>(ahead / tick_ + (ahead % tick_ != duration::zero()));
  const auto at = std::clamp<std::uint64_t>(tick, passed_ + 1,
                                            passed_ + std::numeric_limits<std::uint32_t>::max());
  nodes_[node].due = static_cast<std::uint32_t>(at);
  link(node, static_cast<std::uint32_t>(at % buckets));
}

void timing_wheel::cancel(slot_index slot) {
  if (scheduled(slot))
    unlink(first_slot + slot);
}

bool timing_wheel::scheduled(slot_index slot) const {
  const auto node = std::size_t{first_slot} + slot;
  return node < nodes_.size() && nodes_[node].next != unlinked;
}

/// Moves what is due to the list of its own, from which it is called: so on_due may change any
/// list under our feet.
void timing_wheel::collect(time_point now) {
  if (now - start_ < tick_)
    return;
  const auto reached = static_cast<std::uint64_t>((now - start_) / tick_);
  if (reached <= passed_)
    return;
  const auto steps = reached - passed_;
  const auto base = static_cast<std::uint32_t>(passed_);
  const auto visits = std::min<std::uint64_t>(steps, buckets);
  for (std::uint64_t i = 1; i <= visits; ++i) {
    const auto list = static_cast<std::uint32_t>((passed_ + i) % buckets);
    for (auto node = nodes_[list].next; node != list;) {
      const auto next = nodes_[node].next;
      if (static_cast<std::uint32_t>(nodes_[node].due - base) <= steps) {
        unlink(node);
        link(node, due_list);
      }
      node = next;
    }
  }
  passed_ = reached;
}

void timing_wheel::link(std::uint32_t node, std::uint32_t list) {
  const auto last = nodes_[list].prev;
  nodes_[node].prev = last;
  nodes_[node].next = list;
  nodes_[last].next = node;
  nodes_[list].prev = node;
}

void timing_wheel::unlink(std::uint32_t node) {
  auto& n = nodes_[node];
  nodes_[n.prev].next = n.next;
  nodes_[n.next].prev = n.prev;
  n.prev = n.next = unlinked;
}

} // namespace holdfast
