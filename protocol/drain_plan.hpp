// Who leaves when: a drain as numbers, made once, carried out by every shard for itself.
#pragma once

#include "protocol/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// How a node shuts down; the table `[shutdown]` of the configuration.
struct drain_config {
  /// Readiness fails this long before the node stops accepting.
  duration lb_grace = std::chrono::seconds{0};
  /// Off: nobody is told, and every client is closed in its slot as a plain one.
  bool notify_clients = true;
  /// From t (the moment the node stops accepting) until clients are closed by force.
  duration drain_timeout = std::chrono::seconds{30};
  /// Arrivals a second that this drain may cause elsewhere; the whole node's. 0 counts as 1.
  unsigned reconnect_rate = 500;
  /// How long the node itself needs to stand again, when no other node can take over.
  duration restart_allowance = std::chrono::seconds{5};
  /// How long the queue of a leaving connection may take to empty.
  duration message_flush_timeout = std::chrono::seconds{5};
  /// From t until TCP connections that are still there are aborted.
  duration force_close_timeout = std::chrono::seconds{60};
  /// Bound of one cleanup callback. They run at the same time.
  duration cleanup_timeout = std::chrono::seconds{5};
};

/// What one drain does otherwise than configured. A negative span or a rate of 0: as configured.
struct drain_wishes {
  duration lb_grace{-1};
  duration drain_timeout{-1};
  unsigned reconnect_rate = 0;
};

/// `config` with the wishes in it. A longer `drain_timeout` moves `force_close_timeout` along.
drain_config with_wishes(drain_config config, const drain_wishes& wishes);

/// How long a leased client that does not leave in its slot is waited for before it is closed.
inline constexpr duration leave_grace = std::chrono::seconds{1};

/// How long a lease can be used once its slot has come.
inline constexpr duration lease_window = std::chrono::seconds{30};

/// How long aborted connections may take to report their end.
inline constexpr duration abort_limit = std::chrono::seconds{1};

/// What the cleanup phase may take beyond `cleanup_timeout`, for answers on their way.
inline constexpr duration cleanup_slack = std::chrono::seconds{1};

/// When clients begin to be closed by force, from t: `drain_timeout`, never after
/// `force_close_timeout`.
duration drain_deadline(const drain_config& config);

/// The longest that a drain can take from its start; supervisors of the process must wait longer.
duration longest_drain(const drain_config& config);

/// What a drain has before it, on one shard or on all.
struct drain_population {
  std::uint64_t leased = 0;         ///< clients that speak holdfast.v1
  std::uint64_t plain = 0;          ///< clients that do not
  std::uint64_t zombies = 0;        ///< of these, marked as zombies
  std::uint64_t slow_consumers = 0; ///< of these, unlikely to be flushed in time
  std::uint64_t callbacks = 0;      ///< cleanup callbacks registered there

  drain_population& operator+=(const drain_population& other);
};

/// A node that can take over, and its part of the arrivals in proportion to the others' weights.
struct drain_target {
  std::string name;
  std::uint32_t weight = 1; ///< 0 takes nobody
};

/// Where one shard's clients begin in the numbering of all clients.
struct drain_share {
  std::uint64_t first_leased = 0;
  std::uint64_t first_plain = 0;
};

/// The shares of shards with these populations, in their order. A shard that could not be counted
/// stands here with nobody; its clients then leave at random within the plan's window.
std::vector<drain_share> drain_shares(const std::vector<drain_population>& shards);

/// When and where a client may come back. All times count from its receipt of the lease.
struct reconnect_lease {
  std::optional<std::uint32_t> target; ///< index in the plan's targets; none: the same address
  duration after{};
  duration expires{};
};

/// What a plan holds for one leased client.
struct planned_leave {
  reconnect_lease lease;
  duration leave_at{}; ///< when the server closes it, from the start of the plan
};

/// A row of equal slots: `clients` of them in every `per`.
struct arrival_pace {
  std::uint64_t clients = 1; ///< never 0
  duration per{};

  /// Start of slot `k`, hence the end of slot k - 1.
  duration slot_start(std::uint64_t k) const;
};

