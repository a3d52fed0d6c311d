#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdio>

namespace holdfast::simulation {

namespace {

using namespace std::chrono_literals;

/// Short enough that no tick of the simulation is a stall to a heartbeat.
constexpr duration stride = 120ms;

/// By so much what is judged may be younger than what the witness has measured: a gap between two
/// ticks, as what happens in it is known to the next tick only.
constexpr duration slack = 250ms;

constexpr int most_rounds = 5000;

} // namespace

world::system_config::system_config() {
  set("scheduler.policy", caf::atom("testing"));
}

world::world(const scenario& x)
  : wanted{x},
    listeners(x.settings.shards),
    clocks(x.settings.shards),
    system_{config_},
    coordinator_{static_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
    control_{system_, clock_},
    extensions_{system_, clock_} {
  std::vector<host_unit*> units;
  for (std::size_t i = 0; i < wanted.settings.shards; ++i) {
    units_.push_back(std::make_unique<test::stepped_unit>(system_, clock_));
    units.push_back(units_.back().get());
    clocks[i].last_tick = now();
  }
  node_extensions types;
  types.handlers["scripted"]
    = handler_type{[this](handler_context& around) -> std::unique_ptr<handler> {
        if (around.route().mode == handler_mode::shared)
          return std::make_unique<scripted_shared>(seen);
        return std::make_unique<scripted>(seen, around.self());
      }};
  node_ = std::make_unique<node>(wanted.settings, types, control_, extensions_, units, seen);
  context().on_drained = [this](const drain_ledger& l) {
    drained = true;
    ledger = l;
  };
  context().on_broken = [this](const std::string& why) { broken = why; };
  seen.sees_order = shards() == 1;
  seen.on_restart = [this](const std::string& name) { restarted(name); };
  for (std::size_t i = 0; i < shards(); ++i)
    at(i).set_listener(&listeners[i]);
  node_->start();
  settle();
}

world::~world() {
  for (auto* c : live)
    c->resets();
  run_later();
  node_->stop();
  settle();
}

void world::restarted(const std::string& name) {
  if (name.rfind("pool/", 0) == 0) {
    members_failed = true;
    seen.sees_order = false;
    disturbed = now();
    sweeps_then = context().sweeps;
  }
  if (name.rfind("heartbeat/", 0) == 0)
    for (auto* c : live)
      if (std::to_string(c->traits.shard) == name.substr(10)) {
        c->seen.watched = {};
        // The new one does not know of stalls before its time, or of what may have begun as one.
        c->seen.forgotten = c->seen.stalled + (now() - clocks[c->traits.shard].last_tick);
      }
}

void world::carry_out(const action& x) {
  ++seen.seen.verbs[static_cast<std::size_t>(x.what)];
  seen.trace.add(static_cast<std::uint64_t>(x.what));
  seen.trace.add(static_cast<std::uint64_t>(now().time_since_epoch().count()));
  switch (x.what) {
  case verb::read: read_all(x.a % shards()); break;
  case verb::step: step(x.a % unit_count()); break;
  case verb::settle: settle(); break;
  case verb::tick:
    advance(std::chrono::milliseconds{1 + x.a % 180});
    for (std::size_t i = 0; i < shards(); ++i)
      if (x.b % 3 != 0 || (x.b >> i & 1) != 0)
        tick(i);
    for (std::size_t i = 0; i < unit_count(); ++i)
      if ((x.b >> (4 + i) & 1) != 0)
        step((i + x.b / 1024) % unit_count());
    break;
  case verb::pass: pass(std::chrono::milliseconds{100 + x.a % 4000}); break;
  case verb::stall:
    advance(std::chrono::milliseconds{300 + x.a % 90000});
    drain_extra += std::chrono::milliseconds{300 + x.a % 90000};
    for (std::size_t i = 0; i < shards(); ++i)
      tick((i + x.b) % shards());
    break;
  case verb::kill:
  case verb::kill_peer:
  case verb::drain:
  case verb::cancel:
  case verb::force:
  case verb::attend:
  case verb::cleanup:
  case verb::kick:
  case verb::post:
  case verb::sweep_up:
  case verb::look: operate(x); break;
  default: client_acts(x); break;
  }
}

// ---- running

void world::run_later() {
  while (!ended_.empty()) {
    auto* c = ended_.front();
    ended_.erase(ended_.begin());
    leave(*c);
  }
}

/// Its socket has gone. Of who was not admitted there will be no receipt: its path is noted here.
void world::leave(client& c) {
  auto* actor = at(c.traits.shard).slots()[c.reply.slot].actor;
  if (c.seen.opened == 0 && actor) {
    auto state = actor->state();
    for (auto& entry : actor->view().history) {
      ++seen.seen.moved[static_cast<std::size_t>(entry.why)];
      ++seen.seen.moves[static_cast<std::size_t>(entry.from)][static_cast<std::size_t>(entry.to)];
    }
    if (state != connection_state::closed)
      ++seen.seen.moves[static_cast<std::size_t>(state)]
                       [static_cast<std::size_t>(connection_state::closed)];
  }
  live.erase(std::find(live.begin(), live.end(), &c));
  c.tell_end();
}

bool world::read_all(std::size_t shard) {
  bool worked = false;
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < live.size(); ++i) {
      auto* c = live[i];
      if (c->traits.shard != shard || !c->readable())
        continue;
      turn(shard, [c] { c->read_one(); });
      again = worked = true;
      if (i >= live.size() || live[i] != c)
        --i; // it has left
    }
  }
  return worked;
}

