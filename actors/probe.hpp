// What can be seen of an actor from outside, at any time, without stopping it.
#pragma once

#include "actors/clock.hpp"
#include "protocol/named_texts.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace holdfast {

/// Written by one actor's thread, read by any. It outlives the actor, so that its last failure
/// can be read after a restart.
class actor_probe {
public:
  struct reading {
    std::uint64_t messages = 0;
    std::size_t mailbox = 0; ///< messages found at the start of the last turn
    duration busy{};         ///< time spent in handlers
    std::uint64_t restarts = 0;
    time_point started{};
    std::string last_failure;
    named_texts shown; ///< what the actor has published by show()
  };

  reading read() const;

  void count_message() { messages_.fetch_add(1, std::memory_order_relaxed); }
  void turn(duration busy, std::size_t mailbox);
  void started(time_point now, bool again);
  /// An exception has ended the actor.
  void failed(std::string text);

  /// The actor has ended for `reason`, which is its failure unless an exception has said more.
  void ended(std::string reason);

  /// Publishes a value; an empty one takes it away.
  void show(std::string_view key, std::string_view value);
  void show_nothing();

  /// Fault injection: the actor's next message throws an exception with this text instead of being
  /// handled. Threads: any.
  void plant_fault(std::string text);

  /// Throws what was planted, once. Called by the actor for each message.
  void trip() {
    if (fault_planted_.load(std::memory_order_relaxed))
      throw_fault();
  }

private:
  void throw_fault();

  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::size_t> mailbox_{0};
  std::atomic<std::int64_t> busy_ns_{0};
  std::atomic<std::uint64_t> restarts_{0};
  std::atomic<std::int64_t> started_ns_{0};
  std::atomic<bool> fault_planted_{false};
  mutable std::mutex mutex_;
  std::string last_failure_; // guarded by mutex_; touched by failures and by people only
  named_texts shown_;        // guarded by mutex_
  bool exception_ = false;   // guarded by mutex_; last_failure_ is this life's exception
  std::string fault_;        // guarded by mutex_
};

using probe_ptr = std::shared_ptr<actor_probe>;

/// Times one turn of an actor.
class probe_scope {
public:
  probe_scope(actor_probe* probe, const clock& time)
    : probe_{probe},
      clock_{time},
      start_{probe ? time.now() : time_point{}} {}

  ~probe_scope() {
    if (probe_)
      probe_->turn(clock_.now() - start_, mailbox_);
  }

  probe_scope(const probe_scope&) = delete;
  probe_scope& operator=(const probe_scope&) = delete;

  void found_in_mailbox(std::size_t n) { mailbox_ = n; }

private:
  actor_probe* probe_;
  const clock& clock_;
  time_point start_;
  std::size_t mailbox_ = 0;
};

} // namespace holdfast
