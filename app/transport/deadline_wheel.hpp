// Many deadlines that are armed and disarmed far more often than they are met.
#pragma once

#include "protocol/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::transport {

/// One deadline, part of whatever waits for it. Disarms itself when it is destroyed.
class wheel_entry {
public:
  wheel_entry() = default;
  wheel_entry(const wheel_entry&) = delete;
  wheel_entry& operator=(const wheel_entry&) = delete;
  ~wheel_entry() { disarm(); }

  bool armed() const { return link_ != nullptr; }

  void disarm() {
    if (!armed())
      return;
    *link_ = next_;
    if (next_ != nullptr)
      next_->link_ = link_;
    next_ = nullptr;
    link_ = nullptr;
  }

private:
  friend class deadline_wheel;

  void join(wheel_entry*& list) {
    next_ = list;
    if (next_ != nullptr)
      next_->link_ = &next_;
    list = this;
    link_ = &list;
  }

  wheel_entry* next_ = nullptr;
  wheel_entry** link_ = nullptr; // the pointer that points here
  std::uint64_t due_ = 0;        // in ticks since the wheel's start
};

/// A hashed timing wheel: arming and disarming cost the same whatever else waits. Deadlines are
/// met up to one tick late, never early. Not for several threads.
class deadline_wheel {
public:
  deadline_wheel(time_point start, duration tick) : start_{start}, tick_{tick} {}

  deadline_wheel(const deadline_wheel&) = delete;
  deadline_wheel& operator=(const deadline_wheel&) = delete;

  void arm(wheel_entry& entry, time_point when) {
    entry.disarm();
    auto due = ticks_at(when) + 1;
    entry.due_ = due > now_ ? due : now_ + 1;
    entry.join(slot(entry.due_));
  }

  /// Calls `expired(entry)` for each entry that is due, disarmed. It may arm and disarm any.
  template <class F>
  void advance(time_point now, F expired) {
    for (auto target = ticks_at(now); now_ < target;) {
      ++now_;
      wheel_entry* due = slot(now_);
      slot(now_) = nullptr;
      if (due != nullptr)
        due->link_ = &due;
      while (due != nullptr) {
        auto& entry = *due;
        entry.disarm();
        if (entry.due_ <= now_)
          expired(entry);
        else
          entry.join(slot(now_)); // another revolution
      }
    }
  }

private:
  static constexpr std::size_t slots = 1024;

  std::uint64_t ticks_at(time_point when) const {
    return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / tick_);
  }

  wheel_entry*& slot(std::uint64_t tick) { return slots_[tick % slots]; }

  time_point start_;
  duration tick_;
  std::uint64_t now_ = 0;
  std::array<wheel_entry*, slots> slots_{};
};

} // namespace holdfast::transport
