#include "actors/heartbeat.hpp"

#include "actors/shard.hpp"
#include "actors/tracer.hpp"

namespace holdfast {

namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;

cause cause_of(zombie_cause why) {
  switch (why) {
  case zombie_cause::by_count: return cause::zombie_count;
  case zombie_cause::by_silence: return cause::zombie_silent;
  }
  return cause::none;
}

} // namespace

heartbeat_host::heartbeat_host(caf::actor_config& cfg, shard* home, probe_ptr probe)
  : hosted{cfg},
    shard_{home},
    rules_{home->settings().heartbeat, home->slots(), home->settings().life.value + home->index(),
           home->now()} {
  set_probe(probe);
  keep_failures(probe);
}

heartbeat_actor::behavior_type heartbeat_host::make_behavior() {
  shard_->pulse = this;
  enrol_everyone();
  return {
    [this](stop_heartbeats) { pinging_ = false; },
    [this](resume_serving) {
      if (!pinging_)
        enrol_everyone();
      pinging_ = true;
    },
    [this](get_heartbeat) {
      heartbeat_status status;
      status.shard = shard_->index();
      status.watched = shard_->connections();
      status.pinging = pinging_ && shard_->pings();
      return status;
    },
  };
}

void heartbeat_host::on_exit() {
  if (shard_->pulse == this)
    shard_->pulse = nullptr;
}

void heartbeat_host::enrol_everyone() {
  auto now = shard_->now();
  shard_->slots().for_each([&](slot_index index, slot& s) {
    if (s.actor->admitted() && s.socket && !s.actor->ended())
      rules_.enrol(index, now);
  });
}

void heartbeat_host::beat(time_point now) {
  // The shard's word as well: this one may not have been there when heartbeats were stopped.
  if (!pinging_ || !shard_->pings())
    return;
  rules_.advance(now, due_);
  for (auto& command : due_)
    carry_out(command);
  due_.clear();
  count();
}

/// Adds what has come, because the shard goes on counting when a new heartbeat begins at zero.
void heartbeat_host::count() {
  auto& now = rules_.counters();
  auto& counters = shard_->counters();
  counters.pings += now.pings_sent - counted_.pings_sent;
  counters.pongs += now.pongs - counted_.pongs;
  counters.missed += now.missed - counted_.missed;
  counters.suspects += now.suspects - counted_.suspects;
  counters.zombies += now.zombies_by_count - counted_.zombies_by_count;
  counters.zombies += now.zombies_by_silence - counted_.zombies_by_silence;
  counted_ = now;
}

template <class Message>
void heartbeat_host::tell(slot_index slot, Message message) {
  if (auto& keeper = shard_->slots()[slot].keeper)
    keeper->enqueue(nullptr, caf::make_message_id(), caf::make_message(std::move(message)),
                    &unit());
}

void heartbeat_host::carry_out(const heartbeat_command& command) {
  std::visit(
    overloaded{
      // At once: a message to each of ten thousand idle actors would cost more than the ping.
      [this](const send_ping& x) {
        auto& place = shard_->slots()[x.slot];
        if (!place.socket)
          return;
        place.socket->ping(x.ping_id);
        note(*place.actor, *shard_, trace_kind::ping_sent, [](trace_event&) {});
      },
      [this](const mark_suspect& x) {
        tell(x.slot, suspected{x.misses, x.silence});
      },
      [this](const mark_zombie& x) {
        tell(x.slot, declared_zombie{cause_of(x.cause), x.misses, x.silence});
      },
      [this](const close_idle& x) {
        tell(x.slot, close_connection{close_code::idle, cause::idle, {}});
      },
      [this](const close_paused& x) {
        tell(x.slot, close_connection{close_code::policy_violation, cause::paused_too_long, {}});
      },
    },
    command);
}

void heartbeat_host::pong(slot_index slot, std::uint64_t id, time_point now) {
  auto rtt = rules_.pong(slot, id, now);
  if (rtt)
    shard_->counters().rtt.add(*rtt);
  if (auto* c = shard_->slots()[slot].actor)
    note(*c, *shard_, trace_kind::pong, [&](trace_event& x) { x.rtt = rtt.value_or(duration{}); });
}

} // namespace holdfast
