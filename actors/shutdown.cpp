#include "actors/shutdown.hpp"

#include "actors/node_context.hpp"
#include "actors/vitals.hpp"

#include <memory>

namespace holdfast {

namespace {

using self_ptr = shutdown_actor::stateful_pointer<shutdown_state>;

/// How often a running drain looks at how many are left.
constexpr duration pace = std::chrono::milliseconds{20};

/// Carries out the commands of one event. A plain object for the length of one handler.
class drain_shell {
public:
  drain_shell(self_ptr self, node_context& node) : self_{self}, node_{node} {}

  void carry_out(const drain_commands& commands) {
    for (auto& command : commands)
      std::visit([this](const auto& x) { carry_out(x); }, command);
    arm();
  }

  /// What the predecessor of a restarted member may not have heard; hearing it twice changes
  /// nothing. Its planned closes stand in its shard, and outlive it.
  void tell_again(shard_index shard) {
    auto& member = node_.peers.members[shard];
    auto phase = book().rules.phase();
    auto number = book().rules.status(node_.unit.time().now()).drain;
    if (number == 0)
      return;
    self_->send(member, phase_changed{phase});
    if (phase < drain_phase::stop_accepting)
      self_->send(member, resume_serving{}); // of a drain before this one, perhaps
    else
      self_->send(member, stop_accepting{number});
    if (phase == drain_phase::draining && book().leaving)
      self_->send(member, *book().leaving);
    if (phase != drain_phase::force_close)
      return;
    self_->send(member, force_close_all{});
    if (node_.unit.time().now() - book().t >= book().rules.config().force_close_timeout)
      self_->send(member, abort_all{});
  }

  /// After a restart: what its predecessor heard of restarted members went with it.
  void tell_all_again() {
    for (std::size_t shard = 0; shard < node_.peers.members.size(); ++shard)
      tell_again(static_cast<shard_index>(shard));
  }

  /// Whether everyone who was ever admitted has a receipt by now.
  void look_for_receipts() {
    if (!book().receipts_awaited || node_.receipts.added() < node_.admitted)
      return;
    book().receipts_awaited = false;
    self_->send(self_, cleaned_atom::value);
  }

  /// From t to the end of the drain it grows.
  drain_ledger ledger_so_far() {
    auto phase = book().rules.phase();
    auto grows = phase >= drain_phase::stop_accepting && phase < drain_phase::finished;
    return grows ? count_ledger() : book().ledger;
  }

  void arm() {
    if (!book().rules.next_deadline())
      return;
    auto now = node_.unit.time().now();
    auto next = std::min(*book().rules.next_deadline(), now + pace);
    // One tick at a time, however many events come between.
    if (book().armed > now && book().armed <= next)
      return;
    book().armed = next;
    node_.unit.send_at(next, self_, tick_atom::value);
  }

private:
  drain_book& book() { return node_.drains; }

  /// Where everyone has gone who was there at t, or came since.
  drain_ledger count_ledger() {
    auto ledger = book().ledger;
    auto since = [this](cause why) {
      auto i = static_cast<std::size_t>(why);
      return node_.receipts.by_cause()[i] - book().closed_before[i];
    };
    ledger.connections = node_.admitted.load() - book().receipts_before;
    ledger.left = since(cause::peer_closed) + since(cause::peer_vanished);
    ledger.closed_in_slot = since(cause::drained);
    ledger.forced = since(cause::forced);
    ledger.aborted = since(cause::aborted) + since(cause::close_timeout);
    auto receipts = node_.receipts.added() - book().receipts_before;
    ledger.otherwise
      = receipts - ledger.left - ledger.closed_in_slot - ledger.forced - ledger.aborted;
    return ledger;
  }

  template <class Message>
  void to_shards(const Message& message) {
    for (auto& member : node_.peers.members)
      self_->send(member, message);
  }

  void carry_out(const enter_phase& x) {
    node_.log.write(
      log_level::info, "phase",
      {{"phase", to_string(x.phase)},
       {"open", static_cast<std::int64_t>(node_.total.taken())},
       {"drain", static_cast<std::int64_t>(book().rules.status(node_.unit.time().now()).drain)}});
    if (x.phase == drain_phase::unready)
      book().ledger = {};
    phase_changed changed{x.phase};
    to_shards(changed);
    for (auto& participant : book().participants)
      self_->send(participant.who, changed);
  }

  void carry_out(const stop_accepting& x) {
    book().t = node_.unit.time().now();
    book().ledger = {};
    book().ledger.drain = x.drain;
    book().leaving.reset();
    book().closed_before = node_.receipts.by_cause();
    book().receipts_before = node_.receipts.added();
    to_shards(x);
  }

  void carry_out(const begin_leaving& x) {
    book().ledger.planned = x.plan.planned_end;
    book().leaving = x;
    node_.log.write(log_level::info, "plan",
                    {{"leased", static_cast<std::int64_t>(x.plan.leased)},
                     {"plain", static_cast<std::int64_t>(x.plan.plain)},
                     {"planned_ms", to_ms(x.plan.planned_end)},
                     {"rate", static_cast<std::int64_t>(x.plan.effective_rate)},
                     {"fits", x.plan.fits ? "yes" : "no"},
                     {"overflow", static_cast<std::int64_t>(x.plan.overflow)}});
    to_shards(x);
  }

  void carry_out(const stop_heartbeats& x) {
    for (auto& heartbeat : node_.peers.heartbeats)
      self_->send(heartbeat, x);
  }

  void carry_out(const force_close_all& x) { to_shards(x); }
  void carry_out(const abort_all& x) { to_shards(x); }

