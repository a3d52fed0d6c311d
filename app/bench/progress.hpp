// One line on a terminal that says how far a run is.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace holdfast::bench {

/// A part of a run, as it is shown.
struct phase {
  std::string name;                     ///< "opening"
  std::function<std::uint64_t()> count; ///< of what happened so far
  std::string unit;                     ///< of `count`
  std::uint64_t total = 0;              ///< what `count` will be at the end; 0: not known
  duration length{};                    ///< how long it takes; zero: not known
};

/// Rewrites its line each half second, and removes it at the end. Silent if `shown` is false.
class progress {
public:
  explicit progress(bool shown) : shown_{shown} {}
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { clear(); }

  void begin(phase next, time_point now);

  /// Takes the line away; nothing is shown until the next phase.
  void clear();

  /// To be called often: writes when it is time to.
  void tick(time_point now) {
    if (shown_ && now >= due_)
      draw(now);
  }

private:
  void draw(time_point now);

  bool shown_;
  bool drawn_ = false;
  phase phase_;
  time_point began_{};
  time_point drawn_at_{};
  time_point due_ = time_point::max();
  std::uint64_t counted_ = 0;
};

/// The line for `p` after `passed`, when it has come to `count`, `rate` a second of late if that is
/// known. At most 79 characters.
std::string progress_line(const phase& p, duration passed, std::uint64_t count,
                          std::optional<double> rate);

} // namespace holdfast::bench
