#include "app/service_notifier.hpp"

#include "actors/hosting.hpp"
#include "actors/node_context.hpp"
#include "app/roll_call.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

namespace {

using notifier_actor = participant_actor::extend<caf::reacts_to<tick_atom>>; // something may be due

/// Who has not answered for so many rolls is asked again, for CAF forgets a question in time.
constexpr int rolls_to_wait = 10;

/// Permanent actors in the order of the roll: four of the node, then two of each shard.
enum single : std::size_t { pool_place, health_place, router_place, shutdown_place, single_count };

std::string name_of(std::size_t place) {
  static const char* const singles[single_count] = {"pool", "health", "router", "shutdown"};
  if (place < single_count)
    return singles[place];
  auto shard = std::to_string((place - single_count) / 2);
  return ((place - single_count) % 2 == 0 ? "pool/" : "heartbeat/") + shard;
}

struct notifier_state {
  static inline const char* name = "service";

  std::optional<roll_call> roll;
  std::string silent; // names that the log has named
  time_point next_status{};
  time_point next_roll = time_point::max();
  time_point armed = time_point::max();       // the next tick that is under way
  std::optional<time_point> longest_drain_to; // of the drain in progress
};

using self_ptr = notifier_actor::stateful_pointer<notifier_state>;

/// A plain object for the length of one handler.
class notifier_shell {
public:
  notifier_shell(self_ptr self, node_context* node, duration watch_period,
                 const service_notifier::send_function* send)
    : self_{self},
      node_{*node},
      watch_period_{watch_period},
      send_{*send} {}

  void begin() {
    if (watch_period_ > duration::zero()) {
      state().roll.emplace(single_count + 2 * node_.settings.shards);
      state().next_roll = now();
    }
    tick();
  }

  void enter(drain_phase phase) {
    if (phase == drain_phase::serving)
      state().longest_drain_to.reset();
    else if (!state().longest_drain_to)
      state().longest_drain_to
        = now() + longest_drain(node_.settings.shutdown) + service_notifier::drain_slack;
    say_status();
    arm();
  }

  void tick() {
    if (now() >= state().next_status)
      say_status();
    if (now() >= state().next_roll)
      call_the_roll();
    arm();
  }

private:
  notifier_state& state() { return self_->state; }
  time_point now() const { return node_.unit.time().now(); }

  void say_status() {
    auto view = view_of(node_);
    auto text = status_assignments(view);
    if (auto until = state().longest_drain_to)
      text += "\n" + extend_timeout(*until - now());
    send_(text);
    auto draining = view.drain.phase != drain_phase::serving;
    state().next_status
      = now()
        + (draining ? service_notifier::status_period_draining : service_notifier::status_period);
  }

  void call_the_roll() {
    report(state().roll->silent());
    for (auto place : state().roll->begin())
      ask(place);
    state().next_roll = now() + watch_period_;
  }

  /// Once for each change.
  void report(const std::vector<std::size_t>& silent) {
    std::string names;
    for (auto place : silent)
      names += (names.empty() ? "" : " ") + name_of(place);
    if (names == state().silent)
      return;
    if (names.empty())
      node_.log.write(log_level::info, "actors_answer", {{"actors", state().silent}});
    else
      node_.log.write(log_level::error, "actors_silent",
                      {{"actors", names}, {"waited_ms", to_ms(watch_period_)}});
    state().silent = std::move(names);
  }

  void ask(std::size_t place) {
    auto& peers = node_.peers;
    switch (place) {
    case pool_place: ask<pool_status>(place, peers.pool, get_pool{}); return;
    case health_place: ask<health_status>(place, peers.health, get_health{}); return;
    case router_place: ask<router_status>(place, peers.router, get_router{}); return;
    case shutdown_place: ask<drain_status>(place, peers.shutdown, get_drain{}); return;
    default: break;
    }
    auto shard = (place - single_count) / 2;
    if ((place - single_count) % 2 == 0)
      ask<shard_status>(place, peers.members[shard], get_shard{});
    else
      ask<heartbeat_status>(place, peers.heartbeats[shard], get_heartbeat{});
  }

  template <class Answer, class Handle, class Question>
  void ask(std::size_t place, const Handle& who, Question question) {
    auto& roll = *self_->state.roll;
    auto& send = send_;
    auto answered = [&roll, &send, place] {
      if (roll.answered(place))
        send("WATCHDOG=1");
    };
    self_->request(who, rolls_to_wait * watch_period_, question)
      .then([answered](const Answer&) { answered(); },
            [&roll, answered, place](const caf::error& why) {
              if (why == caf::sec::request_timeout)
                roll.given_up(place);
              else
                answered(); // it has died
            });
  }

  void arm() {
    auto next = std::min(state().next_status, state().next_roll);
    if (state().armed > now() && state().armed <= next)
      return;
    state().armed = next;
    node_.unit.send_at(next, self_, tick_atom::value);
  }

  self_ptr self_;
  node_context& node_;
  duration watch_period_;
  const service_notifier::send_function& send_;
};

notifier_actor::behavior_type notifier(self_ptr self, node_context* node, duration watch_period,
                                       const service_notifier::send_function* send) {
  auto shell = [=] { return notifier_shell{self, node, watch_period, send}; };
  shell().begin();
  return {
    [=](const phase_changed& x) { shell().enter(x.phase); },
    [=](tick_atom) { shell().tick(); },
  };
}

} // namespace

service_view view_of(const node_context& node) {
  return {node.drains.rules.status(node.unit.time().now()), node.settings.shutdown,
          node.total.taken(), node.total.limit()};
}

service_notifier::service_notifier(node_context& node, std::optional<duration> watchdog,
                                   send_function send)
  : node_{node},
    watchdog_{watchdog},
    send_{std::move(send)} {}

void service_notifier::start() {
  constexpr int times_in_a_period = 3;
  constexpr duration shortest = std::chrono::milliseconds{10}; // a roll is work for every shard
  constexpr duration longest = std::chrono::hours{1};          // to feed it too often harms nobody
  auto period
    = watchdog_ ? std::clamp(*watchdog_ / times_in_a_period, shortest, longest) : duration::zero();
  actor_ = spawn_on(node_.unit, probe_ptr{}, notifier, &node_, period, &send_);
  caf::anon_send(node_.peers.shutdown, participant_registration{actor_});
}

void service_notifier::reloading() {
  auto view = view_of(node_);
  auto now = std::chrono::duration_cast<std::chrono::microseconds>(
    node_.unit.time().now().time_since_epoch());
  if (actor_ && !is_stopping(view.drain))
    send_("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count())
          + "\nSTATUS=reading the configuration");
}

void service_notifier::reloaded() {
  if (actor_)
    send_(status_assignments(view_of(node_)));
}

void service_notifier::stop() {
  if (actor_)
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

} // namespace holdfast
