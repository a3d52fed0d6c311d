// Mode drain: the server is told to end, and every client writes down how it was let go.
#pragma once

#include "tests/benchmark/load/options.hpp"
#include "tests/benchmark/load/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::load {

/// Counts closes and leases by second after the signal. Leases are only written down: nobody comes
/// back.
class drain_traffic : public traffic {
public:
  explicit drain_traffic(std::size_t clients) : leases_(clients) {}

  /// The signal was sent.
  void start(time_point at) { start_ = at; }

  void received(client& c, std::string_view payload, time_point at) override {
    if (!c.leased)
      return;
    auto message = nlohmann::json::parse(payload, nullptr, false);
    if (!message.is_object() || message.value("type", "") != "drain")
      return;
    auto lease = message.value("lease", nlohmann::json::object());
    auto after = lease.is_object() ? lease.find("after_ms") : lease.end();
    if (!start_ || after == lease.end() || !after->is_number_integer()) {
      ++bad_leases;
      return;
    }
    ++leases_[c.index];
    arrivals.add(at - *start_ + std::chrono::milliseconds{after->get<std::int64_t>()});
  }

  void close_received(client& c, time_point at) override {
    ++codes[std::to_string(c.close_code)];
    if (!start_) {
      ++early;
      return;
    }
    (c.leased ? leased_closes : plain_closes).add(at - *start_);
    last_close = std::max(last_close, at - *start_);
    without_lease += c.leased && leases_[c.index] == 0 ? 1 : 0;
  }

  void ended(client& c, time_point) override { unclean += c.close_heard ? 0 : 1; }

  second_bins leased_closes;
  second_bins plain_closes;
  second_bins arrivals; ///< as the leases plan them
  std::map<std::string, std::uint64_t> codes;
  std::uint64_t unclean = 0;       ///< ended without a close frame
  std::uint64_t early = 0;         ///< closed before the signal
  std::uint64_t bad_leases = 0;    ///< `drain` messages without a lease, or before the signal
  std::uint64_t without_lease = 0; ///< holdfast.v1 clients closed without one
  duration last_close{};

private:
  std::optional<time_point> start_;
  std::vector<std::uint32_t> leases_;
};

/// Whether client `index` is among the `share` that speaks holdfast.v1; they are evenly mixed in.
inline bool speaks_v1(std::size_t index, double share) {
  auto i = static_cast<double>(index);
  return std::floor((i + 1) * share) > std::floor(i * share);
}

/// When the last plain client should be closed by a lone node, in seconds: one a slot at the rate,
/// or faster where they would not fit in front of the deadline.
inline double planned_seconds(const planned_drain& plan, std::uint64_t plain) {
  auto window = plan.drain_timeout - plan.flush_timeout - plan.close_timeout;
  return std::min(static_cast<double>(plain) / plan.reconnect_rate, std::max(window, 0.0));
}

/// What a lone node's clients should see, beside what they saw.
inline json compare(const planned_drain& plan, std::uint64_t plain, std::uint64_t leased,
                    const drain_traffic& events) {
  auto planned = planned_seconds(plan, plain);
  auto actual = seconds_of(events.last_close);
  auto first = planned + plan.restart_allowance;
  return {{"planned_s", rounded(planned, 3)},
          {"actual_s", rounded(actual, 3)},
          {"off_percent", rounded(100 * (actual - planned) / planned, 1)},
          {"planned_rate_per_s", rounded(plan.reconnect_rate, 1)},
          {"planned_first_arrival_s", rounded(first, 3)},
          {"planned_last_arrival_s",
           rounded(first + static_cast<double>(leased) / plan.reconnect_rate, 3)}};
}

inline void judge_drain(const drain_traffic& events, const fleet& all, verdict& judge) {
  judge.none(events.early, "connections were closed before the drain");
  judge.none(events.unclean, "connections ended without a close frame");
  judge.none(events.bad_leases, "drain messages had no lease or came unasked");
  judge.none(events.without_lease, "holdfast.v1 clients were closed without a lease");
  judge.none(all.living(), "connections outlived the drain");
}

/// What the clients saw.
inline void add_closes(json& report, const drain_traffic& events, const fleet& all) {
  report["close_codes"] = events.codes;
  report["unclean_ends"] = events.unclean;
  report["still_connected"] = all.living();
  report["closes_of_plain_clients"] = events.plain_closes.to_json();
  report["closes_of_v1_clients"] = events.leased_closes.to_json();
  report["arrivals_by_lease"] = events.arrivals.to_json();
}

/// Drains the server of `run.server_pid`.
inline json run_drain(const run_options& run, const drain_options& options, verdict& judge) {
  observed_process server{run.server_pid};
  drain_traffic events{run.connections};
  fleet all{parse_target(run.url), run.connections, events};
  all.open(run.how, [&](std::size_t i) {
    return identity{run.user_of(i), speaks_v1(i, options.share_v1)};
  });
  all.run(fleet::now() + std::chrono::seconds{1}); // verdicts and greetings are part of opening
  auto& clients = all.clients();
  auto leased
    = static_cast<std::size_t>(std::count_if(clients.begin(), clients.end(), [](const client& c) {
        return c.leased && c.state == client_state::open;
      }));
  auto plain = all.open_now() - leased;

  all.watch(server.descriptor());
  auto start = fleet::now();
  events.start(start);
  server.terminate();
  auto ended = all.run_until(start + to_duration(options.give_up),
                             [&] { return all.living() == 0 && server.ended(); });
  auto exit = ended ? rounded(seconds_of(fleet::now() - start), 3) : json(nullptr);

  auto report = begin_report("drain", run.url, run.connections, all);
  report["connections"].update(json{{"holdfast_v1", leased}, {"plain", plain}});
  if (options.plan.reconnect_rate > 0)
    report["duration"] = compare(options.plan, plain, leased, events);
  report["process_ended_s"] = exit;
  add_closes(report, events, all);
  judge.whole_fleet(run.connections, all);
  judge_drain(events, all, judge);
  judge.demand(server.ended(), "the server's process did not end");
  return report;
}

} // namespace holdfast::load
