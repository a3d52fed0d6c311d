// Hosts actors on a loop that a test steps by hand, under a clock that it turns by hand.
#pragma once

#include "actors/hosting.hpp"

namespace holdfast::test {

class manual_clock final : public clock {
public:
  time_point now() const override { return now_; }

  wall_time wall() const override {
    return wall_time{std::chrono::milliseconds{1'000'000 + to_ms(now_.time_since_epoch())}};
  }

  void advance(duration by) { now_ += by; }

private:
  time_point now_{std::chrono::hours{1}};
};

class stepped_unit final : public host_unit {
public:
  stepped_unit(caf::actor_system& system, const clock& time) : host_unit{system, time} {
    bind_to_this_thread();
  }

  /// Runs what is waiting, once. True when there was something.
  bool step() {
    fire_timers(time().now());
    bool had_work = pending_;
    pending_ = false;
    run_some();
    return had_work;
  }

  bool waiting() const { return pending_; }

protected:
  void wake(bool) override { pending_ = true; }
  void arm(time_point) override {}

private:
  bool pending_ = false;
};

} // namespace holdfast::test
