// The report for people: what was run, the figures that matter, latency, then what did not hold.
#include "app/bench/figures.hpp"
#include "app/bench/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace holdfast::bench {

namespace {

constexpr std::size_t width = 80;

/// Appends `text` in lines of at most `width`, the first one after `first`, the others after as
/// many blanks. A word that does not fit stays whole.
void append_wrapped(std::string& to, std::string_view first, std::string_view text) {
  to += first;
  auto column = first.size();
  auto fresh = true;
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    if (!fresh && column + 1 + end > width) {
      to.append("\n").append(first.size(), ' ');
      column = first.size();
      fresh = true;
    }
    to.append(fresh ? "" : " ").append(text.substr(0, end));
    column += end + (fresh ? 0 : 1);
    fresh = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  to += '\n';
}

/// One figure: its name, its value to the right, and what belongs to it.
void append_row(std::string& to, std::string_view name, std::string value,
                std::string_view about = {}) {
  constexpr std::size_t name_width = 20, value_width = 12;
  std::string row{"  "};
  row.append(name).append(name_width > name.size() ? name_width - name.size() : 1, ' ');
  if (value.size() < value_width)
    row.append(value_width - value.size(), ' ');
  row += value;
  append_wrapped(to, row + (about.empty() ? "" : "  "), about);
}

void append_latency(std::string& to, std::string_view title, const histogram& h) {
  if (h.count() == 0)
    return;
  constexpr std::size_t column = 11;
  constexpr std::array<std::string_view, 6> names{"min", "p50", "p90", "p99", "p99.9", "max"};
  std::array<duration, 6> values{h.min(),          h.quantile(0.5),   h.quantile(0.9),
                                 h.quantile(0.99), h.quantile(0.999), h.max()};
  auto cell = [&](std::string_view text) {
    to.append(column - std::min(column, text.size()), ' ').append(text);
  };
  to.append("\n  ").append(title).append(12 - std::min<std::size_t>(12, title.size()), ' ');
  for (auto name : names)
    cell(name);
  to.append("\n").append(14, ' ');
  for (auto value : values)
    cell(short_duration(value));
  to += "\n";
}

std::string per_second(std::uint64_t count, duration time) {
  if (time <= duration::zero())
    return "-";
  auto rate = std::llround(static_cast<double>(count) / seconds_of(time));
  return with_thousands(static_cast<std::uint64_t>(rate));
}

std::string percent(std::optional<double> value) {
  return value ? fixed(*value, *value < 10 ? 2 : 1) + " %" : "-";
}

/// CPU of both sides; `each` is what the server's is divided by.
void append_cpu(std::string& to, const measured_part& part, const std::string& each,
                std::uint64_t count) {
  auto server = percent_of_a_core(part, part.server_cpu);
  if (auto us = server_us_per(part, count))
    append_row(to, "server CPU", fixed(*us, 2) + " us",
               "a " + each + ", " + percent(server) + " of a core");
  else if (server)
    append_row(to, "server CPU", percent(server), "of a core");
  append_row(to, "generator CPU", percent(percent_of_a_core(part, part.own_cpu)), "of a core");
}

std::string in_words(const tally& counts) {
  std::string text;
  for (auto& [name, count] : counts)
    text += (text.empty() ? "" : ", ") + with_thousands(count) + " x " + name;
  return text;
}

std::string connections_of(const report& of) {
  return counted(of.asked.run.fleet.connections, "connection");
}

std::string how_long(duration measured, duration warmup) {
  return fixed(seconds_of(measured), 1) + " s after " + fixed(seconds_of(warmup), 1)
         + " s of warm-up";
}

/// What was run, in one sentence.
struct described {
  const report& of;

  std::string operator()(const echo_options& o) const {
    auto text = connections_of(of) + ", " + with_thousands(o.inflight) + " in flight each, "
                + counted(o.size, "byte") + (o.binary ? " of binary" : " of text");
    if (o.rate > 0)
      text += ", " + with_thousands(static_cast<std::uint64_t>(o.rate)) + " messages/s over all";
    return text + ", " + how_long(o.seconds, o.warmup);
  }
  std::string operator()(const verify_options& o) const {
    return connections_of(of) + ", each with every size up to " + counted(o.size, "byte")
           + ", text and binary, whole, in fragments and in small writes, "
           + with_thousands(o.inflight) + " in flight, seed " + std::to_string(o.seed);
  }
  std::string operator()(const idle_options& o) const {
    return connections_of(of) + ", idle for " + fixed(seconds_of(o.seconds), 1) + " s"
           + (o.exchange ? " after an echo of " + counted(*o.exchange, "byte") + " each" : "");
  }
  std::string operator()(const storm_options&) const {
    return connections_of(of) + " at once, at most " + with_thousands(of.asked.run.fleet.window)
           + " handshakes in progress";
  }
  std::string operator()(const fanout_options& o) const {
    auto topics = of.asked.run.fleet.topics;
    auto who = topics == 0 ? "one publishes"
                           : "one in each of " + counted(topics, "topic") + " publishes in turn,";
    return connections_of(of) + ", " + who + " " + fixed(o.rate, o.rate < 10 ? 1 : 0)
           + " messages/s of " + counted(o.size, "byte") + ", " + how_long(o.seconds, o.warmup);
  }
  std::string operator()(const drain_options& o) const {
    return connections_of(of) + ", " + fixed(100 * o.share_v1, 0)
           + " % of them holdfast.v1, and SIGTERM to the server";
  }
};

/// The figures, the ones that matter first.
struct figure_printer {
  const report& of;
  std::string& to;

