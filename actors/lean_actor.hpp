// A small actor for one-per-connection use, hosted on a host_unit.
//
// It is a full citizen of the actor system: handles, monitors, links, exit messages, requests to
// it, and it may send to anyone. It leaves out what an idle connection never uses and CAF's
// scheduled_actor pays for in every instance: four queues, stream managers, six handlers, response
// tables, the behaviour stack. What remains is a lock-free inbox and one virtual function.
//
// It cannot: await a response of its own request, change its behaviour, use delayed_send.
#pragma once

#include "actors/hosting.hpp"

#include <caf/intrusive/lifo_inbox.hpp>

namespace holdfast {

class lean_actor : public caf::local_actor, public caf::resumable {
public:
  explicit lean_actor(caf::actor_config& cfg);

  using caf::local_actor::enqueue;

  /// Threads: any.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override;

  subtype_t subtype() const override { return caf::resumable::io_actor; }
  resume_result resume(caf::execution_unit* host, std::size_t) override;

  /// Calls `f` as if it were a message handler, without the mailbox. False when the actor has
  /// ended (before or by this call). Threads: the unit's.
  template <class F>
  bool call(F&& f) {
    CAF_ASSERT(unit_->on_my_thread());
    if (getf(is_terminated_flag))
      return false;
    context(unit_);
    guarded(f);
    return !getf(is_terminated_flag);
  }

  bool ended() const { return getf(is_terminated_flag); }

  template <class Handle, class... Ts>
  void tell(const Handle& to, Ts&&... message) {
    if (auto target = caf::actor_cast<caf::abstract_actor*>(to))
      target->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()},
                                                caf::make_message_id(), {},
                                                std::forward<Ts>(message)...),
                      unit_);
  }

  void quit(caf::error reason = {}) { cleanup(std::move(reason), unit_); }

  host_unit& unit() const { return *unit_; }

  void launch(caf::execution_unit*, bool, bool hide) override;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;
  void intrusive_ptr_add_ref_impl() override { caf::intrusive_ptr_add_ref(ctrl()); }
  void intrusive_ptr_release_impl() override { caf::intrusive_ptr_release(ctrl()); }

protected:
  using element = caf::mailbox_element;

  /// Handles one message: match on x.content(); x.sender is set.
  virtual void receive(element& x) = 0;

  /// An exception left receive() or a direct call. The actor ends after this.
  virtual void failed(std::string text) = 0;

  /// The actor has ended. Called once.
  virtual void terminated() = 0;

  /// Answers the request that `x` is (nothing when it is none).
  template <class T>
  void respond(element& x, T&& value) {
    if (x.sender && x.mid.is_request())
      x.sender->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()},
                                                  x.mid.response_id(), {}, std::forward<T>(value)),
                        unit_);
  }

private:
  struct inbox_policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  template <class F>
  void guarded(F&& f) {
    try {
      f();
    } catch (...) {
      failed(what_was_thrown(std::current_exception()));
      quit(caf::make_error(caf::sec::runtime_error));
    }
  }

  void dispatch(element& x);

  host_unit* unit_;
  caf::intrusive::lifo_inbox<inbox_policy> inbox_;
};

} // namespace holdfast
