#include "actors/handlers/own_actor.hpp"

#include "actors/shard.hpp"

#include <stdexcept>

namespace holdfast {

namespace {

/// Calls the handler in its actor, and ends that with itself.
class bridge final : public handler {
public:
  explicit bridge(caf::strong_actor_ptr keeper)
    : keeper_{std::move(keeper)},
      actor_{static_cast<own_actor*>(keeper_->get())} {}

  ~bridge() override { actor_->end(); }

  void opened(session& s) override {
    actor_->tell([&](handler& app) { app.opened(s); });
  }

  void inbound(session& from, const inbound_message& message) override {
    actor_->tell([&](handler& app) { app.inbound(from, message); });
  }

  command_outcome subscribe(session& s, std::string_view topic, bool presence) override {
    return ask([&](handler& app) { return app.subscribe(s, topic, presence); });
  }

  command_outcome unsubscribe(session& s, std::string_view topic) override {
    return ask([&](handler& app) { return app.unsubscribe(s, topic); });
  }

  command_outcome publish(session& s, std::string_view topic, payload_kind kind,
                          std::string_view payload) override {
    return ask([&](handler& app) { return app.publish(s, topic, kind, payload); });
  }

  void zombie(session& s) override {
    actor_->tell([&](handler& app) { app.zombie(s); });
  }

  void closing(session& s, close_code code, cause why) override {
    actor_->tell([&](handler& app) { app.closing(s, code, why); });
  }

  void closed(const close_receipt& receipt) override {
    actor_->tell([&](handler& app) { app.closed(receipt); });
  }

  void phase(session& s, drain_phase phase) override {
    actor_->tell([&](handler& app) { app.phase(s, phase); });
  }

  void run(session& s, const std::function<void(session&)>& f) override {
    actor_->tell([&](handler& app) { app.run(s, f); });
  }

private:
  template <class F>
  command_outcome ask(F&& f) {
    auto outcome = command_outcome::refused;
    actor_->tell([&](handler& app) { outcome = f(app); });
    return outcome;
  }

  caf::strong_actor_ptr keeper_;
  own_actor* actor_;
};

} // namespace

own_actor::own_actor(caf::actor_config& cfg, const handler_type& type, const route_config& route,
                     gateway& node, shard& home, slot_index slot, connection_id id)
  : hosted{cfg},
    host_context{route, node, home.unit(), home.log()},
    shard_{home},
    id_{id},
    slot_{slot} {
  set_exception_handler([this](caf::scheduled_actor*, std::exception_ptr& thrown) -> caf::error {
    failure_ = std::make_unique<std::string>(what_was_thrown(thrown));
    return caf::exit_reason::unhandled_exception;
  });
  app_ = make_handler(type, *this);
}

caf::behavior own_actor::make_behavior() {
  // An actor without a behaviour ends. One that is shared costs its connections nothing.
  static const caf::behavior nothing{[](tick_atom) {}};
  return further_ ? further_.or_else(nothing) : nothing;
}

caf::resumable::resume_result own_actor::resume(caf::execution_unit* host, std::size_t max) {
  turn now{*this, false};
  return hosted::resume(host, max);
}

void own_actor::on_exit() {
  app_.reset(); // none of its functions is being called: this comes behind them
  if (told_ || called_)
    return;
  shard_.call(slot_, id_, [this](connection& c) {
    c.handler_gone(failure_ ? *failure_ : "the handler's actor has ended");
  });
}

void own_actor::end() {
  told_ = true;
  if (in_turn_)
    quit(caf::exit_reason::user_shutdown);
  else
    call([this] { quit(caf::exit_reason::user_shutdown); });
}

void own_actor::at_cleanup(std::string, std::function<void()>) {
  throw std::logic_error{"the handler of one connection has nothing to clean up when all are gone"};
}

void own_actor::show(std::string_view key, std::string_view value) {
  shard_.call(slot_, id_, [&](connection& c) { c.show(key, value); });
}

void own_actor::run(const std::function<void()>& f) {
  shard_.call(slot_, id_,
              [&](connection& c) { c.call_guarded([&] { tell([&](handler&) { f(); }); }); });
}

std::unique_ptr<handler> own_actor_host::make(connection& of) {
  auto actor = spawn_on<own_actor, caf::lazy_init + caf::hidden>(
    shard_.unit(), type_, route_, node_, shard_, of.slot_at(), of.id());
  return std::make_unique<bridge>(caf::actor_cast<caf::strong_actor_ptr>(actor));
}

} // namespace holdfast
