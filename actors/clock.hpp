// The one clock of a node. Injected, so that tests and the simulation can turn it by hand.
#pragma once

#include "protocol/time.hpp"

namespace holdfast {

/// Threads: any.
class clock {
public:
  virtual ~clock() = default;

  virtual time_point now() const = 0;

  /// The wall clock, for people to read.
  virtual wall_time wall() const = 0;
};

class system_clock final : public clock {
public:
  time_point now() const override { return std::chrono::steady_clock::now(); }

  wall_time wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  }
};

} // namespace holdfast