/// Arrival slots for everyone, as numbers. Made by plan_drain(); a pure value that any thread may
/// read. All times count from the moment at which the shards receive it.
///
/// Other nodes can take over: leased and plain clients share one row of slots, evenly mixed. A
/// leased client leaves by itself in its slot and is closed `leave_grace` later if it did not; a
/// plain client is closed in its slot.
///
/// No other node can: leased clients are closed at once, and may come back after the planned end,
/// `restart_allowance` and a slot of their own. Plain clients are closed one a slot, so the drain
/// lasts for as many slots as there are plain clients and not at all when there are none.
///
/// Rank and slot of a client follow from its number alone. Ranks are the number times a step
/// coprime to the count, near its golden section: that spreads any run of numbers, which is what
/// a shard has, evenly over all slots and gives no slot twice.
struct drain_plan {
  std::uint64_t leased = 0;
  std::uint64_t plain = 0;
  std::uint64_t leased_step = 1;
  std::uint64_t plain_step = 1;
  bool notify = true;     ///< false: shards number all clients as plain ones and tell nobody
  arrival_pace leaving;   ///< the row of slots of this drain
  arrival_pace returning; ///< that of the clients who come back to this node
  duration window{};      ///< the time that slots may take: everything fits behind it
  duration grace{};       ///< `leave_grace`, or less where the drain is very short
  duration planned_end{}; ///< end of the last slot
  duration restart_allowance{};
  bool fits = true;           ///< false: the rate was raised so that the deadline holds
  double effective_rate = 0;  ///< arrivals a second while leaving, as planned
  std::uint64_t overflow = 0; ///< clients that the configured rate would have left behind
  std::uint64_t seed = 0;
  std::vector<drain_target> targets; ///< without those of weight 0; empty: no other node

  /// What the `i`-th leased client of a shard gets, `i` from 0.
  planned_leave leased_leave(const drain_share& share, std::uint64_t i) const;

  /// When the `i`-th plain client of a shard is closed.
  duration plain_leave(const drain_share& share, std::uint64_t i) const;

private:
  duration moment(const arrival_pace& pace, std::uint64_t slot) const;
  duration stray(std::uint64_t number) const;
  std::uint32_t target_of(std::uint64_t rank) const;
};

/// What a plan is made from.
struct drain_plan_input {
  drain_config config;
  duration close_timeout{}; ///< of the limits: how long a close handshake may take
  drain_population population;
  std::vector<drain_target> targets; ///< empty: no other node can take over
  std::uint64_t seed = 0;            ///< decides the moment inside each slot
  duration spent{};                  ///< of the drain's time, already used since t
};

/// Plans a drain. The last close begins early enough for flush and close to fit in front of
/// drain_deadline(). Where the rate does not allow that, the deadline wins.
drain_plan plan_drain(const drain_plan_input& input);

/// The arrivals that leases send to one target.
struct target_arrivals {
  std::string name;
  std::uint64_t clients = 0;
  double arrivals_per_second = 0;
};

/// What a drain would do if it began now; `drain --plan` prints it.
struct drain_forecast {
  drain_population population;
  bool other_nodes = false;
  duration lb_grace{};
  duration planned_end{}; ///< from t: the last slot has ended
  duration deadline{};    ///< from t: drain_deadline()
  bool fits = true;
  std::uint64_t overflow = 0;
  double arrivals_per_second = 0;       ///< while leaving, leased and plain
  std::vector<target_arrivals> targets; ///< leased clients only
  double undirected_per_second = 0;     ///< plain clients: they go where their way leads
  std::uint64_t likely_forced = 0;      ///< zombies and slow consumers
  duration longest{};                   ///< longest_drain()
  std::vector<std::string>
    callbacks; ///< names of the cleanup callbacks; the planner's caller knows
};

/// The forecast for a plan from the same input.
drain_forecast forecast_drain(const drain_plan_input& input);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_config& x) {
  return f(x.lb_grace, x.notify_clients, x.drain_timeout, x.reconnect_rate, x.restart_allowance,
           x.message_flush_timeout, x.force_close_timeout, x.cleanup_timeout);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_wishes& x) {
  return f(x.lb_grace, x.drain_timeout, x.reconnect_rate);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_population& x) {
  return f(x.leased, x.plain, x.zombies, x.slow_consumers, x.callbacks);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_target& x) {
  return f(x.name, x.weight);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_share& x) {
  return f(x.first_leased, x.first_plain);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, arrival_pace& x) {
  return f(x.clients, x.per);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_plan& x) {
  return f(x.leased, x.plain, x.leased_step, x.plain_step, x.notify, x.leaving, x.returning,
           x.window, x.grace, x.planned_end, x.restart_allowance, x.fits, x.effective_rate,
           x.overflow, x.seed, x.targets);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, target_arrivals& x) {
  return f(x.name, x.clients, x.arrivals_per_second);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_forecast& x) {
  return f(x.population, x.other_nodes, x.lb_grace, x.planned_end, x.deadline, x.fits, x.overflow,
           x.arrivals_per_second, x.targets, x.undirected_per_second, x.likely_forced, x.longest,
           x.callbacks);
}

} // namespace holdfast
