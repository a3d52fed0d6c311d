// How the node does: what its counters say of the last seconds and minutes.
#pragma once

#include "protocol/alerts.hpp"
#include "protocol/counters.hpp"
#include "protocol/time.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace holdfast {

/// The counts that rates and ratios are made of, of the whole node. Monotonic.
struct vitals_totals {
  std::uint64_t sockets = 0;
  std::uint64_t admitted = 0;
  std::uint64_t ended = 0;
  std::uint64_t refused = 0; ///< for whatever reason
  std::uint64_t pongs = 0;
  std::uint64_t missed = 0;
  std::uint64_t zombies = 0;
  std::uint64_t cleanups_failed = 0;
  traffic in;
  traffic out;
  reply_histogram rtt;
  lag_histogram lag;
};

/// `cleanups_failed` is counted elsewhere.
vitals_totals totals_of(const shard_counters& sum, std::uint64_t cleanups_failed);

/// Remembers totals for a span of time, so that a rate or a ratio can be told of it: at most
/// `parts` + 2 of them, `span` / `parts` apart. Not thread-safe.
class vitals_window {
public:
  struct sample {
    time_point at{};
    vitals_totals totals;
  };

  /// `from` is what has been counted at `start`.
  vitals_window(duration span, unsigned parts, time_point start, const vitals_totals& from = {});

  /// To be called at least as often as the parts are long; more often is harmless.
  void note(time_point now, const vitals_totals& totals);

  /// The youngest sample that is at least `span` old; before there is one, the first. A window may
  /// thus be up to two parts longer than `span`, and whatever the process was stopped for.
  const sample& begin() const { return samples_.front(); }

  duration span() const { return span_; }

private:
  duration span_;
  duration part_;
  std::deque<sample> samples_;
};

/// A share of events, 0..1; it says nothing where there was no event.
struct vitals_ratio {
  double value = 0;
  std::uint64_t events = 0;
};

/// Pings that were answered, of those that were answered or missed since `from`.
vitals_ratio heartbeat_success(const vitals_totals& from, const vitals_totals& now);

/// Connections that became zombies since `from`, of those that were there at any time since.
vitals_ratio zombie_ratio(const vitals_totals& from, const vitals_totals& now);

/// A second, over some ten seconds.
struct vitals_rates {
  double accepted = 0;
  double refused = 0;
  double opened = 0;
  double closed = 0;
  double messages_in = 0;
  double bytes_in = 0;
  double messages_out = 0;
  double bytes_out = 0;
};

/// All zero when less than half a second has passed: that is no time to tell a rate of.
vitals_rates rates(const vitals_window::sample& from, time_point now, const vitals_totals& totals);

/// The two that are usually asked for; zero without a sample.
struct vitals_quantiles {
  duration p50{};
  duration p99{};
  std::uint64_t samples = 0;
};

template <class Bounds>
vitals_quantiles quantiles_of(const histogram<Bounds>& h) {
  return {h.quantile(0.5).value_or(duration{}), h.quantile(0.99).value_or(duration{}), h.count()};
}

/// All that is measured of a node.
struct vitals_status {
  shard_counters totals; ///< of all shards, since the start
  std::uint64_t receipts = 0;
  std::vector<lag_histogram> lag; ///< by shard, since the start
  vitals_rates rates;
  duration window{}; ///< over which the next four were told: alerts.window, less after the start
  vitals_ratio heartbeat_success;
  vitals_ratio zombie_ratio;
  vitals_quantiles rtt;
  vitals_quantiles loop_lag;
  std::vector<alert_status> alerts; ///< all five, in their order
  std::uint64_t drains = 0;         ///< begun so far
  duration drain_duration{};        ///< of the last one, from t to its last receipt, or so far
  std::uint64_t cleanups = 0;
  std::uint64_t cleanups_failed = 0; ///< of these
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, vitals_ratio& x) {
  return f(x.value, x.events);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, vitals_rates& x) {
  return f(x.accepted, x.refused, x.opened, x.closed, x.messages_in, x.bytes_in, x.messages_out,
           x.bytes_out);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, vitals_quantiles& x) {
  return f(x.p50, x.p99, x.samples);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, vitals_status& x) {
  return f(x.totals, x.receipts, x.lag, x.rates, x.window, x.heartbeat_success, x.zombie_ratio,
           x.rtt, x.loop_lag, x.alerts, x.drains, x.drain_duration, x.cleanups, x.cleanups_failed);
}

} // namespace holdfast
