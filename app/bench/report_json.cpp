// The report as a JSON object. Names that are there stay: scripts read them.
#include "app/bench/figures.hpp"
#include "app/bench/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace holdfast::bench {

namespace {

using json = nlohmann::ordered_json;

/// `value` with `digits` behind the point; null if there is none, or if it is no number (nothing
/// was counted).
json rounded(std::optional<double> value, int digits) {
  if (!value || !std::isfinite(*value))
    return nullptr;
  if (digits == 0)
    return std::llround(*value);
  auto scale = std::pow(10, digits);
  return std::round(*value * scale) / scale;
}

json rate_of(std::uint64_t count, duration time) {
  return rounded(static_cast<double>(count) / seconds_of(time), 0);
}

json microseconds(const histogram& h) {
  auto us = [](duration d) { return rounded(static_cast<double>(d.count()) / 1e3, 1); };
  if (h.count() == 0)
    return nullptr;
  return {
    {"min", us(h.min())},          {"p50", us(h.quantile(0.5))},     {"p90", us(h.quantile(0.9))},
    {"p99", us(h.quantile(0.99))}, {"p99.9", us(h.quantile(0.999))}, {"max", us(h.max())}};
}

json to_json(const second_bins& bins) {
  auto& all = bins.bins();
  auto used = std::find_if(all.begin(), all.end(), [](auto n) { return n > 0; });
  return {{"total", bins.total()},
          {"first_s", rounded(seconds_of(bins.first()), 3)},
          {"last_s", rounded(seconds_of(bins.last()), 3)},
          {"max_per_s", bins.busiest()},
          {"mean_per_s", rounded(bins.mean(), 1)},
          {"bins_from_s", used - all.begin()},
          {"bins", std::vector<std::uint64_t>(used, all.end())}};
}

/// What of the measured part stands in every report. `each` names what there were `count` of.
void add_part(json& to, const measured_part& part, const std::string& each, std::uint64_t count) {
  to["seconds"] = rounded(seconds_of(part.wall), 3);
  if (part.server_cpu) {
    auto us = rounded(server_us_per(part, count), 3);
    to["cpu_us_per_" + each] = us;
    to["server"] = {{"cpu_s", rounded(seconds_of(*part.server_cpu), 3)},
                    {"cpu_percent_of_a_core", rounded(percent_of_a_core(part, part.server_cpu), 2)},
                    {"cpu_us_per_" + each, us}};
  }
  to["generator_cpu_percent"] = rounded(percent_of_a_core(part, part.own_cpu), 1);
}

/// Adds what is special about a mode.
struct figure_writer {
  const report& of;
  json& to;

  void operator()(const echo_figures& f) const {
    auto& options = std::get<echo_options>(of.asked.mode);
    to["inflight"] = options.inflight;
    to["bytes"] = options.size;
    if (options.rate > 0) {
      to["rate"] = options.rate;
      to["late"] = f.late;
    }
    to["messages"] = f.messages;
    to["messages_per_s"] = rate_of(f.messages, of.part.wall);
    to["latency_us"] = microseconds(f.latency);
    add_part(to, of.part, "message", f.messages);
  }

  void operator()(const verify_figures& f) const {
    auto& options = std::get<verify_options>(of.asked.mode);
    to["verify"] = true;
    to["seed"] = options.seed;
    to["inflight"] = options.inflight;
    to["largest_bytes"] = options.size;
    to["messages"] = f.messages;
    to["bytes"] = f.bytes;
    to["mismatches"] = f.mismatches;
    to["pings"] = f.pings;
    to["pongs"] = f.pongs;
    add_part(to, of.part, "message", f.messages);
  }

  void operator()(const idle_figures& f) const {
    to["connections"].update(json{{"open_at_end", f.open_at_end}, {"dropped", f.dropped}});
    to["pings"] = {{"received", f.pings},
                   {"answered", f.answered},
                   {"fewest_on_a_connection", f.fewest},
                   {"most_on_a_connection", f.most},
                   {"interval_ms", interval(f.interval)},
                   {"by_second", to_json(f.by_second)}};
    if (f.memory)
      add_memory(*f.memory);
    add_part(to, of.part, "ping", f.steady);
    if (of.part.server_cpu)
      to["cpu_percent"] = rounded(percent_of_a_core(of.part, of.part.server_cpu), 2);
  }

