#include "app/admin/metrics.hpp"

#include "app/admin/exposition.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace holdfast::admin {

namespace {

using kind = metric_kind;

class metrics_page {
public:
  explicit metrics_page(const metrics_input& x) : x_{x} {}

  std::string render() {
    connections();
    handshakes();
    heartbeat();
    traffic();
    shutdown();
    actors();
    node();
    process();
    for (auto& x : x_.of_users) {
      out_.family(x.name, x.is_gauge ? kind::gauge : kind::counter, x.help);
      out_.sample(static_cast<double>(x.value));
    }
    return out_.take();
  }

private:
  /// A metric that is one number of an answer; without the answer it has no sample.
  template <class Whole, class Get>
  void one(std::string_view name, kind of, std::string_view help, const std::optional<Whole>& from,
           Get get) {
    out_.family(name, of, help);
    if (from)
      out_.sample(get(*from));
  }

  void count(std::string_view name, std::string_view help, std::uint64_t shard_counters::*what) {
    one(name, kind::counter, help, x_.vitals, [=](auto& v) { return v.totals.*what; });
  }

  void ratio(std::string_view name, std::string_view help, vitals_ratio vitals_status::*what) {
    out_.family(name, kind::gauge, help);
    if (x_.vitals && ((*x_.vitals).*what).events > 0)
      out_.sample(((*x_.vitals).*what).value);
  }

  void connections() {
    out_.family("holdfast_connections", kind::gauge, "Connections by state.");
    for (std::size_t i = 0; x_.vitals && i < state_count; ++i)
      if (auto state = static_cast<connection_state>(i); state != connection_state::closed)
        out_.sample(x_.vitals->totals.in_state[i], {{"state", to_string(state)}});
    one("holdfast_connections_limit", kind::gauge, "Connections that the node takes at most.",
        x_.pool, [](auto& p) { return p.limit; });
    one("holdfast_connections_reserve", kind::gauge, "Of these, kept for priority users.", x_.pool,
        [](auto& p) { return p.reserve; });
    out_.family("holdfast_pool_utilisation_ratio", kind::gauge, "Connections of the limit.");
    if (x_.pool && x_.pool->limit > 0)
      out_.sample(static_cast<double>(x_.pool->connections) / static_cast<double>(x_.pool->limit));
    one("holdfast_users", kind::gauge, "Users with a connection.", x_.pool,
        [](auto& p) { return p.users; });
    one("holdfast_users_at_limit", kind::gauge, "Users with as many connections as one may have.",
        x_.pool, [](auto& p) { return p.users_at_limit; });
    count("holdfast_connections_admitted_total", "Connections that were let in.",
          &shard_counters::admitted);
    out_.family("holdfast_connections_closed_total", kind::counter,
                "Connections that ended, by cause and close code.");
    if (x_.vitals)
      for (auto& each : x_.vitals->totals.closed.entries())
        out_.sample(each.count, {{"cause", to_string(each.why)}, {"code", to_string(each.code)}});
  }

  void handshakes() {
    count("holdfast_sockets_accepted_total", "Sockets accepted from the kernel.",
          &shard_counters::sockets);
    out_.family("holdfast_handshakes_refused_total", kind::counter,
                "Sockets and requests that were refused, by reason.");
    for (std::size_t i = 0; x_.vitals && i < refusal_count; ++i)
      out_.sample(x_.vitals->totals.refused[i], {{"reason", to_string(static_cast<refusal>(i))}});
    one("holdfast_handshake_seconds", kind::histogram,
        "From a socket's accept to the verdict on its user.", x_.vitals,
        [](auto& v) { return v.totals.handshake; });
  }

  void heartbeat() {
    count("holdfast_pings_total", "Pings sent.", &shard_counters::pings);
    count("holdfast_pongs_total", "Pings that were answered.", &shard_counters::pongs);
    count("holdfast_pongs_missed_total", "Pings after which no frame came in time.",
          &shard_counters::missed);
    one("holdfast_heartbeat_rtt_seconds", kind::histogram, "From a ping to its pong.", x_.vitals,
        [](auto& v) { return v.totals.rtt; });
    count("holdfast_suspects_total", "Times that a connection became suspect.",
          &shard_counters::suspects);
    count("holdfast_zombies_total", "Times that a connection became a zombie.",
          &shard_counters::zombies);
    ratio("holdfast_heartbeat_success_ratio",
          "Answered of answered and missed pings, over alerts.window.",
          &vitals_status::heartbeat_success);
    ratio("holdfast_zombie_ratio", "Zombies of connections, over alerts.window.",
          &vitals_status::zombie_ratio);
  }

  void traffic() {
    auto flow
      = [&](std::string_view name, std::string_view help, holdfast::traffic shard_counters::*way,
            std::uint64_t holdfast::traffic::*what) {
          one(name, kind::counter, help, x_.vitals, [=](auto& v) { return v.totals.*way.*what; });
        };
    flow("holdfast_messages_received_total", "Messages handed to handlers.", &shard_counters::in,
         &holdfast::traffic::messages);
    flow("holdfast_received_bytes_total", "Payload of these.", &shard_counters::in,
         &holdfast::traffic::bytes);
    flow("holdfast_messages_sent_total", "Messages taken by sockets or their queues.",
         &shard_counters::out, &holdfast::traffic::messages);
    flow("holdfast_sent_bytes_total", "Payload of these.", &shard_counters::out,
         &holdfast::traffic::bytes);
    one("holdfast_queued_bytes", kind::gauge, "What waits in queues for sockets to take it.",
        x_.vitals, [](auto& v) { return v.totals.queued_bytes; });
    count("holdfast_slow_consumers_total", "Connections closed because they read too slowly.",
          &shard_counters::slow_consumers);
  }

