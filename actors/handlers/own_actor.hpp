// Mode per_connection: each connection's handler in an actor of its own.
#pragma once

#include "actors/handlers/handler_host.hpp"
#include "actors/slot_table.hpp"

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace holdfast {

/// A handler that lives in an actor on the connection's thread. The connection calls it directly,
/// as if by a message: nothing is copied and nothing waits in a mailbox. It ends with the
/// connection, and the other way round. Threads: its shard's.
class own_actor final : public hosted<caf::event_based_actor>, private host_context {
public:
  own_actor(caf::actor_config& cfg, const handler_type& type, const route_config& route,
            gateway& node, shard& home, slot_index slot, connection_id id);

  /// Makes the handler. Throws what its factory throws.
  void make(const handler_type& type);

  /// Calls `f(handler)` in this actor; what leaves it ends the actor and goes on to the caller.
  /// Does nothing when it has ended.
  template <class F>
  void tell(F&& f) {
    if (!app_)
      return;
    if (in_turn_) { // the handler has caused this itself
      f(*app_);
      return;
    }
    std::exception_ptr thrown;
    {
      turn now{*this, true};
      call([&] {
        try {
          f(*app_);
        } catch (...) {
          thrown = std::current_exception();
          quit(caf::exit_reason::unhandled_exception);
        }
      });
    }
    if (thrown)
      std::rethrow_exception(thrown);
    if (!app_)
      throw std::runtime_error{"the handler's actor has ended"};
  }

  /// The connection is gone.
  void end();

  caf::resumable::resume_result resume(caf::execution_unit* host, std::size_t max) override;

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  struct turn {
    turn(own_actor& x, bool called) : who{x} {
      who.in_turn_ = true;
      who.called_ = called;
    }
    ~turn() { who.in_turn_ = who.called_ = false; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    own_actor& who;
  };

  caf::event_based_actor* self() override { return this; }
  void behavior(caf::message_handler further) override { further_ = std::move(further); }
  void at_cleanup(std::string name, std::function<void()> f) override;
  void show(std::string_view key, std::string_view value) override;
  void run(const std::function<void()>& f) override;

  shard& shard_;
  connection_id id_;
  slot_index slot_;
  bool in_turn_ = false;
  bool called_ = false; // by the connection, which sees itself what comes of it
  bool told_ = false;   // to end
  caf::message_handler further_;
  std::unique_ptr<std::string> failure_; // what was thrown
  std::unique_ptr<handler> app_;
};

/// A route whose connections have handlers of their own.
class own_actor_host final : public handler_host {
public:
  own_actor_host(const handler_type& type, const route_config& route, gateway& node, shard& home)
    : type_{type},
      route_{route},
      node_{node},
      shard_{home} {}

  handler& app() override { return before_; }

  /// What a connection calls instead.
  std::unique_ptr<handler> make(connection& of);

private:
  /// Of connections that have none yet, or none any more.
  class nothing final : public handler {
  public:
    void inbound(session&, const inbound_message&) override {}
  };

  handler_type type_;
  const route_config& route_;
  gateway& node_;
  shard& shard_;
  nothing before_;
};

} // namespace holdfast