  void operator()(const storm_figures& f) const {
    to["in_progress_at_most"] = of.asked.run.fleet.window;
    to["connections_per_s"] = rate_of(of.opened, of.part.wall);
    auto each = server_us_per(of.part, of.opened);
    auto per_cpu_second = each ? rounded(1e6 / *each, 0) : json(nullptr);
    to["handshakes_per_server_cpu_s"] = per_cpu_second;
    to["handshakes_per_cpu_s"] = per_cpu_second;
    to["handshake_us"] = microseconds(f.handshakes);
    add_part(to, of.part, "handshake", of.opened);
  }

  void operator()(const fanout_figures& f) const {
    auto& options = std::get<fanout_options>(of.asked.mode);
    to["rate"] = options.rate;
    to["bytes"] = options.size;
    if (of.asked.run.fleet.topics > 0)
      to["topics"] = of.asked.run.fleet.topics;
    to["publications"] = f.publications;
    to["deliveries"] = f.deliveries;
    to["deliveries_per_s"] = rate_of(f.deliveries, of.part.wall);
    to["missing"] = f.missing;
    to["latency_us"] = microseconds(f.latency);
    add_part(to, of.part, "delivery", f.deliveries);
  }

  void operator()(const drain_figures& f) const {
    to["connections"].update(json{{"holdfast_v1", f.leased}, {"plain", f.plain}});
    if (f.plan)
      add_plan(*f.plan);
    to["process_ended_s"]
      = f.process_ended ? rounded(seconds_of(*f.process_ended), 3) : json(nullptr);
    to["close_codes"] = f.close_codes;
    to["unclean_ends"] = f.unclean;
    to["still_connected"] = f.living;
    to["closes_of_plain_clients"] = to_json(f.plain_closes);
    to["closes_of_v1_clients"] = to_json(f.leased_closes);
    to["arrivals_by_lease"] = to_json(f.arrivals);
  }

private:
  static json interval(const std::optional<interval_figures>& i) {
    auto ms = [](duration d) { return rounded(static_cast<double>(d.count()) / 1e6, 1); };
    return i ? json{{"min", ms(i->min)}, {"mean", ms(i->mean)}, {"max", ms(i->max)}} : nullptr;
  }

  void add_memory(const memory_figures& m) const {
    auto& memory = to["memory"] = {{"pss_kib_before", m.before / 1024}};
    auto add = [&](const char* name, std::optional<std::int64_t> bytes) {
      if (bytes)
        memory[name] = *bytes;
    };
    add("bytes_per_connection_open", m.open);
    add("bytes_per_connection_after_a_message", m.after_a_message);
    add("bytes_per_connection_at_end", m.at_end);
    if (m.at_end)
      to["pss_bytes_per_connection"] = *m.at_end;
  }

  void add_plan(const drain_plan_figures& plan) const {
    auto rate = std::get<drain_options>(of.asked.mode).plan.reconnect_rate;
    to["duration"]
      = {{"planned_s", rounded(plan.planned, 3)},
         {"actual_s", rounded(plan.actual, 3)},
         {"off_percent", rounded(100 * (plan.actual - plan.planned) / plan.planned, 1)},
         {"planned_rate_per_s", rounded(rate, 1)},
         {"planned_first_arrival_s", rounded(plan.first_arrival, 3)},
         {"planned_last_arrival_s", rounded(plan.last_arrival, 3)}};
  }
};

} // namespace

std::string to_json(const report& of) {
  json connections = {{"asked", of.asked.run.fleet.connections}, {"opened", of.opened}};
  if (!of.refused.empty())
    connections["refused"] = of.refused;
  auto mode = mode_name(of);
  json object = {{"mode", mode.substr(0, mode.find(' '))},
                 {"url", of.asked.run.url},
                 {"connections", connections}};
  std::visit(figure_writer{of, object}, of.figures);
  object["interrupted"] = of.interrupted;
  object["remarks"] = of.remarks;
  object["failures"] = of.failures;
  // Quoted words of a server need not be UTF-8.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace holdfast::bench
