#include "app/console/top_screen.hpp"

#include "app/console/listing.hpp"
#include "app/console/numbers.hpp"
#include "app/console/screen.hpp"
#include "app/console/text.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

using lines = std::vector<std::string>;

lines split_lines(const std::string& text) {
  lines result;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    result.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

/// Clipped, and then without colour, if it is too wide: what cannot be broken in a small terminal.
std::string fitted(const std::string& line, std::size_t width) {
  std::string plain;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\x1b')
      at = std::min(line.find('m', at), line.size());
    else
      plain += line[at];
  }
  return display_width(plain) <= width ? line : clipped(plain, width);
}

void append(lines& to, const lines& more, std::size_t most) {
  for (std::size_t i = 0; i < std::min(most, more.size()); ++i)
    to.push_back(more[i]);
}

lines shards(const json& pool, std::size_t most, const style& with) {
  std::vector<std::vector<item>> rows;
  auto& all = list(pool, "shards");
  for (auto& each : all) {
    if (rows.size() == most)
      break;
    auto& states = at(each, {"states"});
    auto zombies = number_or_zero(states, "zombie");
    rows.push_back({{text(each, "shard")},
                    {count(number_or_zero(each, "connections"))},
                    {count(number_or_zero(each, "users"))},
                    {count(number_or_zero(states, "suspect"))},
                    {count(zombies), zombies > 0 ? tone::bad : tone::plain}});
  }
  if (rows.empty())
    return {};
  auto result = split_lines(table(
    {{"shard", true}, {"connections", true}, {"users", true}, {"suspect", true}, {"zombies", true}},
    rows, with));
  if (all.size() > rows.size())
    result.push_back("and " + count(static_cast<double>(all.size() - rows.size()))
                     + " more shards");
  return result;
}

std::vector<item> cells(const json& c, const message_rates& rates) {
  auto state = text(c, "state");
  auto rtt = number(c, "rtt_ms");
  auto user = text(c, "user");
  return {{text(c, "id")},
          {user.empty() ? "-" : user},
          {state, tone_of_state(state)},
          {rate(rates.of(text(c, "id")))},
          {rtt ? latency(*rtt) : "-"},
          {size(number_or_zero(at(c, {"queued"}), "bytes"))},
          {span(number_or_zero(c, "idle_ms"))},
          {span(number_or_zero(c, "age_ms"))},
          {text(c, "address")}};
}

/// The title stands where the name of the first column would; `by` is marked among the others.
lines connections(const char* title, const std::string& by, const std::vector<const json*>& those,
                  const message_rates& rates, const style& with) {
  std::vector<column> columns{{title},        {"user"},      {"state"},
                              {"msg", true},  {"rtt", true}, {"queued", true},
                              {"idle", true}, {"age", true}, {"address"}};
  for (auto& each : columns)
    if (each.name == by)
      each.name += "*";
  std::vector<std::vector<item>> rows;
  for (auto* each : those)
    rows.push_back(cells(*each, rates));
  return split_lines(table(columns, rows, with));
}

std::vector<const json*> first(const json& items, std::size_t most) {
  std::vector<const json*> some;
  for (auto& each : items)
    if (some.size() < most)
      some.push_back(&each);
  return some;
}

std::vector<const json*> busiest(const json& items, const message_rates& rates, std::size_t most) {
  auto all = first(items, items.size());
  std::stable_sort(all.begin(), all.end(), [&](const json* a, const json* b) {
    return rates.of(text(*a, "id")) > rates.of(text(*b, "id"));
  });
  all.resize(std::min(all.size(), most));
  return all;
}

lines help() {
  return {"",
          "q        leave",
          "s        sort the slowest by something else: rtt, queue, idle, age",
          "p        pause, and go on; the arrows pause too",
          "h        this, and back",
          "",
          "busiest  messages in both directions a second since the last look, of the 200",
          "         connections with the shortest idle time"};
}

} // namespace

std::string to_string(slowest_by key) {
  switch (key) {
  case slowest_by::rtt: return "rtt";
  case slowest_by::queue: return "queue";
  case slowest_by::idle: return "idle";
  case slowest_by::age: return "age";
  }
  return "?";
}

slowest_by next(slowest_by key) {
  switch (key) {
  case slowest_by::rtt: return slowest_by::queue;
  case slowest_by::queue: return slowest_by::idle;
  case slowest_by::idle: return slowest_by::age;
  case slowest_by::age: return slowest_by::rtt;
  }
  return slowest_by::rtt;
}

void message_rates::look(const json& connections, double seconds) {
  std::map<std::string, double> now;
  rates_.clear();
  for (auto& each : connections) {
    auto id = text(each, "id");
    auto all = number_or_zero(at(each, {"in"}), "messages")
               + number_or_zero(at(each, {"out"}), "messages");
    auto then = messages_.find(id);
    if (then != messages_.end() && seconds > 0)
      rates_[id] = std::max(0.0, all - then->second) / seconds;
    now[id] = all;
  }
  messages_.swap(now);
}

double message_rates::of(const std::string& id) const {
  auto found = rates_.find(id);
  return found == rates_.end() ? 0 : found->second;
}

std::vector<std::string> top_screen(const top_facts& facts, const top_view& view,
                                    const style& with) {
  auto footer = std::string{"q quit  s sort ("} + to_string(view.by) + ")  p pause  h help";
  auto state = facts.trouble.empty() ? view.paused ? "paused " : "" : facts.trouble + " ";
  lines screen;
  if (!facts.status.is_null())
    append(screen, split_lines(status_screen(facts.status, with)), view.height);
  else if (facts.trouble.empty())
    screen.push_back("no answer yet");
  auto room = [&] {
    return view.height > screen.size() + 1 ? view.height - screen.size() - 1 : std::size_t{0};
  };
  if (view.help) {
    append(screen, help(), room());
  } else {
    append(screen, shards(facts.pool, std::max<std::size_t>(2, view.height / 6), with), room());
    constexpr std::size_t around = 2; // a blank line and the names of the columns
    auto each = room() > 2 * around ? (room() - 2 * around) / 2 : std::size_t{0};
    auto add
      = [&](const char* title, const std::string& by, const std::vector<const json*>& those) {
          if (each == 0)
            return;
          screen.emplace_back();
          append(screen, connections(title, by, those, facts.rates, with), each + 1);
        };
    add("busiest", "msg", busiest(list(facts.lively, "items"), facts.rates, each));
    add("slowest", view.by == slowest_by::queue ? "queued" : to_string(view.by),
        first(list(facts.slowest, "items"), each));
  }
  screen.resize(std::min(screen.size(), view.height > 0 ? view.height - 1 : 0));
  for (auto& line : screen)
    line = fitted(line, with.width);
  while (screen.size() + 1 < view.height)
    screen.emplace_back();
  auto right = state + view.clock;
  auto used = display_width(footer) + display_width(right);
  screen.push_back(used < with.width ? footer + std::string(with.width - used, ' ') + right
                                     : clipped(facts.trouble.empty() ? footer : right, with.width));
  return screen;
}

} // namespace holdfast::console
