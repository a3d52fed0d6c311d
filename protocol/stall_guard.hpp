// Time as it passed for this process while it was awake.
#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace holdfast {

/// Tells waking time from sleep (a stopped process, a starved machine), so that no peer is judged
/// for the latter. It is told of every tick; a tick that comes more than four ticks after the one
/// before is a stall, and all but one tick of that gap has not happened on the *awake clock*.
/// Deadlines kept on that clock are thereby all moved by the lateness. Not thread-safe.
class stall_guard {
public:
  /// A gap between two ticks that is longer than this many ticks is a stall: long enough that the
  /// jitter of a busy loop is none, short against any deadline.
  static constexpr int ticks_of_a_stall = 4;

  /// `horizon`: up to which age a time is translated; an older one stays older than that. Stalls
  /// are told apart at a 64th of it, which bounds the memory: a time between two that are closer
  /// may come out later (younger) by as much, never earlier. All others are exact.
  stall_guard(duration tick, duration horizon, time_point start)
    : tick_{tick},
      horizon_{horizon},
      last_{start} {}

  /// Notes a tick. Returns by how much the open deadlines move: zero unless it was a stall.
  duration tick(time_point now) {
    const auto gap = now - last_;
    if (gap <= duration::zero())
      return duration::zero();
    const auto late = gap > ticks_of_a_stall * tick_ ? gap - tick_ : duration::zero();
    if (late > duration::zero())
      note(last_ + tick_, now);
    last_ = now;
    return late;
  }

  /// What the awake clock showed at `t`. During a stall it stood still. A `t` after the last tick
  /// is taken as at most one tick after it, since the tick to come may turn out to be a stall.
  time_point awake(time_point t) const {
    if (t > last_)
      return std::min(t, last_ + tick_) - total_;
    auto after = total_;
    for (auto s = stalls_.rbegin(); s != stalls_.rend(); ++s) {
      if (t > s->until)
        return t - after;
      if (t > s->from)
        return s->until - after;
      after = s->before;
    }
    return t - after;
  }

  /// What the awake clock showed at the last tick.
  time_point now() const { return last_ - total_; }

  /// The time from `since` (on the awake clock) to `now` (on the real one); nothing when a stall
  /// lies in between, or is lying there already without its tick.
  std::optional<duration> elapsed(time_point since, time_point now) const {
    const auto cut = !stalls_.empty() && stalls_.back().until - total_ > since;
    if (cut || now - last_ > ticks_of_a_stall * tick_)
      return std::nullopt;
    return now - total_ - since;
  }

private:
  struct stall {
    time_point from;  ///< real
    time_point until; ///< real
    duration before;  ///< the sum of all stalls before this one
  };

  void note(time_point from, time_point until) {
    const auto at = from - total_;
    forget_before(at - horizon_);
    const auto same
      = !stalls_.empty() && at - (stalls_.back().from - stalls_.back().before) < horizon_ / 64;
    if (same)
      stalls_.back().until = until;
    else
      stalls_.push_back({from, until, total_});
    total_ += until - from;
  }

  void forget_before(time_point awake) {
    const auto old = [&](auto& s) {
      const auto next = &s + 1;
      const auto after = next == stalls_.data() + stalls_.size() ? total_ : next->before;
      return s.until - after < awake;
    };
    auto keep = stalls_.begin();
    while (keep != stalls_.end() && old(*keep))
      ++keep;
    stalls_.erase(stalls_.begin(), keep);
  }

  duration tick_;
  duration horizon_;
  time_point last_;
  duration total_{};
  std::vector<stall> stalls_; ///< oldest first
};

} // namespace holdfast