  void operator()(const echo_figures& f) const {
    append_row(to, "messages/s", per_second(f.messages, of.part.wall),
               counted(f.messages, "message"));
    if (f.late > 0)
      append_row(to, "late", with_thousands(f.late), "waited for their connection to have room");
    append_cpu(to, of.part, "message", f.messages);
    append_latency(to, "latency", f.latency);
  }

  void operator()(const verify_figures& f) const {
    append_row(to, "messages", with_thousands(f.messages),
               short_size(static_cast<double>(f.bytes)) + " compared byte by byte");
    append_row(to, "mismatches", with_thousands(f.mismatches));
    append_row(to, "pings between", with_thousands(f.pings), with_thousands(f.pongs) + " answered");
    append_row(to, "took", short_duration(of.part.wall));
  }

  void operator()(const idle_figures& f) const {
    append_row(to, "open at the end", with_thousands(f.open_at_end));
    if (f.memory)
      append_memory(*f.memory);
    append_row(to, "pings/s", per_second(f.steady, of.part.wall),
               with_thousands(f.pings) + " in all, " + std::to_string(f.fewest) + " to "
                 + std::to_string(f.most) + " on a connection");
    if (f.interval)
      append_row(to, "between two", short_duration(f.interval->mean),
                 "from " + short_duration(f.interval->min) + " to "
                   + short_duration(f.interval->max));
    append_cpu(to, of.part, "ping", f.steady);
  }

  void operator()(const storm_figures& f) const {
    append_row(to, "connections/s", per_second(of.opened, of.part.wall),
               with_thousands(of.opened) + " in " + short_duration(of.part.wall));
    if (auto us = server_us_per(of.part, of.opened))
      append_row(to, "per CPU second", with_thousands(static_cast<std::uint64_t>(1e6 / *us)),
                 "handshakes of the server");
    append_cpu(to, of.part, "handshake", of.opened);
    append_latency(to, "handshake", f.handshakes);
  }

  void operator()(const fanout_figures& f) const {
    append_row(to, "deliveries/s", per_second(f.deliveries, of.part.wall),
               counted(f.publications, "publication")
                 + (of.asked.run.fleet.topics == 0
                      ? " to each of " + counted(of.opened, "connection")
                      : " over " + counted(of.asked.run.fleet.topics, "topic")));
    append_cpu(to, of.part, "delivery", f.deliveries);
    append_latency(to, "latency", f.latency);
  }

  void operator()(const drain_figures& f) const {
    append_row(to, "clients", with_thousands(f.leased + f.plain),
               with_thousands(f.plain) + " plain, " + with_thousands(f.leased) + " holdfast.v1");
    if (f.plan)
      append_row(to, "last plain close", fixed(f.plan->actual, 2) + " s",
                 "planned " + fixed(f.plan->planned, 2) + " s");
    append_row(to, "process ended",
               f.process_ended ? fixed(seconds_of(*f.process_ended), 2) + " s" : "-",
               "after SIGTERM");
    append_closes("plain closes", f.plain_closes);
    append_closes("holdfast.v1 closes", f.leased_closes);
    append_closes("arrivals by lease", f.arrivals);
    append_row(to, "close codes", "", in_words(f.close_codes));
    append_row(to, "without a close", with_thousands(f.unclean));
    append_row(to, "still connected", with_thousands(f.living));
  }

private:
  void append_memory(const memory_figures& m) const {
    auto row = [&](const char* when, std::optional<std::int64_t> bytes) {
      if (bytes)
        append_row(to, "server memory", std::to_string(*bytes) + " B",
                   std::string{"a connection, "} + when);
    };
    row("once open", m.open);
    row("after a message", m.after_a_message);
    row("at the end", m.at_end);
  }

  void append_closes(const char* name, const second_bins& bins) const {
    if (bins.total() == 0)
      return;
    append_row(to, name, with_thousands(bins.total()),
               fixed(seconds_of(bins.first()), 2) + " s to " + fixed(seconds_of(bins.last()), 2)
                 + " s, " + fixed(bins.mean(), 0) + " a second, " + with_thousands(bins.busiest())
                 + " at most");
  }
};

void append_verdict(std::string& to, const report& of) {
  to += '\n';
  if (of.interrupted)
    append_wrapped(to, "interrupted: ",
                   of.part.wall > duration::zero()
                     ? "the figures are those of the " + short_duration(of.part.wall)
                         + " that were measured"
                     : "nothing was measured");
  for (auto& remark : of.remarks)
    append_wrapped(to, "note: ", remark);
  if (of.interrupted || !of.remarks.empty())
    to += '\n';
  if (of.failures.empty()) {
    to += of.interrupted ? "Nothing had gone wrong.\n" : "Everything held.\n";
    return;
  }
  to += of.failures.size() == 1 ? "One thing did not hold:\n"
                                : std::to_string(of.failures.size()) + " things did not hold:\n";
  for (auto& failure : of.failures)
    append_wrapped(to, "  - ", failure);
}

} // namespace

std::string to_text(const report& of) {
  std::string text;
  append_wrapped(text, "holdfast bench " + mode_name(of) + "  ", of.asked.run.url);
  append_wrapped(text, "", std::visit(described{of}, of.asked.mode));
  text += '\n';
  if (of.part.wall > duration::zero())
    std::visit(figure_printer{of, text}, of.figures);
  append_verdict(text, of);
  return text;
}

} // namespace holdfast::bench
