// What the node's permanent actors share. They live on one thread, the control thread, and are
// shells around what stands here: so a restarted actor goes on where its predecessor fell.
#pragma once

#include "actors/events.hpp"
#include "actors/gateway.hpp"
#include "actors/interfaces.hpp"
#include "actors/receipt_ring.hpp"
#include "actors/shard.hpp"
#include "protocol/alerts.hpp"
#include "protocol/capacity.hpp"
#include "protocol/drain.hpp"
#include "protocol/vitals.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace holdfast {

/// A drain's participants, and where its connections went.
struct drain_book {
  explicit drain_book(duration close_timeout) : rules{close_timeout} {}

  drain rules;
  drain_ledger ledger;
  time_point t{};
  std::vector<participant_registration> participants;
  std::vector<cleanup_registration> cleanups;
  std::uint64_t receipts_before = 0;        ///< at t
  time_point armed = time_point::max();     ///< the next tick that is under way
  std::vector<std::string> failed_cleanups; ///< their names
  std::size_t cleanups_running = 0;
  bool receipts_awaited = false;        ///< in the last phase: some are still on their way
  std::optional<begin_leaving> leaving; ///< of the drain in progress, once it is planned
  std::array<std::uint64_t, cause_count> closed_before{}; ///< by cause, at t
};

/// What has been measured so far, and which alerts there are. See actors/vitals.hpp.
struct vitals_book {
  vitals_book(const alert_config& config, time_point now);

  alerts rules;
  vitals_window recent; ///< some seconds, for rates
  vitals_window window; ///< alerts.window, for ratios
  std::uint64_t cleanups = 0;
  std::uint64_t cleanups_failed = 0;
  duration drain_duration{}; ///< of the last drain, from t to its last receipt, or so far
};

/// Threads: the control thread's, but for what says otherwise.
struct node_context {
  node_context(const node_settings& s, host_unit& control, event_log& l)
    : settings{s},
      outside{control.system()},
      unit{control},
      log{l},
      total{s.max_total_connections, s.reserve, s.admission.max_connections_per_user},
      drains{s.close_timeout},
      vitals{s.alerts, control.time().now()} {}

  const node_settings& settings;          ///< never changes; any thread
  gateway outside;                        ///< for whoever is no part of the node; any thread
  host_unit& unit;                        ///< the control thread's
  event_log& log;                         ///< any thread
  capacity total;                         ///< any thread
  std::atomic<std::uint64_t> admitted{0}; ///< ever; any thread
  services peers;                         ///< written by the supervisor
  drain_book drains;
  vitals_book vitals;
  receipt_ring receipts;
  std::vector<std::uint64_t> batches; ///< the last one of each shard whose receipts are kept
  std::vector<std::optional<shard_status>> reports;   ///< the latest of each shard
  std::map<std::string, actor_registration> registry; ///< by name, of the permanent actors
  /// What can be spawned at runtime, and where that lives.
  struct {
    host_unit* unit = nullptr;
    actor_registry types;
  } spawnable;

  std::uint64_t sweeps = 0;
  std::string given_up;              ///< the actor that was given up, if one was
  std::atomic<bool> stopping{false}; ///< ends are no failures any more; any thread

  /// The handles in `peers` are new: after the start, and whenever an actor was restarted. Called
  /// on the control thread.
  std::function<void(const services&)> on_services;

  /// The drain has finished. Called once, on the control thread.
  std::function<void(const drain_ledger&)> on_drained;

  /// The node cannot go on: a supervisor has given up on an actor. Called on the control thread.
  std::function<void(const std::string& why)> on_broken;
};

} // namespace holdfast
