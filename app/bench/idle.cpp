// Mode idle: connections that only answer pings.
#include "app/bench/figures.hpp"
#include "app/bench/interruption.hpp"
#include "app/bench/session.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace holdfast::bench {

namespace {

/// Counts pings by connection and by second, and who was dropped.
class idle_traffic : public traffic {
public:
  explicit idle_traffic(std::size_t clients) : seen_(clients) {}

  void received(client&, opcode, std::string_view, time_point) override { ++messages; }

  void pinged(client& c, time_point at) override {
    auto& mine = seen_[c.index];
    if (mine.pings > 0) {
      auto interval = at - mine.last;
      shortest_ = std::min(shortest_, interval);
      longest_ = std::max(longest_, interval);
      sum_ += interval;
      ++intervals_;
    }
    ++mine.pings;
    mine.last = at;
    ++pings;
    if (steady)
      by_second.add(at - *steady);
  }

  void ended(client& c, time_point) override { drops.add(c); }

  std::optional<interval_figures> interval() const {
    if (intervals_ == 0)
      return std::nullopt;
    return interval_figures{shortest_, sum_ / intervals_, longest_};
  }

  /// Fewest and most pings of a connection.
  std::pair<std::uint32_t, std::uint32_t> pings_each() const {
    auto less = [](const seen& a, const seen& b) { return a.pings < b.pings; };
    auto [low, high] = std::minmax_element(seen_.begin(), seen_.end(), less);
    return {low->pings, high->pings};
  }

  std::uint64_t messages = 0;
  std::uint64_t pings = 0;
  std::optional<time_point> steady; ///< since when `by_second` counts
  second_bins by_second;
  drop_count drops;

private:
  struct seen {
    std::uint32_t pings = 0;
    time_point last{};
  };

  std::vector<seen> seen_;
  std::int64_t intervals_ = 0;
  duration shortest_ = duration::max();
  duration longest_{};
  duration sum_{};
};

/// Sends one message on each connection; says how many were not answered in time.
std::uint64_t exchange_one(fleet& all, const idle_traffic& events, std::size_t bytes) {
  constexpr std::chrono::seconds limit{30};
  const std::string text(bytes, 'x');
  auto expected = events.messages;
  for (auto& c : all.clients()) {
    if (c.state != client_state::open)
      continue;
    all.send(c, opcode::text, text);
    all.flush(c);
    ++expected;
  }
  all.settle(limit, [&] { return events.messages >= expected; });
  return expected - std::min(expected, events.messages);
}

/// PSS of the server at moments of the run.
class memory_log {
public:
  memory_log(const observed_process& server, const fleet& all)
    : server_{server},
      all_{all},
      before_{server.pss()} {}

  /// Bytes of a connection by now.
  std::optional<std::int64_t> each() const {
    auto pss = server_.pss();
    if (!pss || !before_ || all_.opened() == 0)
      return std::nullopt;
    return std::llround(static_cast<double>(*pss - *before_) / static_cast<double>(all_.opened()));
  }

  std::optional<std::int64_t> before() const { return before_; }

private:
  const observed_process& server_;
  const fleet& all_;
  std::optional<std::int64_t> before_;
};

idle_figures figures_of(const idle_traffic& events, const fleet& all) {
  idle_figures figures;
  figures.open_at_end = all.open_now();
  figures.dropped = events.drops.by_cause();
  figures.pings = events.pings;
  figures.answered = all.pongs_sent();
  std::tie(figures.fewest, figures.most) = events.pings_each();
  figures.interval = events.interval();
  figures.steady = events.by_second.total();
  figures.by_second = events.by_second;
  return figures;
}

void judge(const idle_figures& figures, const idle_traffic& events, const idle_options& options,
           session& s) {
  verdict judge{s.result()};
  judge.no_drops(events.drops);
  judge.none(figures.pings - figures.answered, "ping", "got no pong from here in time");
  if (options.ping_interval == duration::zero() || s.result().interrupted)
    return;
  auto expected = std::max<std::int64_t>(options.seconds / options.ping_interval - 1, 0);
  judge.demand(figures.fewest >= expected,
               "a connection got " + counted(figures.fewest, "ping") + ", fewer than the "
                 + with_thousands(static_cast<std::uint64_t>(expected)) + " of --ping-interval");
}

} // namespace

void run(session& s, const idle_options& options) {
  constexpr std::chrono::seconds settling{1}; // what follows an upgrade is not part of idleness
  idle_traffic events{s.fleet_of_run().connections};
  fleet all{s.to(), s.fleet_of_run(), events, s.line()};
  memory_log memory{s.server(), all};
  memory_figures grown;
  all.open();
  all.run(fleet::now() + settling);
  grown.open = memory.each();
  if (options.exchange && !interrupted()) {
    auto missing = exchange_one(all, events, *options.exchange);
    verdict{s.result()}.none(missing, "message", "got no answer");
    all.run(fleet::now() + settling);
    grown.after_a_message = memory.each();
  }
  s.measure(all, {"idle", [&] { return events.pings; }, "pings", 0, options.seconds},
            [&](time_point begin, time_point) { events.steady = begin; });
  grown.at_end = memory.each();
  auto figures = figures_of(events, all);
  if (memory.before()) {
    grown.before = *memory.before();
    figures.memory = grown;
  }
  s.result().figures = figures;
  s.ended();
  judge(figures, events, options, s);
  verdict{s.result()}.whole_fleet(all);
  verdict{s.result()}.closes(all);
}

} // namespace holdfast::bench