bool world::step(std::size_t unit) {
  auto& u = unit < units_.size() ? *units_[unit] : unit == units_.size() ? control_ : extensions_;
  bool worked = u.step();
  if (unit < units_.size())
    turn(unit, [] {});
  return worked;
}

void world::settle() {
  int rounds = 0;
  for (bool worked = true; worked;) {
    worked = false;
    for (std::size_t i = unit_count(); i-- > 0;)
      worked = step(i) || worked;
    for (std::size_t i = 0; i < shards(); ++i)
      worked = read_all(i) || worked;
    worked = coordinator_.run() > 0 || worked || !quiet();
    if (++rounds > most_rounds) {
      breach("the node comes to rest", "still busy after 5000 rounds");
      return;
    }
  }
}

bool world::quiet() const {
  return !control_.waiting() && !extensions_.waiting() && ended_.empty()
         && std::none_of(units_.begin(), units_.end(), [](auto& u) { return u->waiting(); })
         && std::none_of(live.begin(), live.end(), [](auto* c) { return c->readable(); });
}

// ---- time

void world::advance(duration by) {
  clock_.advance(by);
  coordinator_.advance_time(by);
}

void world::pass(duration by) {
  for (; by > duration::zero() && !ended() && !seen.failure; by -= stride) {
    advance(std::min(by, stride));
    for (std::size_t i = 0; i < shards(); ++i)
      tick(i);
    settle();
  }
}

/// A shard's loop has come round: sockets first, then deadlines, then the actors' pulse.
void world::tick(std::size_t shard) {
  auto gap = now() - clocks[shard].last_tick;
  clocks[shard].last_tick = now();
  auto beat = heartbeat_tick(wanted.settings.heartbeat);
  judge_judges(shard, gap > stall_guard::ticks_of_a_stall * beat ? beat : gap, gap);
  read_all(shard);
  for (std::size_t i = 0; i < live.size(); ++i)
    if (auto* c = live[i]; c->traits.shard == shard && c->deadline_passed(now()))
      c->on_deadline();
  run_later();
  let_pass(shard);
  turn(shard, [&] { at(shard).tick(now()); });
}

/// Time has passed for the shard's clients.
void world::judge_judges(std::size_t shard, duration gap, duration really) {
  auto idle_unit = !units_[shard]->waiting();
  for (auto* c : live) {
    if (c->traits.shard != shard)
      continue;
    auto& s = c->seen;
    if (idle_unit) // whatever was decided before has been carried out
      s.may_be_suspect = s.may_be_zombie = s.may_be_idle = s.may_be_paused_out = false;
    s.idle += gap;
    s.stalled += really - gap;
    s.watched += gap;
    (s.paused ? s.paused_for : s.silence) += gap;
    if (!s.paused)
      s.since_resume += gap;
  }
}

/// After what has come was read: whom a heartbeat could rightly judge now.
void world::let_pass(std::size_t shard) {
  auto& h = wanted.settings.heartbeat;
  for (auto* c : live) {
    if (c->traits.shard != shard)
      continue;
    auto& s = c->seen;
    auto misses = h.pong_timeout * h.max_missed_pongs;
    if (!s.paused) {
      s.may_be_suspect |= s.silence + slack >= h.pong_timeout;
      s.may_be_zombie |= s.silence + slack >= misses && s.since_resume + slack >= h.pong_timeout;
      s.may_be_zombie |= s.silence + slack >= h.zombie_detection_threshold;
      s.may_be_idle |= h.connection_timeout > duration::zero()
                       && s.idle + s.forgotten + slack >= h.connection_timeout;
    }
    s.may_be_paused_out |= s.paused && s.paused_for + s.forgotten + slack >= h.max_read_pause;
  }
}

void world::heard(client& who) {
  who.seen.silence = {};
}

} // namespace holdfast::simulation
