// Everything that is measured, as Prometheus reads it.
#pragma once

#include "actors/gateway.hpp"
#include "app/admin/process_figures.hpp"
#include "protocol/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::admin {

/// What the actors have answered. What of them is not known is left out: a metric without a sample
/// tells that better than a zero.
struct metrics_input {
  std::string version;
  wall_time started{};
  std::uint64_t log_lines_lost = 0;
  process_figures process;
  std::optional<vitals_status> vitals;           ///< of health
  std::optional<pool_status> pool;               ///< of pool
  std::optional<std::vector<actor_view>> actors; ///< of inspector
  std::optional<drain_status> drain;             ///< of shutdown
  std::vector<named_number> of_users;            ///< what handlers and custom actors count
};

inline constexpr auto metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The text of /metrics. Every metric of Holdfast is named here, and nowhere else; all labels are
/// of enums, kinds of actors and shards, never of a user or a connection.
std::string render_metrics(const metrics_input& x);

} // namespace holdfast::admin
