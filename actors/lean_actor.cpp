#include "actors/lean_actor.hpp"

#include <caf/detail/sync_request_bouncer.hpp>

namespace holdfast {

lean_actor::lean_actor(caf::actor_config& cfg)
  : caf::local_actor{cfg},
    unit_{static_cast<host_unit*>(cfg.host)} {
  inbox_.try_block(); // nothing to run until the first message arrives
}

void lean_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  auto mid = element->mid;
  auto sender = element->sender;
  switch (inbox_.push_front(element.release())) {
  case caf::intrusive::inbox_result::unblocked_reader:
    caf::intrusive_ptr_add_ref(ctrl()); // the run queue owns one reference
    unit_->exec_later(this);
    break;
  case caf::intrusive::inbox_result::queue_closed:
    if (mid.is_request()) { // a request is always answered
      caf::detail::sync_request_bouncer bounce{caf::exit_reason::unreachable};
      bounce(sender, mid);
    }
    break;
  case caf::intrusive::inbox_result::success: break;
  }
}

caf::resumable::resume_result lean_actor::resume(caf::execution_unit* host, std::size_t) {
  context(host);
  for (;;) {
    if (ended())
      return caf::resumable::done;
    auto* newest_first = inbox_.take_head();
    if (!newest_first) {
      if (inbox_.try_block())
        return caf::resumable::awaiting_message;
      continue; // lost the race against a sender
    }
    element* oldest_first = nullptr;
    while (newest_first) {
      auto* next = static_cast<element*>(newest_first->next);
      newest_first->next = oldest_first;
      oldest_first = newest_first;
      newest_first = next;
    }
    while (oldest_first) {
      caf::mailbox_element_ptr x{oldest_first};
      oldest_first = static_cast<element*>(oldest_first->next);
      x->next = nullptr;
      if (!ended())
        guarded([&] { dispatch(*x); });
    }
  }
}

void lean_actor::dispatch(element& x) {
  current_element_ = &x;
  if (!handle_system_message(x, unit_, false))
    receive(x);
  current_element_ = nullptr;
}

void lean_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide)
    register_at_system();
}

bool lean_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  if (getf(is_cleaned_up_flag))
    return true;
  if (!inbox_.closed()) {
    caf::detail::sync_request_bouncer bounce{reason};
    auto answer_and_delete = [&](element* x) {
      bounce(*x);
      delete x;
    };
    inbox_.close(answer_and_delete);
  }
  unregister_from_system();
  // Not local_actor::cleanup: for each actor that ends it sends a cancellation of timeouts, which
  // this class cannot have, to the clock's thread (an allocation, a lock and often a wake-up).
  // NOLINTNEXTLINE(bugprone-parent-virtual-call)
  caf::monitorable_actor::cleanup(std::move(reason), host);
  terminated();
  return true;
}

} // namespace holdfast
