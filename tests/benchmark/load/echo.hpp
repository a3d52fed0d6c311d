// Mode echo: messages sent back and compared byte by byte.
#pragma once

#include "tests/benchmark/load/options.hpp"
#include "tests/benchmark/load/report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::load {

/// Keeps `inflight` messages on their way on every connection and checks each that comes back.
class echo_traffic : public traffic {
public:
  echo_traffic(std::size_t clients, const echo_options& options)
    : options_{options},
      expected_(clients),
      sent_at_(clients * options.inflight) {
    // Printable, and no two neighbouring bytes alike: a shifted echo is noticed.
    for (std::size_t i = 0; i < options.size; ++i)
      text_.push_back(static_cast<char>('!' + i * 7 % 94));
  }

  /// Begins on all open clients.
  void start(fleet& all) {
    all_ = &all;
    for (auto& c : all.clients()) {
      if (c.state != client_state::open)
        continue;
      for (std::size_t k = 0; k < options_.inflight; ++k)
        send_next(c, k, fleet::now());
      all.flush(c);
    }
  }

  void received(client& c, std::string_view payload, time_point at) override {
    if (all_ == nullptr)
      return; // a greeting
    auto number = expected_[c.index]++;
    mismatched += payload == numbered(number) ? 0 : 1;
    --on_their_way;
    if (measuring) {
      ++echoed;
      latency.record(at - sent_at(c, number));
    }
    if (!stopping)
      send_next(c, number + options_.inflight, at);
  }

  void ended(client& c, time_point) override { dropped += c.close_begun ? 0 : 1; }

  bool measuring = false;
  bool stopping = false;
  std::uint64_t echoed = 0; ///< while measuring
  std::uint64_t mismatched = 0;
  std::uint64_t dropped = 0;
  std::uint64_t on_their_way = 0;
  histogram latency;

private:
  // The message with this number on its connection: the number's last hexadecimal digits, as many
  // of 16 as there is room for, then the text.
  const std::string& numbered(std::uint64_t number) {
    auto digits = std::min<std::size_t>(16, text_.size());
    for (auto i = digits; i-- > 0; number >>= 4)
      text_[i] = "0123456789abcdef"[number & 15];
    return text_;
  }

  time_point& sent_at(const client& c, std::uint64_t number) {
    return sent_at_[c.index * options_.inflight + number % options_.inflight];
  }

  void send_next(client& c, std::uint64_t number, time_point at) {
    all_->send(c, options_.binary ? opcode::binary : opcode::text, numbered(number));
    sent_at(c, number) = at;
    ++on_their_way;
  }

  echo_options options_;
  fleet* all_ = nullptr;
  std::string text_;
  std::vector<std::uint64_t> expected_;
  std::vector<time_point> sent_at_;
};

inline void judge_echo(const echo_traffic& events, verdict& judge) {
  judge.demand(events.echoed > 0, "no message came back while measuring");
  judge.none(events.mismatched, "messages came back changed");
  judge.none(events.dropped, "connections were dropped");
  judge.none(events.on_their_way, "messages never came back");
}

/// Echoes for a while and measures after a warm-up.
inline json run_echo(const run_options& run, const echo_options& options, verdict& judge) {
  observed_process server{run.server_pid};
  echo_traffic events{run.connections, options};
  fleet all{parse_target(run.url), run.connections, events};
  all.open(run.how, [&](std::size_t i) { return identity{run.user_of(i)}; });
  events.start(all);
  all.run(fleet::now() + to_duration(options.warmup));
  events.measuring = true;
  meter part{server};
  all.run(fleet::now() + to_duration(options.seconds));
  part.stop();
  events.measuring = false;
  events.stopping = true;
  all.run_until(fleet::now() + std::chrono::seconds{10}, [&] { return events.on_their_way == 0; });

  auto report = begin_report("echo", run.url, run.connections, all);
  report["inflight"] = options.inflight;
  report["bytes"] = options.size;
  report["messages"] = events.echoed;
  report["messages_per_s"] = rounded(static_cast<double>(events.echoed) / part.wall(), 0);
  report["latency_us"] = microseconds(events.latency);
  part.add_to(report, "message", events.echoed);
  judge_echo(events, judge);
  judge.whole_fleet(run.connections, all);
  judge.none(all.close_all(), "closes were not answered");
  return report;
}

} // namespace holdfast::load
