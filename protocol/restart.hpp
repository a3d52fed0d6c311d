// How often a supervised actor may fail before its supervisor gives up, after OTP's intensity and
// period: more than `max_restarts` restarts in `within` mean that restarting does not help.
#pragma once

#include "protocol/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

namespace holdfast {

/// The table `[supervisor]` of the configuration.
struct restart_intensity {
  unsigned max_restarts = 5; ///< 0: the first failure is final
  duration within = std::chrono::seconds{60};
};

enum class restart_verdict : std::uint8_t { restart, give_up };

std::string_view to_string(restart_verdict x);

/// The failures of one supervised actor. Belongs to its supervisor's thread.
class restarts {
public:
  explicit restarts(restart_intensity intensity) : intensity_{intensity} {}

  /// The actor has failed at `now`, which never runs backwards. A restart counts until `within`
  /// has passed since it, the last moment included. A refused restart does not count.
  restart_verdict on_failure(time_point now);

  /// Restarts granted so far.
  std::uint64_t total() const { return total_; }

private:
  restart_intensity intensity_;
  std::deque<time_point> recent_; // never longer than max_restarts
  std::uint64_t total_ = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, restart_intensity& x) {
  return f(x.max_restarts, x.within);
}

} // namespace holdfast
