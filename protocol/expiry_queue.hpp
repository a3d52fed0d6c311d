// When the connections of a shard end because what their users have shown expires.
#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace holdfast {

/// Deadlines of slots: a binary heap whose entries are known by their slot, so that one that is no
/// longer wanted is taken out at once. Connections that come and go leave nothing behind.
///
/// 16 bytes a deadline, and 4 for each slot up to the highest that ever had one. set() and clear()
/// take O(log n), next() one comparison. Deadlines are on the monotonic clock: to step the wall
/// clock moves none of them.
class expiry_queue {
public:
  /// From now on this slot's deadline, instead of what it had.
  void set(slot_index slot, time_point at);

  /// It has none any more. Nothing happens to a slot without one.
  void clear(slot_index slot);

  /// Takes out the earliest deadline that has come: `at <= now`. Nothing when there is none.
  std::optional<slot_index> next(time_point now);

  /// Slots that have a deadline.
  std::size_t size() const { return heap_.size(); }

private:
  struct entry {
    time_point at;
    slot_index slot;
  };

  static constexpr std::uint32_t nowhere = 0xffffffff;

  void place(std::size_t at, const entry& x);
  void rise(std::size_t at);
  void sink(std::size_t at);

  std::vector<entry> heap_;              // the earliest first
  std::vector<std::uint32_t> positions_; // in the heap, by slot
};

} // namespace holdfast
