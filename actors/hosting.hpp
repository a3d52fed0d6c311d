// Actors that live on one event loop: whoever sends to them, they run on the loop's thread.
//
// A host_unit is a CAF execution unit with a run queue. How the loop is woken is left to two
// implementations: hosting_asio.hpp puts it on an io_context, the tests step it by hand.
#pragma once

#include "actors/clock.hpp"
#include "actors/probe.hpp"

#include <caf/all.hpp>
#include <caf/detail/init_fun_factory.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast {

/// Runs actors on one thread, and holds their timers. Outlives every actor spawned on it.
class host_unit : public caf::execution_unit {
public:
  host_unit(caf::actor_system& system, const clock& time)
    : caf::execution_unit{&system},
      clock_{time} {}

  ~host_unit() override;

  host_unit(const host_unit&) = delete;
  host_unit& operator=(const host_unit&) = delete;

  /// Makes the calling thread the loop's thread.
  void bind_to_this_thread() { thread_ = std::this_thread::get_id(); }

  bool on_my_thread() const { return std::this_thread::get_id() == thread_; }

  const clock& time() const { return clock_; }

  /// Queues an actor to run. Takes over one strong reference. Threads: any.
  void exec_later(caf::resumable* actor) override;

  /// Sends `message` to `target` at `when`, unless it has died by then. A timer cannot be taken
  /// back: its receiver asks its rule what is due, and is told "nothing". Threads: the loop's.
  template <class Handle, class... Ts>
  void send_at(time_point when, const Handle& target, Ts&&... message) {
    auto to = caf::actor_cast<caf::strong_actor_ptr>(target);
    add_timer(when,
              {caf::weak_actor_ptr{to.get()}, caf::make_message(std::forward<Ts>(message)...), {}});
  }

  /// Calls `f` at `when`. It cannot be taken back, and must not throw. Threads: the loop's.
  void call_at(time_point when, std::function<void()> f);

protected:
  /// Called with work waiting: have run_some() called soon on the loop's thread. `remote` tells
  /// that the caller is another thread; then it is called once until the inbox was taken.
  virtual void wake(bool remote) = 0;

  /// Called on the loop's thread when the earliest timer changed.
  virtual void arm(time_point earliest) = 0;

  /// Runs every actor that is waiting now, once. True when more work is left.
  bool run_some();

  /// Sends what is due; arms for the rest.
  void fire_timers(time_point now);

private:
  struct timer {
    caf::weak_actor_ptr target;
    caf::message message;
    std::function<void()> call; ///< instead of a message
  };

  void add_timer(time_point when, timer what);
  void take_inbox();

  /// Messages an actor handles before others on the loop get their turn.
  static constexpr std::size_t max_throughput = 64;

  const clock& clock_;
  std::thread::id thread_;
  std::vector<caf::resumable*> ready_;   // the loop's thread only
  std::vector<caf::resumable*> running_; // the loop's thread only
  std::vector<caf::resumable*> taken_;   // the loop's thread only
  std::multimap<time_point, timer> timers_;
  bool busy_ = false;
  bool woken_ = false;
  std::mutex mutex_;
  std::vector<caf::resumable*> inbox_; // guarded by mutex_
};

/// The text of an exception in flight, for receipts and failure reports.
std::string what_was_thrown(const std::exception_ptr& thrown);

/// Mixin over a (typed) event_based_actor or a stateful_actor of one: hosts it on the unit it was
/// spawned on and keeps its probe.
template <class Base>
class hosted : public Base {
public:
  template <class... Ts>
  explicit hosted(caf::actor_config& cfg, Ts&&... xs)
    : Base(cfg, std::forward<Ts>(xs)...),
      unit_{static_cast<host_unit*>(cfg.host)} {}

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    Base::enqueue(std::move(element), unit_);
  }

  caf::resumable::subtype_t subtype() const override { return caf::resumable::io_actor; }

  caf::resumable::resume_result resume(caf::execution_unit* host, std::size_t max) override {
    // The mailbox may only be counted before the actor runs: behind it, it is blocked, and CAF's
    // size() would take the mark of that for a message.
    probe_scope watch{probe_.get(), unit_->time()};
    if (probe_ && !this->mailbox().closed() && !this->mailbox().blocked())
      watch.found_in_mailbox(this->mailbox().size());
    return Base::resume(host, max);
  }

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    if (probe_) {
      probe_->count_message();
      this->current_element_ = &x; // CAF answers a request that throws from it, and sets it later
      probe_->trip();
    }
    return Base::consume(x);
  }

  /// Calls `f` as if it were a message handler, without the mailbox. False when the actor has
  /// ended (before or by this call). Threads: the unit's.
  template <class F>
  bool call(F&& f) {
    CAF_ASSERT(unit_->on_my_thread());
    if (!this->activate(unit_))
      return false;
    try {
      f();
    } catch (...) {
      auto thrown = std::current_exception();
      this->quit(this->call_handler(this->exception_handler_, this, thrown));
    }
    this->bhvr_stack().cleanup();
    return !this->finalize();
  }

  host_unit& unit() const { return *unit_; }

  void set_probe(probe_ptr probe) { probe_ = std::move(probe); }

  /// Keeps the text of an exception that ends this actor, which CAF would lose.
  void keep_failures(probe_ptr probe) {
    this->set_exception_handler(
      [probe = std::move(probe)](caf::scheduled_actor*, std::exception_ptr& thrown) -> caf::error {
        if (probe)
          probe->failed(what_was_thrown(thrown));
        return caf::sec::runtime_error;
      });
  }

private:
  host_unit* unit_;
  probe_ptr probe_;
};

/// Spawns an actor class on `unit`. Threads: any.
template <class T, caf::spawn_options Os = caf::no_spawn_options, class... Ts>
caf::infer_handle_from_class_t<T> spawn_on(host_unit& unit, Ts&&... xs) {
  caf::actor_config cfg{&unit};
  return unit.system().spawn_class<T, Os>(cfg, std::forward<Ts>(xs)...);
}

/// Spawns a function-based actor (its first argument is the self pointer) on `unit`, with
/// `probe` to be looked at. Threads: any.
template <class F, class... Ts>
caf::infer_handle_from_fun_t<F> spawn_on(host_unit& unit, probe_ptr probe, F fun, Ts&&... xs) {
  using base = caf::infer_impl_from_fun_t<F>;
  using impl = hosted<base>;
  caf::actor_config cfg{&unit};
  caf::detail::init_fun_factory<base, F> factory;
  auto start = [init = factory(std::move(fun), std::forward<Ts>(xs)...),
                probe = std::move(probe)](caf::local_actor* self) mutable -> caf::behavior {
    auto* actor = static_cast<impl*>(self);
    actor->set_probe(probe);
    actor->keep_failures(probe);
    return init(self);
  };
  cfg.init_fun = caf::actor_config::init_fun_type{std::move(start)};
  return unit.system().spawn_class<impl, caf::no_spawn_options>(cfg);
}

} // namespace holdfast