  void shutdown() {
    out_.family("holdfast_drain_phase", kind::gauge, "1 for the phase in which the node is.");
    for (int i = 0; x_.drain && i <= static_cast<int>(drain_phase::finished); ++i) {
      auto phase = static_cast<drain_phase>(i);
      out_.sample(std::uint64_t{phase == x_.drain->phase}, {{"phase", to_string(phase)}});
    }
    one("holdfast_drain_duration_seconds", kind::gauge,
        "The last drain, from the end of accepting to the last receipt, or so far.", x_.vitals,
        [](auto& v) { return v.drain_duration; });
    one("holdfast_drains_total", kind::counter, "Drains begun.", x_.vitals,
        [](auto& v) { return v.drains; });
    count("holdfast_forced_closes_total", "Connections that a drain could not wait for.",
          &shard_counters::forced);
    one("holdfast_cleanups_total", kind::counter, "Cleanup callbacks run.", x_.vitals,
        [](auto& v) { return v.cleanups; });
    one("holdfast_cleanups_failed_total", kind::counter, "Of these, failed or late.", x_.vitals,
        [](auto& v) { return v.cleanups_failed; });
    out_.family("holdfast_cleanup_success_ratio", kind::gauge, "Cleanup callbacks that succeeded.");
    if (x_.vitals && x_.vitals->cleanups > 0) {
      auto run = static_cast<double>(x_.vitals->cleanups);
      out_.sample((run - static_cast<double>(x_.vitals->cleanups_failed)) / run);
    }
  }

  struct of_kind {
    std::uint64_t mailbox = 0;
    std::uint64_t messages = 0;
    std::uint64_t restarts = 0;
    duration busy{};
  };

  void actors() {
    std::map<std::string, of_kind> sums;
    for (auto& view : x_.actors.value_or(std::vector<actor_view>{})) {
      auto& sum = sums[view.kind];
      sum.mailbox += view.mailbox;
      sum.messages += view.messages;
      sum.restarts += view.restarts;
      sum.busy += view.busy;
    }
    auto each = [&](std::string_view name, kind of, std::string_view help, auto what) {
      out_.family(name, of, help);
      for (auto& [actor, sum] : sums)
        out_.sample(sum.*what, {{"kind", actor}});
    };
    each("holdfast_actor_mailbox_messages", kind::gauge,
         "Messages that waited for permanent actors.", &of_kind::mailbox);
    each("holdfast_actor_messages_total", kind::counter, "Messages handled.", &of_kind::messages);
    each("holdfast_actor_busy_seconds_total", kind::counter, "Time spent with these.",
         &of_kind::busy);
    each("holdfast_actor_restarts_total", kind::counter, "Restarts after failures.",
         &of_kind::restarts);
  }

  void node() {
    out_.family("holdfast_event_loop_lag_seconds", kind::histogram,
                "By how much a shard's tick came late.");
    for (std::size_t i = 0; x_.vitals && i < x_.vitals->lag.size(); ++i)
      out_.sample(x_.vitals->lag[i], {{"shard", std::to_string(i)}});
    count("holdfast_sweep_mended_total", "Counts that the sweep had to mend: each is a defect.",
          &shard_counters::mended);
    one("holdfast_receipts_total", kind::counter, "Receipts of closed connections.", x_.vitals,
        [](auto& v) { return v.receipts; });
    out_.family("holdfast_log_lines_lost_total", kind::counter, "Lines that the log had to drop.");
    out_.sample(x_.log_lines_lost);
    out_.family("holdfast_alert_active", kind::gauge, "1 while the node's own alert is raised.");
    if (x_.vitals)
      for (auto& alert : x_.vitals->alerts)
        out_.sample(std::uint64_t{alert.active}, {{"alert", to_string(alert.name)}});
    out_.family("holdfast_build_info", kind::gauge, "Always 1; the version is in the label.");
    out_.sample(std::uint64_t{1}, {{"version", x_.version}});
    out_.family("holdfast_start_time_seconds", kind::gauge,
                "When the node was started, Unix time.");
    out_.sample(duration{x_.started.time_since_epoch()});
  }

  void process() {
    out_.family("process_cpu_seconds_total", kind::counter, "CPU time of all threads.");
    out_.sample(x_.process.cpu);
    out_.family("process_resident_memory_bytes", kind::gauge, "Resident memory.");
    out_.sample(x_.process.resident_bytes);
    out_.family("process_open_fds", kind::gauge, "Open file descriptors.");
    out_.sample(x_.process.open_descriptors);
    out_.family("process_max_fds", kind::gauge, "Limit of open file descriptors.");
    out_.sample(x_.process.max_descriptors);
  }

  const metrics_input& x_;
  exposition out_;
};

} // namespace

std::string render_metrics(const metrics_input& x) {
  return metrics_page{x}.render();
}

} // namespace holdfast::admin
