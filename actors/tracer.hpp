// What a shard tells those who watch its connections.
#pragma once

#include "actors/connection.hpp"
#include "actors/shard.hpp"
#include "protocol/trace.hpp"

#include <caf/all.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace holdfast {

/// Owned by the pool's member, and reached by whom something happens to through shard::traced while
/// anybody watches. Threads: its shard's.
class tracer {
public:
  explicit tracer(shard& home) : shard_{home} {}

  tracer(const tracer&) = delete;
  tracer& operator=(const tracer&) = delete;

  // ---- told by the pool's member

  /// Begins to tell `asker`, instead of what it asked for before.
  errc begin(const caf::strong_actor_ptr& asker, const start_trace& wanted);
  void stop(const caf::actor_addr& asker);
  void taken(const caf::actor_addr& asker, std::uint64_t events);

  /// Forgets everyone. Who watches hears of it by monitoring the pool's member. To be called when
  /// that ends, not when it is destroyed: an actor that someone still holds may outlive its shard.
  void end();

  /// Sends what has happened, and ends what is over: at the end of a turn.
  void flush();

  // ---- told by the shard and what lives on it

  struct refused_client {
    refusal why;
    std::string_view detail;
    std::string_view user;
    std::string_view address;
    std::string_view route;
  };

  /// Of who has no connection.
  void refused(const refused_client& x);

  /// `fill` completes the event; it is called only for a connection that is watched.
  template <class F>
  void note(const connection& c, trace_kind what, F&& fill) {
    auto facts = c.facts();
    trace_event made;
    bool filled = false;
    for (auto& each : traces_) {
      if (!each.which.matches(facts) || !each.log.has_room())
        continue;
      if (!filled) {
        made = begin_event(facts, what);
        fill(made);
        filled = true;
      }
      each.log.add(made);
    }
  }

private:
  struct trace {
    caf::strong_actor_ptr asker;
    selector which;
    trace_log log;
  };

  trace* find(const caf::actor_addr& asker);
  void rest_if_idle();
  trace_event begin_event(const connection_facts& facts, trace_kind what) const;

  shard& shard_;
  std::vector<trace> traces_;
};

/// Tells who watches what has happened to a connection. Costs a look at a pointer when nobody does.
template <class F>
void note(const connection& c, shard& home, trace_kind what, F&& fill) {
  if (home.traced)
    home.traced->note(c, what, fill);
}

} // namespace holdfast
