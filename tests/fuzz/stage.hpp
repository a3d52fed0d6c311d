// What the executions of a fuzz target share, because it takes long to make.
#pragma once

#include "tests/fuzz/hand_turned_shard.hpp"

#include <optional>

namespace holdfast::fuzz {

/// Events are transport_events that are made with the config, know their shard from serve(), and
/// forget an execution with begin().
template <class Events>
class stage {
public:
  stage() : events{config} {
    config.tick = std::chrono::milliseconds{20};
    config.handshake_timeout = std::chrono::milliseconds{300};
    config.close_timeout = std::chrono::milliseconds{200};
  }

  transport::transport_config config;
  Events events;

  hand_turned_shard& shard() { return *shard_; }

  /// Calls `execute` with everything as new.
  template <class F>
  void perform(F execute) {
    constexpr int most_executions = 4096; // so that the clock stays in the past
    if (!shard_ || shard_->stopped() || ++executions_ % most_executions == 0) {
      shard_.emplace(config, events);
      events.serve(*shard_);
    }
    events.begin();
    execute();
    // Gives back what the execution took, so that what it forgets to free stands out.
    events.begin();
    if (!shard_->stopped())
      shard_->renew();
  }

private:
  std::optional<hand_turned_shard> shard_;
  int executions_ = 0;
};

} // namespace holdfast::fuzz
