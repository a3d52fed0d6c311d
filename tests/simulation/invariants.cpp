#include "tests/simulation/invariants.hpp"

#include "actors/connection.hpp"
#include "tests/simulation/check.hpp"

namespace holdfast::simulation {

namespace {

using namespace std::chrono_literals;

/// A verdict may be on its way for 5 s, and is looked at every second.
constexpr duration longest_verdict = 6s + 500ms;

} // namespace

// ---- after every step

void check::counters() {
  std::size_t used = 0;
  for (std::size_t i = 0; i < w.shards(); ++i) {
    auto& home = w.at(i);
    std::array<std::uint64_t, state_count> in_state{};
    home.slots().for_each(
      [&](slot_index, slot& s) { ++in_state[static_cast<std::size_t>(s.actor->state())]; });
    expect(in_state == home.counters().in_state, "every counter equals the live set",
           "states of shard " + number(i));
    std::uint64_t closed = 0;
    for (auto& each : home.counters().closed.entries())
      closed += each.count;
    equal(closed, home.counters().ended, "every counter equals the live set",
          "ends by cause and code of shard " + number(i));
    equal<std::uint64_t>(home.front().half_open(), w.clocks[i].knocks,
                         "every counter equals the live set",
                         "half-open handshakes of shard " + number(i));
    used += home.slots().used();
  }
  equal(w.context().total.taken(), used, "every counter equals the live set", "the node's total");
  equal<std::uint64_t>(w.context().admitted, w.seen.admitted, "every counter equals the live set",
                       "admitted ever");
}

void check::slots() {
  for (auto* c : w.live) {
    auto* place = w.at(c->traits.shard).slots().find(c->reply.slot, c->seen.id);
    expect(place && place->socket == c, "a connection keeps its slot until its end", c->seen.name);
  }
}

void check::limits() {
  auto& s = w.wanted.settings;
  expect(w.context().total.taken() <= s.max_total_connections,
         "the node's total is never above its limit", number(w.context().total.taken()));
  for (auto* c : w.live)
    expect(w.clocks[c->traits.shard].last_tick < c->traits.expires || c->seen.opened != 1
             || c->seen.closings == 1 || c->over(),
           "nobody stays when what he has shown has expired", c->seen.name);
  auto limit = s.admission.max_connections_per_user;
  // An eviction may be on its way, or lost with the one who was to carry it out.
  if (limit == 0
      || (s.admission.on_user_limit == user_limit_policy::evict_oldest
          && (w.shards() > 1 || w.members_failed)))
    return;
  for (auto& [user, count] : by_user(s.admission.on_user_limit == user_limit_policy::reject_newest))
    expect(count <= limit, "a user is never above his limit", user + " has " + number(count));
}

void check::drain_times() {
  if (rules.phase() == drain_phase::serving || w.drained) {
    w.drain_began.reset();
    return;
  }
  if (!w.drain_began) {
    w.drain_began = w.now();
    w.drain_extra = {};
  }
  auto& d = w.wanted.settings.shutdown;
  auto since = w.now() - *w.drain_began - w.drain_extra;
  if (w.quiet() && w.broken.empty() && !gave_up("shutdown"))
    expect(since <= longest_drain(d) + 1500ms, "every drain ends by its deadline",
           number(static_cast<std::uint64_t>(to_ms(since))) + " ms, in "
             + std::string{to_string(rules.phase())});
  if (w.seen.plan_fits && w.seen.planned_ms > 0)
    expect(std::chrono::milliseconds{w.seen.planned_ms}
             <= drain_deadline(d) - d.message_flush_timeout - w.wanted.settings.close_timeout,
           "the last slot leaves time to flush and close", number(w.seen.planned_ms) + " ms");
}

std::map<std::string, std::size_t> check::by_user(bool with_leaving) const {
  std::map<std::string, std::size_t> result;
  for (auto* c : w.live)
    if (c->seen.opened == 1 && !c->traits.user.empty() && (with_leaving || c->seen.closings == 0)
        && c->seen.closed == 0)
      ++result[c->traits.user];
  return result;
}

// ---- at rest

void check::capacity() {
  if (!given_up())
    equal(w.context().total.taken(), w.live.size(), "no place leaks", "the node's total");
  if (w.members_failed)
    return;
  std::uint64_t mended = 0;
  for (std::size_t i = 0; i < w.shards(); ++i)
    mended += w.at(i).counters().mended;
  expect(mended == 0, "the sweep finds nothing to mend", number(mended));
}

void check::receipts() {
  for (auto& c : w.clients)
    if (c->seen.opened == 1 && c->over())
      equal<std::uint64_t>(c->seen.closed, 1, "an admitted connection ends exactly once",
                           c->seen.name + ", receipts");
  if (!gave_up("health") && !gave_up("pool/"))
    equal(w.context().receipts.added(), w.seen.receipts, "each receipt is kept exactly once",
          "receipts in the ring");
}

void check::verdicts() {
  if (given_up())
    return;
  for (auto* c : w.live)
    if (auto* place = w.at(c->traits.shard).slots().find(c->reply.slot, c->seen.id);
        place && place->actor->waits_for_verdict())
      expect(w.now() - c->seen.connected <= longest_verdict
               || w.clocks[c->traits.shard].last_tick != w.now(),
             "nobody waits for a verdict for ever", c->seen.name);
}

/// Who is dead is found: the other half of "nobody is judged wrongly" (witness.cpp).
void check::heartbeats() {
  if (given_up() || rules.phase() >= drain_phase::stop_heartbeats)
    return;
  auto& h = w.wanted.settings.heartbeat;
  auto late
    = 500ms + std::max({h.ping_interval, h.zombie_detection_threshold, h.connection_timeout}) / 16;
  auto dead
    = std::min(h.zombie_detection_threshold, h.ping_interval + h.pong_timeout * h.max_missed_pongs);
  for (auto* c : w.live) {
    auto& s = c->seen;
    if (s.opened == 0 || s.closings > 0 || s.closed > 0
        || w.clocks[c->traits.shard].last_tick != w.now())
      continue;
    auto state = w.at(c->traits.shard).slots()[c->reply.slot].actor->state();
    if (state == connection_state::zombie)
      continue;
    auto watched = std::min(s.watched, s.since_resume);
    if (s.paused) {
      expect(s.paused_for <= h.max_read_pause + late, "a pause ends by max_read_pause", s.name);
      continue;
    }
    expect(std::min(s.silence, watched) <= dead + late, "who is silent is found out",
           s.name + " for " + number(static_cast<std::uint64_t>(to_ms(s.silence))) + " ms");
    if (h.connection_timeout > duration::zero())
      expect(std::min(s.idle, watched) <= h.connection_timeout + late, "who is idle is found out",
             s.name + " for " + number(static_cast<std::uint64_t>(to_ms(s.idle))) + " ms");
  }
}

void check::reading() {
  for (auto* c : w.live)
    if (c->is_open() && c->seen.opened == 1 && c->seen.closed == 0) {
      expect(c->reads() != c->seen.paused, "who is not paused is read from", c->seen.name);
      expect(w.at(c->traits.shard).slots().reading_paused(c->reply.slot) == c->seen.paused,
             "the slot table knows who is paused", c->seen.name);
    }
}

void check::phases() {
  auto phase = rules.phase();
  if (given_up() || !w.broken.empty())
    return;
  for (std::size_t i = 0; i < w.shards(); ++i) {
    auto& home = w.at(i);
    auto of = "shard " + number(i) + " in " + std::string{to_string(phase)};
    equal(home.ready(), phase == drain_phase::serving, "readiness follows the phase", of);
    bool accepts = phase < drain_phase::stop_accepting;
    equal(home.front().accepting(), accepts, "a drain stops accepting, a cancel accepts again", of);
    equal(w.listeners[i].accepting, accepts, "a drain stops accepting, a cancel accepts again",
          of + ", listener");
    if (phase == drain_phase::serving)
      expect(home.leaving.empty(), "a cancelled drain closes nobody", of);
  }
  for (auto* c : w.live) {
    c->pings_no_more = phase >= drain_phase::stop_heartbeats;
    if (phase == drain_phase::force_close
        && w.now() - w.context().drains.t > w.wanted.settings.shutdown.force_close_timeout + 250ms)
      expect(false, "whoever is left at force_close_timeout is aborted", c->seen.name);
    if (phase == drain_phase::force_close)
      expect(!c->is_open(), "force closes everyone at once", c->seen.name);
    if (phase == drain_phase::serving)
      expect(!c->seen.told_to_leave || !c->is_open() || c->clogged(),
             "leases of a cancelled drain are void", c->seen.name);
  }
  auto limit = w.wanted.settings.admission.max_connections_per_user;
  if (limit != 0 && counted_since())
    for (auto& [user, count] : by_user(false))
      expect(count <= limit, "a user is never above his limit", user + " has " + number(count));
}

void check_step(world& w) {
  check x{w};
  x.counters();
  x.slots();
  x.limits();
  x.drain_times();
}

void check_rest(world& w) {
  check x{w};
  x.capacity();
  x.receipts();
  x.verdicts();
  x.heartbeats();
  x.phases();
}

} // namespace holdfast::simulation
