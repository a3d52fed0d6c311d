// What a run has to say, as one JSON object or as a table for people.
#pragma once

#include "protocol/time.hpp"
#include "tests/benchmark/load/fleet.hpp"
#include "tests/benchmark/load/histogram.hpp"
#include "tests/benchmark/load/process.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::load {

using json = nlohmann::ordered_json;

/// `value` with `digits` behind the point; null if it is no number (nothing was counted).
inline json rounded(double value, int digits) {
  if (!std::isfinite(value))
    return nullptr;
  if (digits == 0)
    return std::llround(value);
  auto scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

inline double seconds_of(duration d) {
  return std::chrono::duration<double>{d}.count();
}

inline duration to_duration(double seconds) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>{seconds});
}

/// Wall and CPU time of a part of a run; counts from its construction.
class meter {
public:
  explicit meter(const observed_process& server)
    : server_{server},
      began_{fleet::now()},
      server_cpu_{server.cpu()},
      own_cpu_{own_cpu_time()} {}

  /// Ends the part.
  void stop() {
    wall_ = fleet::now() - began_;
    own_cpu_ = own_cpu_time() - own_cpu_;
    auto cpu = server_.cpu();
    server_cpu_ = cpu && server_cpu_ ? std::optional<duration>{*cpu - *server_cpu_} : std::nullopt;
  }

  double wall() const { return seconds_of(wall_); }

  /// CPU seconds of the server; NaN if it is not known.
  double server_cpu() const { return server_cpu_ ? seconds_of(*server_cpu_) : NAN; }

  /// Adds the part's CPU to `report`. `each` names what there were `count` of.
  void add_to(json& report, const std::string& each, std::uint64_t count) const {
    report["seconds"] = rounded(wall(), 3);
    if (server_cpu_)
      report["server"]
        = {{"cpu_s", rounded(server_cpu(), 3)},
           {"cpu_percent_of_a_core", rounded(100 * server_cpu() / wall(), 2)},
           {"cpu_us_per_" + each, rounded(1e6 * server_cpu() / static_cast<double>(count), 3)}};
    report["generator_cpu_percent"] = rounded(100 * seconds_of(own_cpu_) / wall(), 1);
  }

private:
  const observed_process& server_;
  time_point began_;
  duration wall_{};
  std::optional<duration> server_cpu_;
  duration own_cpu_;
};

/// Events counted in bins of one second from a common start.
class second_bins {
public:
  void add(duration since_start) {
    auto bin
      = static_cast<std::size_t>(std::max<duration>(since_start, {}) / std::chrono::seconds{1});
    if (bin >= bins_.size())
      bins_.resize(bin + 1);
    ++bins_[bin];
    first_ = total_ == 0 ? since_start : std::min(first_, since_start);
    last_ = total_ == 0 ? since_start : std::max(last_, since_start);
    ++total_;
  }

  std::uint64_t total() const { return total_; }
  duration first() const { return first_; }
  duration last() const { return last_; }

  /// `mean` is over the time between the first and the last event, of one second at least.
  json to_json() const {
    auto used = std::find_if(bins_.begin(), bins_.end(), [](auto n) { return n > 0; });
    auto span = std::max(1.0, seconds_of(last_ - first_));
    return {{"total", total_},
            {"first_s", rounded(seconds_of(first_), 3)},
            {"last_s", rounded(seconds_of(last_), 3)},
            {"max_per_s", bins_.empty() ? 0 : *std::max_element(bins_.begin(), bins_.end())},
            {"mean_per_s", rounded(static_cast<double>(total_) / span, 1)},
            {"bins_from_s", used - bins_.begin()},
            {"bins", std::vector<std::uint64_t>(used, bins_.end())}};
  }

private:
  std::vector<std::uint64_t> bins_;
  std::uint64_t total_ = 0;
  duration first_{};
  duration last_{};
};

inline json microseconds(const histogram& h) {
  auto us = [](duration d) { return rounded(static_cast<double>(d.count()) / 1e3, 1); };
  return {{"p50", us(h.quantile(0.5))},
          {"p90", us(h.quantile(0.9))},
          {"p99", us(h.quantile(0.99))},
          {"max", us(h.max())}};
}

/// The beginning of every report.
inline json begin_report(const std::string& mode, const std::string& url, std::size_t asked,
                         const fleet& all) {
  json connections = {{"asked", asked}, {"opened", all.opened()}};
  if (!all.refusals().empty())
    connections["refused"] = all.refusals();
  return {{"mode", mode}, {"url", url}, {"connections", connections}};
}

/// Collects what did not hold; a run with an entry ends with exit code 1.
class verdict {
public:
  /// `count` of `what` should have been none.
  void none(std::uint64_t count, const std::string& what) {
    if (count != 0)
      failures_.push_back(std::to_string(count) + " " + what);
  }

  void demand(bool held, const std::string& otherwise) {
    if (!held)
      failures_.push_back(otherwise);
  }

  /// What every mode demands of its clients.
  void whole_fleet(std::size_t asked, const fleet& all) {
    none(asked - all.opened(), "connections were refused");
    none(all.garbled(), "connections got what is no WebSocket, or fragments");
  }

  const std::vector<std::string>& failures() const { return failures_; }

private:
  std::vector<std::string> failures_;
};

inline std::string table_text(const json& value) {
  if (value.is_null())
    return "unknown";
  if (value.empty())
    return "none";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Prints `report` as an indented table, underscores as spaces.
inline void print_table(const json& report, int indent = 0) {
  for (auto& [key, value] : report.items()) {
    auto label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    auto nested = value.is_object() && !value.empty();
    std::printf("%*s%-*s %s\n", indent, "", 38 - indent, label.c_str(),
                nested ? "" : table_text(value).c_str());
    if (nested)
      print_table(value, indent + 2);
  }
}

} // namespace holdfast::load
