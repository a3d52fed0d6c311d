#include "actors/hosting.hpp"

namespace holdfast {

host_unit::~host_unit() {
  for (auto* list : {&ready_, &running_, &taken_, &inbox_})
    for (auto* actor : *list)
      caf::intrusive_ptr_release(actor);
}

void host_unit::exec_later(caf::resumable* actor) {
  // An ordinary actor, spawned or woken by one of ours, belongs to CAF's scheduler.
  if (actor->subtype() != caf::resumable::io_actor) {
    system().scheduler().enqueue(actor);
    return;
  }
  if (on_my_thread()) {
    ready_.push_back(actor);
    if (!woken_ && !busy_) {
      woken_ = true;
      wake(false);
    }
    return;
  }
  bool first = false;
  {
    std::lock_guard<std::mutex> guard{mutex_};
    first = inbox_.empty();
    inbox_.push_back(actor);
  }
  if (first)
    wake(true);
}

void host_unit::take_inbox() {
  {
    std::lock_guard<std::mutex> guard{mutex_};
    taken_.swap(inbox_);
  }
  ready_.insert(ready_.end(), taken_.begin(), taken_.end());
  taken_.clear();
}

bool host_unit::run_some() {
  if (busy_)
    return false;
  woken_ = false;
  take_inbox();
  busy_ = true;
  running_.swap(ready_);
  for (auto* actor : running_) {
    if (actor->resume(this, max_throughput) == caf::resumable::resume_later)
      ready_.push_back(actor);
    else
      caf::intrusive_ptr_release(actor);
  }
  running_.clear();
  busy_ = false;
  if (ready_.empty())
    return false;
  woken_ = true;
  wake(false);
  return true;
}

void host_unit::call_at(time_point when, std::function<void()> f) {
  add_timer(when, {{}, {}, std::move(f)});
}

void host_unit::add_timer(time_point when, timer what) {
  CAF_ASSERT(on_my_thread());
  auto at = timers_.emplace(when, std::move(what));
  if (at == timers_.begin())
    arm(when);
}

void host_unit::fire_timers(time_point now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    auto due = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    if (due.call)
      due.call();
    else if (auto target = due.target.lock())
      target->enqueue(nullptr, caf::make_message_id(), std::move(due.message), this);
  }
  if (!timers_.empty())
    arm(timers_.begin()->first);
}

std::string what_was_thrown(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text;
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

} // namespace holdfast
