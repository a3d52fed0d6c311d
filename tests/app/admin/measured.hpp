// A node of which everything is known, with every number another one.
#pragma once

#include "app/admin/metrics.hpp"

#include <utility>

namespace holdfast::test {

inline shard_counters measured_counters() {
  using namespace std::chrono_literals;
  shard_counters x;
  x.sockets = 120;
  x.admitted = 101;
  x.ended = 51;
  for (std::size_t i = 0; i < refusal_count; ++i)
    x.refused[i] = 1000 + i;
  for (std::size_t i = 0; i < state_count; ++i)
    x.in_state[i] = 200 + i;
  x.in = {301, 302};
  x.out = {303, 304};
  x.pings = 401;
  x.pongs = 402;
  x.missed = 403;
  x.suspects = 404;
  x.zombies = 405;
  x.slow_consumers = 406;
  x.mended = 407;
  x.forced = 408;
  x.queued_bytes = 409;
  x.closed.add(cause::kicked, close_code::kicked, 7);
  x.closed.add(cause::peer_closed, static_cast<close_code>(3333), 8);
  x.rtt.add(3ms);
  x.rtt.add(30ms);
  x.rtt.add(1h);
  x.handshake.add(1500us);
  return x;
}

inline vitals_status measured_vitals() {
  using namespace std::chrono_literals;
  vitals_status x;
  x.totals = measured_counters();
  x.receipts = 501;
  x.lag.resize(2);
  x.lag[0].add(90us);
  x.lag[1].add(2ms);
  x.lag[1].add(20s);
  x.heartbeat_success = {0.875, 40};
  x.zombie_ratio = {0.0625, 32};
  for (std::size_t i = 0; i < alert_count; ++i) {
    x.alerts.emplace_back();
    x.alerts.back().name = static_cast<alert_name>(i);
    x.alerts.back().active = x.alerts.back().name == alert_name::zombie_ratio;
  }
  x.drains = 2;
  x.drain_duration = 1500ms;
  x.cleanups = 4;
  x.cleanups_failed = 1;
  return x;
}

inline admin::metrics_input measured() {
  using namespace std::chrono_literals;
  admin::metrics_input x;
  x.version = "1.2.3";
  x.started = wall_time{1700000000250ms};
  x.log_lines_lost = 11;
  x.process = {5000, 60, 1024, 2500ms};
  x.vitals = measured_vitals();
  x.pool.emplace();
  x.pool->connections = 50;
  x.pool->limit = 200;
  x.pool->reserve = 20;
  x.pool->users = 33;
  x.pool->users_at_limit = 3;
  x.actors.emplace();
  for (auto [name, kind] :
       {std::pair{"pool/0", "pool_member"}, {"pool/1", "pool_member"}, {"health", "health"}}) {
    actor_view view;
    view.name = name;
    view.kind = kind;
    view.mailbox = 2;
    view.messages = 100;
    view.restarts = 1;
    view.busy = 250ms;
    x.actors->push_back(view);
  }
  x.drain.emplace();
  x.drain->phase = drain_phase::draining;
  return x;
}

} // namespace holdfast::test
