// Mode idle: connections that only answer pings.
#pragma once

#include "tests/benchmark/load/options.hpp"
#include "tests/benchmark/load/report.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace holdfast::load {

/// Counts pings by connection and by second, and who was dropped.
class idle_traffic : public traffic {
public:
  explicit idle_traffic(std::size_t clients) : seen_(clients) {}

  void received(client&, std::string_view, time_point) override { ++messages; }

  void pinged(client& c, time_point at) override {
    auto& mine = seen_[c.index];
    if (mine.pings > 0) {
      auto interval = at - mine.last;
      shortest = std::min(shortest, interval);
      longest = std::max(longest, interval);
      sum += interval;
      ++intervals;
    }
    ++mine.pings;
    mine.last = at;
    ++pings;
    if (steady)
      by_second.add(at - *steady);
  }

  void ended(client& c, time_point) override {
    if (!c.close_begun)
      ++drops[c.close_heard ? std::to_string(c.close_code) : "no close frame"];
  }

  json interval_ms() const {
    auto ms = [](duration d) { return rounded(static_cast<double>(d.count()) / 1e6, 1); };
    if (intervals == 0)
      return nullptr;
    return {{"min", ms(shortest)}, {"mean", ms(sum / intervals)}, {"max", ms(longest)}};
  }

  /// Fewest and most pings of a connection.
  std::pair<std::uint32_t, std::uint32_t> pings_each() const {
    auto less = [](const seen& a, const seen& b) { return a.pings < b.pings; };
    auto [low, high] = std::minmax_element(seen_.begin(), seen_.end(), less);
    return {low->pings, high->pings};
  }

  std::uint64_t messages = 0;
  std::uint64_t pings = 0;
  std::int64_t intervals = 0;
  duration shortest = duration::max();
  duration longest{};
  duration sum{};
  std::optional<time_point> steady; ///< since when `by_second` counts
  second_bins by_second;
  std::map<std::string, std::uint64_t> drops;

private:
  struct seen {
    std::uint32_t pings = 0;
    time_point last{};
  };

  std::vector<seen> seen_;
};

/// Sends one message on each connection; says how many were not answered in time.
inline std::uint64_t exchange_one(fleet& all, const idle_traffic& events, std::size_t bytes) {
  const std::string text(bytes, 'x');
  auto expected = events.messages;
  for (auto& c : all.clients()) {
    if (c.state != client_state::open)
      continue;
    all.send(c, opcode::text, text);
    all.flush(c);
    ++expected;
  }
  all.run_until(fleet::now() + std::chrono::seconds{30},
                [&] { return events.messages >= expected; });
  return expected - events.messages;
}

/// PSS of the server at moments of the run.
class memory_log {
public:
  memory_log(const observed_process& server, const fleet& all)
    : server_{server},
      all_{all},
      before_{server.pss()} {}

  void note(const std::string& when) {
    auto pss = server_.pss();
    if (pss && before_)
      report_["bytes_per_connection_" + when] = static_cast<std::int64_t>(
        std::llround(static_cast<double>(*pss - *before_) / static_cast<double>(all_.opened())));
  }

  void add_to(json& report) const {
    if (!before_)
      return;
    report["memory"] = {{"pss_kib_before", *before_ / 1024}};
    report["memory"].update(report_);
  }

private:
  const observed_process& server_;
  const fleet& all_;
  std::optional<std::int64_t> before_;
  json report_ = json::object();
};

inline json idle_report(const run_options& run, const idle_traffic& events, const fleet& all,
                        std::size_t open) {
  auto report = begin_report("idle", run.url, run.connections, all);
  report["connections"].update(json{{"open_at_end", open}, {"dropped", events.drops}});
  auto [fewest, most] = events.pings_each();
  report["pings"] = {{"received", events.pings},
                     {"answered", all.pongs_sent()},
                     {"fewest_on_a_connection", fewest},
                     {"most_on_a_connection", most},
                     {"interval_ms", events.interval_ms()},
                     {"by_second", events.by_second.to_json()}};
  return report;
}

/// Holds `run.connections` open for a while.
inline json run_idle(const run_options& run, const idle_options& options, verdict& judge) {
  observed_process server{run.server_pid};
  idle_traffic events{run.connections};
  fleet all{parse_target(run.url), run.connections, events};
  memory_log memory{server, all};
  constexpr std::chrono::seconds settling{1}; // what follows an upgrade is not part of idleness
  all.open(run.how, [&](std::size_t i) { return identity{run.user_of(i)}; });
  all.run(fleet::now() + settling);
  memory.note("open");
  if (options.exchange > 0) {
    judge.none(exchange_one(all, events, options.exchange), "messages were not answered");
    all.run(fleet::now() + settling);
    memory.note("after_a_message");
  }
  events.steady = fleet::now();
  auto pings_before = events.pings;
  meter steady{server};
  all.run(*events.steady + to_duration(options.seconds));
  steady.stop();
  memory.note("at_end");
  auto open = all.open_now();
  auto report = idle_report(run, events, all, open);
  memory.add_to(report);
  steady.add_to(report, "ping", events.pings - pings_before);

  judge.none(all.opened() - open, "connections were dropped");
  judge.none(events.pings - all.pongs_sent(), "pings were not answered");
  auto expected = options.ping_interval > 0 ? options.seconds / options.ping_interval - 1 : 0;
  judge.demand(events.pings_each().first >= expected,
               "a connection got fewer pings than the interval promises");
  judge.whole_fleet(run.connections, all);
  judge.none(all.close_all(), "closes were not answered");
  return report;
}

} // namespace holdfast::load
