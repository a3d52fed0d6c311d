// A whole node in one thread, with its clients, its machine and its operators: carries out one
// action at a time.
#pragma once

#include "actors/node.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/witness.hpp"
#include "tests/support/stepped_unit.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace holdfast::simulation {

/// A stop of the shards' loops is no time on this clock, as the heartbeat has it.
struct shard_clock {
  time_point last_tick{};
  std::uint64_t knocks = 0; ///< sockets whose handshake has not begun
};

class sim_listener final : public transport_listener {
public:
  void stop_accepting() override { accepting = false; }
  std::string resume_accepting() override {
    accepting = true;
    return {};
  }

  bool accepting = true;
};

class world final : public surroundings {
public:
  explicit world(const scenario& wanted);
  ~world();

  world(const world&) = delete;
  world& operator=(const world&) = delete;

  void carry_out(const action& x);

  /// Runs everything until nothing is left to do.
  void settle();
  void pass(duration by);

  bool quiet() const; ///< nothing is left to do
  bool ended() const { return drained || !broken.empty(); }

  /// Asks an actor and runs until it has answered; nothing when it does not.
  template <class Answer, class Handle, class Question>
  std::optional<Answer> ask(const Handle& who, Question question);

  // ---- surroundings
  time_point now() const override { return clock_.now(); }
  transport_events& events(std::size_t shard) override { return node_->shard_at(shard); }
  trace_hash& trace() override { return seen.trace; }
  void ended_later(client& who) override { ended_.push_back(&who); }
  void heard(client& who) override;
  void active(client& who) override { who.seen.idle = {}; }
  void told_of_presence(const std::string& what) override {
    ++seen.seen.handlers["presence " + what];
  }
  void breach(std::string_view rule, const std::string& what) override {
    seen.breached(rule, what);
  }

  shard& at(std::size_t index) { return node_->shard_at(index); }
  node_context& context() { return node_->context(); }
  services& peers() { return node_->context().peers; }
  std::size_t shards() const { return units_.size(); }

  scenario wanted;
  witness seen;
  std::vector<std::unique_ptr<client>> clients;
  std::vector<client*> live; ///< accepted, and not over
  std::vector<sim_listener> listeners;
  std::vector<shard_clock> clocks;
  bool drained = false;
  drain_ledger ledger;
  std::string broken;

  // What the invariants about drains and restarts go by.
  std::optional<time_point> drain_began;
  duration drain_extra{};        ///< time that stalled since
  bool hasty = false;            ///< force was asked for before every shard had stopped accepting
  time_point disturbed{};        ///< the last failure of a pool's member
  std::uint64_t sweeps_then = 0; ///< at that time
  bool members_failed = false;

private:
  struct system_config : caf::actor_system_config {
    system_config();
  };

  // clients (world_clients.cpp)
  std::string credentials_of(std::uint32_t number, client_traits& of);
  void connect(std::size_t shard, std::uint32_t a, std::uint32_t b, bool knocked);
  void client_acts(const action& x);
  void say(client& c, const action& x);
  void control(client& c, const action& x);
  void enter(client& c, std::unique_ptr<client> owner);
  void leave(client& c);

  // the machine
  template <class F>
  void turn(std::size_t shard, F&& f) {
    f();
    run_later();
    at(shard).turn_ended();
    run_later();
  }
  void run_later();
  bool read_all(std::size_t shard);
  void tick(std::size_t shard);
  void let_pass(std::size_t shard);
  void judge_judges(std::size_t shard, duration gap, duration really);
  void advance(duration by);
  bool step(std::size_t unit);
  std::size_t unit_count() const { return units_.size() + 2; }

  // failures and operators (world_operators.cpp)
  void operate(const action& x);
  void kill(const action& x);
  void look();
  void restarted(const std::string& name);
  void add_cleanup(std::uint32_t how);

  test::manual_clock clock_;
  system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& coordinator_;
  test::stepped_unit control_;
  test::stepped_unit extensions_; // of shared handlers
  std::vector<std::unique_ptr<test::stepped_unit>> units_;
  std::unique_ptr<node> node_;
  std::vector<client*> ended_;
};

template <class Answer, class Handle, class Question>
std::optional<Answer> world::ask(const Handle& who, Question question) {
  if (!who)
    return std::nullopt;
  auto answer = std::make_shared<std::optional<Answer>>();
  spawn_on(control_, probe_ptr{}, [&](caf::event_based_actor* self) {
    self->request(who, caf::infinite, std::move(question))
      .then([answer](Answer& x) { *answer = std::move(x); }, [](const caf::error&) {});
  });
  settle();
  return std::move(*answer);
}

} // namespace holdfast::simulation
