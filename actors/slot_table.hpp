// A shard's connections: the one truth about who is connected. It owns them; actors hold ids.
#pragma once

#include "protocol/heartbeat.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"
#include "protocol/transport.hpp"

#include <caf/all.hpp>

#include <vector>

namespace holdfast {

class connection;

/// One connection, from the upgrade until both its actor and its socket are gone.
struct slot {
  caf::strong_actor_ptr keeper;           ///< keeps the actor alive
  connection* actor = nullptr;            ///< the same; null: the slot is free
  transport_connection* socket = nullptr; ///< null once the transport has ended it
  time_point last_heard{};                ///< any frame
  time_point last_activity{};             ///< an application message, either way
  time_point paused_since = not_paused;
  bool doubted = false; ///< a suspect or a zombie: its actor wants to know of every frame

  static constexpr time_point not_paused = time_point::max();
};

/// Threads: its shard's.
class slot_table final : public liveness {
public:
  /// A free slot, marked as heard and active at `now`.
  slot_index take(time_point now);

  /// Frees the slot. Its actor, which may be running, is kept until let_go().
  void release(slot_index index);

  void let_go() { released_.clear(); }

  slot& operator[](slot_index index) { return slots_[index]; }
  const slot& operator[](slot_index index) const { return slots_[index]; }

  /// The slot of a live connection, if `index` still is this connection's.
  slot* find(slot_index index, connection_id id);

  /// The same without knowing where; linear.
  slot* find(connection_id id);

  /// Slots, in use or free.
  slot_index size() const { return static_cast<slot_index>(slots_.size()); }

  std::size_t used() const { return slots_.size() - free_.size(); }

  /// Calls `f(index, slot)` for every slot in use. `f` may release the slot it is given.
  template <class F>
  void for_each(F&& f) {
    for (slot_index i = 0; i < slots_.size(); ++i)
      if (slots_[i].actor)
        f(i, slots_[i]);
  }

  time_point last_heard(slot_index i) const override { return slots_[i].last_heard; }
  time_point last_activity(slot_index i) const override { return slots_[i].last_activity; }
  bool reading_paused(slot_index i) const override {
    return slots_[i].paused_since != slot::not_paused;
  }
  time_point paused_since(slot_index i) const override { return slots_[i].paused_since; }

private:
  std::vector<slot> slots_;
  std::vector<slot_index> free_;
  std::vector<caf::strong_actor_ptr> released_;
};

} // namespace holdfast
