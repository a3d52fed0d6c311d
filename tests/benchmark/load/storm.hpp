// Mode storm: everyone connects at once.
#pragma once

#include "tests/benchmark/load/options.hpp"
#include "tests/benchmark/load/report.hpp"

namespace holdfast::load {

/// Counts how long handshakes take.
class storm_traffic : public traffic {
public:
  void opened(client& c, time_point at) override { handshakes.record(at - c.began); }

  void ended(client& c, time_point) override { dropped += c.close_begun ? 0 : 1; }

  histogram handshakes;
  std::uint64_t dropped = 0;
};

/// Opens `run.connections` as fast as the window of handshakes in progress allows.
inline json run_storm(const run_options& run, verdict& judge) {
  observed_process server{run.server_pid};
  storm_traffic events;
  fleet all{parse_target(run.url), run.connections, events};
  meter storm{server};
  all.open(run.how, [&](std::size_t i) { return identity{run.user_of(i)}; });
  storm.stop();
  auto opened = static_cast<double>(all.opened());

  auto report = begin_report("storm", run.url, run.connections, all);
  report["in_progress_at_most"] = run.how.window;
  report["connections_per_s"] = rounded(opened / storm.wall(), 0);
  report["handshakes_per_server_cpu_s"] = rounded(opened / storm.server_cpu(), 0);
  report["handshake_us"] = microseconds(events.handshakes);
  storm.add_to(report, "handshake", all.opened());

  judge.none(events.dropped, "connections were dropped");
  judge.whole_fleet(run.connections, all);
  judge.none(all.close_all(), "closes were not answered");
  return report;
}

} // namespace holdfast::load
