#include "actors/probe.hpp"

#include <stdexcept>
#include <utility>

namespace holdfast {

actor_probe::reading actor_probe::read() const {
  reading result;
  result.messages = messages_.load(std::memory_order_relaxed);
  result.mailbox = mailbox_.load(std::memory_order_relaxed);
  result.busy = duration{busy_ns_.load(std::memory_order_relaxed)};
  result.restarts = restarts_.load(std::memory_order_relaxed);
  result.started = time_point{duration{started_ns_.load(std::memory_order_relaxed)}};
  std::lock_guard<std::mutex> guard{mutex_};
  result.last_failure = last_failure_;
  result.shown = shown_;
  return result;
}

void actor_probe::turn(duration busy, std::size_t mailbox) {
  busy_ns_.fetch_add(busy.count(), std::memory_order_relaxed);
  mailbox_.store(mailbox, std::memory_order_relaxed);
}

void actor_probe::started(time_point now, bool again) {
  started_ns_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  if (again)
    restarts_.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard<std::mutex> guard{mutex_};
  exception_ = false;
}

void actor_probe::failed(std::string text) {
  std::lock_guard<std::mutex> guard{mutex_};
  last_failure_ = std::move(text);
  exception_ = true;
}

void actor_probe::ended(std::string reason) {
  std::lock_guard<std::mutex> guard{mutex_};
  if (!exception_)
    last_failure_ = std::move(reason);
}

void actor_probe::show(std::string_view key, std::string_view value) {
  constexpr std::size_t most = 64;
  std::lock_guard<std::mutex> guard{mutex_};
  set_value(shown_, key, value, most);
}

void actor_probe::show_nothing() {
  std::lock_guard<std::mutex> guard{mutex_};
  shown_.clear();
}

void actor_probe::plant_fault(std::string text) {
  std::lock_guard<std::mutex> guard{mutex_};
  fault_ = std::move(text);
  fault_planted_.store(true, std::memory_order_relaxed);
}

void actor_probe::throw_fault() {
  std::string text;
  {
    std::lock_guard<std::mutex> guard{mutex_};
    fault_planted_.store(false, std::memory_order_relaxed);
    text = std::exchange(fault_, {});
  }
  throw std::runtime_error{text};
}

} // namespace holdfast
