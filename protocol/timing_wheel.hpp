// Deadlines of connections: one each, many of them, most of them moved before they are due.
#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace holdfast {

/// A hashed timing wheel over slot indices: at most one deadline a slot, constant time to set,
/// move and cancel it, 12 bytes a slot, no allocation except when a slot index is seen that is
/// higher than all before. Not thread-safe.
class timing_wheel {
public:
  /// Deadlines are rounded up to whole multiples of `tick` (> 0) after `start`.
  timing_wheel(duration tick, time_point start);

  /// Makes room for slots 0 to `slots` - 1, so that they are scheduled without allocating.
  void reserve(std::size_t slots) { nodes_.reserve(first_slot + slots); }

  /// Sets the slot's deadline, in place of the one it had. A deadline that has passed already is
  /// due with the next tick. One more than 2^32 - 1 ticks away (248 days at 5 ms) comes due there.
  void schedule(slot_index slot, time_point due);

  /// Takes the slot's deadline away; nothing happens if it has none.
  void cancel(slot_index slot);

  bool scheduled(slot_index slot) const;

  /// Calls `on_due(slot)` once for each slot whose deadline has come by `now`, never before it and
  /// at most a tick after it, in no particular order. The slot has no deadline any more when it is
  /// called. `on_due` may schedule and cancel any slot, except that it must not call advance():
  /// whatever it schedules is due in a later tick, whatever it cancels is not called. Costs one
  /// revolution at the most, however far `now` has jumped; a `now` in the past does nothing.
  template <class F>
  void advance(time_point now, F&& on_due) {
    collect(now);
    while (nodes_[due_list].next != due_list) {
      const auto node = nodes_[due_list].next;
      unlink(node);
      on_due(static_cast<slot_index>(node - first_slot));
    }
  }

  duration tick() const { return tick_; }

  static constexpr std::size_t bytes_per_slot() { return sizeof(node); }

private:
  /// A link of a circular list. Lists begin and end in a node of their own, so that unlinking
  /// needs not know which list it is.
  struct node {
    std::uint32_t prev = unlinked;
    std::uint32_t next = unlinked;
    std::uint32_t due = 0; ///< tick, modulo 2^32; compared by its distance from `passed_` only
  };

  static constexpr std::uint32_t unlinked = std::numeric_limits<std::uint32_t>::max();
  /// At 50 ms a revolution is 51 s, longer than the usual ping interval: a deadline is then
  /// looked at once only, when it is due.
  static constexpr std::uint32_t buckets = 1024;
  static constexpr std::uint32_t due_list = buckets;
  static constexpr std::uint32_t first_slot = buckets + 1;

  void collect(time_point now);
  void link(std::uint32_t node, std::uint32_t list);
  void unlink(std::uint32_t node);

  duration tick_;
  time_point start_;
  std::uint64_t passed_ = 0; ///< the last tick that was collected
  std::vector<node> nodes_;
};

} // namespace holdfast