  void carry_out(const resume_serving& x) {
    if (book().ledger.drain != 0)
      book().ledger = count_ledger(); // of the drain that ends here
    to_shards(x);
    for (auto& heartbeat : node_.peers.heartbeats)
      self_->send(heartbeat, x);
  }

  void carry_out(const run_cleanup&) {
    auto& b = book();
    // Everyone has left: every receipt is in the ring, for a place is given back after it was sent.
    b.ledger.actual = node_.unit.time().now() - b.t;
    look_at_vitals(node_); // the node may be gone before health looks again
    b.cleanups_running = b.cleanups.size() + 1;
    for (auto& cleanup : b.cleanups)
      run(cleanup);
    hear_last_receipts();
  }

  /// Receipts were sent before the places of their connections were given back: when health answers
  /// a question that was sent after that, it has them all, unless it has died meanwhile; then its
  /// successor gets them soon.
  void hear_last_receipts() {
    book().receipts_awaited = true;
    auto look = [self = self_, node = &node_] { drain_shell{self, *node}.look_for_receipts(); };
    self_->request(node_.peers.health, std::chrono::seconds{1}, get_health{})
      .then([look](const health_status&) { look(); }, [look](const caf::error&) { look(); });
  }

  void run(const cleanup_registration& cleanup) {
    auto* node = &node_;
    auto self = self_;
    ++book().ledger.cleanups;
    ++node_.vitals.cleanups;
    self_->request(cleanup.who, book().rules.config().cleanup_timeout, cleanup_wanted{cleanup.name})
      .then([self](cleaned_atom) { self->send(self, cleaned_atom::value); },
            [self, node, name = cleanup.name](const caf::error& e) {
              ++node->drains.ledger.cleanups_failed;
              node->drains.failed_cleanups.push_back(name);
              ++node->vitals.cleanups_failed;
              node->log.write(log_level::error, "cleanup_failed",
                              {{"name", name}, {"error", self->system().render(e)}});
              look_at_vitals(*node);
              self->send(self, cleaned_atom::value);
            });
  }

  void carry_out(const finish&) {
    book().ledger = count_ledger();
    if (node_.on_drained)
      node_.on_drained(book().ledger);
  }

  self_ptr self_;
  node_context& node_;
};

drain_request request_of(const node_context& node, const start_drain& x) {
  drain_request request;
  request.reason = x.reason;
  request.config = with_wishes(node.settings.shutdown, x.wishes);
  request.shards = node.settings.shards;
  request.seed = node.settings.life.value;
  return request;
}

drain_forecast forecast(const node_context& node, const drain_population& population,
                        const drain_wishes& wishes) {
  drain_plan_input input;
  input.config = with_wishes(node.settings.shutdown, wishes);
  input.close_timeout = node.settings.close_timeout;
  input.population = population;
  input.population.callbacks = node.drains.cleanups.size();
  input.seed = node.settings.life.value;
  auto result = forecast_drain(input);
  for (auto& cleanup : node.drains.cleanups)
    result.callbacks.push_back(cleanup.name);
  return result;
}

/// Counts on every shard, then plans; a shard that does not answer is left out.
caf::result<drain_forecast> plan(self_ptr self, node_context* node, const drain_wishes& wishes) {
  auto promise = self->make_response_promise<drain_forecast>();
  struct tally {
    std::size_t waiting;
    drain_population sum;
  };
  auto gathered = std::make_shared<tally>(tally{node->peers.members.size(), {}});
  auto one_less = [promise, gathered, node, wishes](const drain_population& x) mutable {
    gathered->sum += x;
    if (--gathered->waiting == 0)
      promise.deliver(forecast(*node, gathered->sum, wishes));
  };
  for (auto& member : node->peers.members)
    self->request(member, std::chrono::seconds{1}, count_population{})
      .then(one_less, [one_less](const caf::error&) mutable { one_less({}); });
  return promise;
}

errc refusal_to_cancel(drain_phase phase) {
  return phase == drain_phase::serving ? errc::no_drain : errc::too_late;
}

} // namespace

shutdown_actor::behavior_type shutdown(self_ptr self, node_context* node) {
  auto* rules = &node->drains.rules;
  auto now = [node] { return node->unit.time().now(); };
  auto open = [node] { return node->total.taken(); };
  auto shell = [self, node] { return drain_shell{self, *node}; };
  node->drains.armed = time_point::max(); // a predecessor's tick went with it
  shell().arm();
  shell().tell_all_again();
  return {
    [=](start_drain x) { shell().carry_out(rules->start(now(), request_of(*node, x))); },
    [=](force_drain) { shell().carry_out(rules->force(now(), open())); },
    [=](cancel_drain) {
      auto phase = rules->phase();
      auto commands = rules->cancel(now());
      shell().carry_out(commands);
      return commands.empty() ? refusal_to_cancel(phase) : errc::none;
    },
    [=](get_drain) { return rules->status(now()); },
    [=](plan_a_drain x) { return plan(self, node, x.wishes); },
    [=](get_ledger) { return shell().ledger_so_far(); },
    [=](participant_registration& x) { node->drains.participants.push_back(std::move(x)); },
    [=](cleanup_registration& x) { node->drains.cleanups.push_back(std::move(x)); },
    [=](const accepting_stopped& x) {
      shell().carry_out(rules->stopped_accepting(now(), x, open()));
    },
    [=](cleaned_atom) {
      auto& running = node->drains.cleanups_running;
      if (running > 0)
        --running;
      if (running == 0)
        shell().carry_out(rules->cleanup_done(now()));
    },
    [=](member_restarted x) { shell().tell_again(x.shard); },
    [=](tick_atom) {
      shell().look_for_receipts();
      shell().carry_out(rules->tick(now(), open()));
    },
  };
}

} // namespace holdfast
