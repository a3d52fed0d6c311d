// The five alerts: when each is raised, and when it is over.
#pragma once

#include "protocol/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class alert_name : std::uint8_t {
  pool_utilisation,  ///< connections / max_total_connections
  zombie_ratio,      ///< zombies / connections, over the window
  heartbeat_success, ///< answered / due pings, over the window
  shutdown_overdue,  ///< a drain has taken longer than its drain_timeout
  cleanup_failed,    ///< cleanup callbacks that failed, in the window
};

inline constexpr std::size_t alert_count = static_cast<std::size_t>(alert_name::cleanup_failed) + 1;

/// Label of logs and metrics.
std::string_view to_string(alert_name name);

enum class alert_unit : std::uint8_t { ratio, count, ms };

std::string_view to_string(alert_unit unit);

alert_unit unit_of(alert_name name);

/// The table `[alerts]` of the configuration, and how long a change of mind takes.
struct alert_config {
  double pool_utilisation = 0.8;   ///< raised above; 1: never
  double zombie_ratio = 0.05;      ///< raised above; 1: never
  double heartbeat_success = 0.95; ///< raised below; 0: never
  /// What ratios are computed over, and how long a failed cleanup is told of.
  duration window = std::chrono::minutes{5};
  /// Connections or pings without which a ratio says nothing.
  std::uint32_t min_events = 20;
  /// So long a ratio has to be bad before it is told, and good before that is taken back.
  duration hold = std::chrono::seconds{10};
};

/// What an alert is judged by, at one moment.
struct alert_reading {
  bool known = false; ///< there is something to judge
  double value = 0;   ///< in the alert's unit
  std::uint64_t events = 0;
};

struct alert_readings {
  std::array<alert_reading, alert_count> of{}; ///< by alert_name
  duration shutdown_limit{};                   ///< of the drain that was read

  alert_reading& operator[](alert_name name) { return of[static_cast<std::size_t>(name)]; }
  const alert_reading& operator[](alert_name name) const {
    return of[static_cast<std::size_t>(name)];
  }
};

/// One alert, for people and programs to look at.
struct alert_status {
  alert_name name = alert_name::pool_utilisation;
  bool active = false;
  wall_time since{};  ///< it was raised; the epoch when it is not active
  bool known = false; ///< whether `value` says anything
  double value = 0;
  double threshold = 0; ///< beyond which it is raised
  double clears = 0;    ///< at which it is over
  std::uint64_t events = 0;
  std::string summary; ///< one sentence part, with the figures
};

/// Decides on all alerts. Between the threshold and the value that clears it, a tenth of the way
/// back, nothing changes; and a ratio must stay beyond either for `hold`, so that no alert comes
/// and goes with every sample. A late drain and a failed cleanup are told at once. A ratio of fewer
/// than `min_events` raises nothing, but an alert that is active stays until its ratio is good
/// again or there is nothing left to judge by. Not thread-safe.
class alerts {
public:
  explicit alerts(const alert_config& config) : config_{config} {}

  /// To be called every second or so. Returns those that were raised or are over with this.
  std::vector<alert_name> judge(time_point now, const alert_readings& readings);

  /// `wall` is the wall clock's `now`.
  alert_status status(alert_name name, time_point now, wall_time wall) const;

  bool active(alert_name name) const { return at(name).active; }

  const alert_config& config() const { return config_; }

  /// Holds from the next judge() on. What is active stays so until that says otherwise.
  void set_config(const alert_config& config) { config_ = config; }

private:
  struct state {
    bool active = false;
    time_point since{};                ///< raised
    std::optional<time_point> turning; ///< since when all readings spoke for a change
  };

  /// Where an alert changes.
  struct levels {
    double raised; ///< beyond this
    double clears; ///< at this, or on its good side
    bool above;    ///< the bad side is above
  };

  levels levels_of(alert_name name) const;
  bool wants_change(alert_name name, bool active) const;
  const state& at(alert_name name) const { return states_[static_cast<std::size_t>(name)]; }

  alert_config config_;
  alert_readings last_;
  std::array<state, alert_count> states_{};
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, alert_status& x) {
  return f(x.name, x.active, x.since, x.known, x.value, x.threshold, x.clears, x.events, x.summary);
}

} // namespace holdfast
