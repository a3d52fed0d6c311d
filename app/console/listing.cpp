#include "app/console/listing.hpp"

#include "app/console/numbers.hpp"
#include "app/console/text.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

item a_text(const json& of, std::string_view name) {
  auto found = text(of, name);
  return found.empty() ? item{"-"} : item{found};
}

item a_number(const json& of, std::string_view name, std::string (*written)(double)) {
  auto found = number(of, name);
  return found ? item{written(*found)} : item{"-"};
}

/// "312 msg 41 KiB" is for screens; in a table the bytes say more.
item traffic(const json& of, std::string_view name) {
  return a_number(at(of, {name}), "bytes", size);
}

item messages(const json& of, std::string_view name) {
  return a_number(at(of, {name}), "messages", count);
}

const std::vector<listed_column> of_connections{
  {{"id"}, [](const json& c) { return a_text(c, "id"); }},
  {{"user"}, [](const json& c) { return a_text(c, "user"); }},
  {{"state"},
   [](const json& c) {
     auto state = text(c, "state");
     return item{state + (is_true(c, "draining") ? "*" : ""), tone_of_state(state)};
   }},
  {{"age", true}, [](const json& c) { return a_number(c, "age_ms", span); }},
  {{"idle", true}, [](const json& c) { return a_number(c, "idle_ms", span); }},
  {{"rtt", true}, [](const json& c) { return a_number(c, "rtt_ms", latency); }},
  {{"queued", true}, [](const json& c) { return traffic(c, "queued"); }},
  {{"in", true}, [](const json& c) { return traffic(c, "in"); }},
  {{"out", true}, [](const json& c) { return traffic(c, "out"); }},
  {{"address"}, [](const json& c) { return a_text(c, "address"); }},
  {{"route"}, [](const json& c) { return a_text(c, "route"); }},
  {{"shard", true}, [](const json& c) { return a_text(c, "shard"); }, false},
  {{"handler"}, [](const json& c) { return a_text(c, "handler"); }, false},
  {{"protocol"}, [](const json& c) { return a_text(c, "protocol"); }, false},
  {{"silence", true}, [](const json& c) { return a_number(c, "silence_ms", span); }, false},
  {{"missed", true}, [](const json& c) { return a_text(c, "missed_pongs"); }, false},
  {{"in-messages", true}, [](const json& c) { return messages(c, "in"); }, false},
  {{"out-messages", true}, [](const json& c) { return messages(c, "out"); }, false},
  {{"queued-messages", true}, [](const json& c) { return messages(c, "queued"); }, false},
};

const std::vector<listed_column> of_users{
  {{"user"}, [](const json& u) { return a_text(u, "user"); }},
  {{"connections", true}, [](const json& u) { return a_number(u, "connections", count); }},
  {{"limit", true},
   [](const json& u) {
     auto limit = number_or_zero(u, "limit");
     return limit == 0 ? item{"-"} : item{count(limit)};
   }},
};

const std::vector<listed_column> of_actors{
  {{"name"}, [](const json& a) { return a_text(a, "name"); }},
  {{"kind"}, [](const json& a) { return a_text(a, "kind"); }},
  {{"alive"},
   [](const json& a) {
     return is_true(a, "alive") ? item{"yes"} : item{"no", tone::bad};
   }},
  {{"mailbox", true}, [](const json& a) { return a_number(a, "mailbox", count); }},
  {{"messages", true}, [](const json& a) { return a_number(a, "messages", count); }},
  {{"busy", true}, [](const json& a) { return a_number(a, "busy_ms", latency); }},
  {{"uptime", true}, [](const json& a) { return a_number(a, "uptime_ms", span); }},
  {{"restarts", true}, [](const json& a) { return a_number(a, "restarts", count); }},
  {{"parent"}, [](const json& a) { return a_text(a, "parent"); }, false},
  {{"node"}, [](const json& a) { return a_text(a, "node"); }, false},
  {{"failure"}, [](const json& a) { return a_text(a, "last_failure"); }},
};

const std::vector<listed_column> of_receipts{
  {{"closed"}, [](const json& r) { return item{time_of_day(text(r, "closed_at"), {})}; }},
  {{"id"}, [](const json& r) { return a_text(r, "id"); }},
  {{"user"}, [](const json& r) { return a_text(r, "user"); }},
  {{"code", true}, [](const json& r) { return a_text(r, "code"); }},
  {{"cause"}, [](const json& r) { return a_text(r, "cause"); }},
  {{"who"}, [](const json& r) { return a_text(r, "who"); }},
  {{"age", true}, [](const json& r) { return a_number(r, "age_ms", span); }},
  {{"in", true}, [](const json& r) { return messages(r, "in"); }},
  {{"out", true}, [](const json& r) { return messages(r, "out"); }},
  {{"address"}, [](const json& r) { return a_text(r, "address"); }},
  {{"route"}, [](const json& r) { return a_text(r, "route"); }},
  {{"detail"}, [](const json& r) { return a_text(r, "detail"); }, false},
};

std::string in_unit(const json& alert, std::string_view name) {
  auto found = number(alert, name);
  if (!found)
    return "-";
  auto unit = text(alert, "unit");
  return unit == "ratio" ? percent(*found) : unit == "ms" ? span(*found) : count(*found);
}

const std::vector<listed_column> of_alerts{
  {{"alert"}, [](const json& a) { return a_text(a, "name"); }},
  {{"state"},
   [](const json& a) {
     return is_true(a, "active") ? item{"ACTIVE", tone::bad} : item{"ok", tone::good};
   }},
  {{"value", true}, [](const json& a) { return item{in_unit(a, "value")}; }},
  {{"threshold", true},
   [](const json& a) {
     auto below = number_or_zero(a, "clears") > number_or_zero(a, "threshold");
     return item{(below ? "< " : "> ") + in_unit(a, "threshold")};
   }},
  {{"clears", true}, [](const json& a) { return item{in_unit(a, "clears")}; }, false},
  {{"events", true}, [](const json& a) { return a_number(a, "events", count); }},
  {{"since"},
   [](const json& a) {
     auto since = text(a, "since");
     return since.empty() ? item{"-"} : item{time_of_day(since, {})};
   }},
  {{"summary"}, [](const json& a) { return a_text(a, "summary"); }},
};

const std::vector<listed_column> no_columns;

} // namespace

const std::vector<listed_column>& columns_of(verb what) {
  switch (what) {
  case verb::conns_list:
  case verb::conns_top:
  case verb::zombies_list: return of_connections;
  case verb::users: return of_users;
  case verb::actors_list: return of_actors;
  case verb::closed: return of_receipts;
  case verb::alerts: return of_alerts;
  default: return no_columns;
  }
}

std::vector<std::string> column_names(verb what) {
  std::vector<std::string> names;
  for (auto& each : columns_of(what))
    names.push_back(each.heading.name);
  return names;
}

std::string listed(verb what, const json& items, const std::vector<std::string>& names,
                   const style& with) {
  std::vector<const listed_column*> chosen;
  for (auto& each : columns_of(what))
    if (names.empty() && each.usual)
      chosen.push_back(&each);
  for (auto& name : names)
    for (auto& each : columns_of(what))
      if (each.heading.name == name)
        chosen.push_back(&each);
  std::vector<column> headings;
  for (auto* each : chosen)
    headings.push_back(each->heading);
  std::vector<std::vector<item>> rows;
  for (auto& each : items) {
    auto& cells = rows.emplace_back();
    for (auto* one : chosen)
      cells.push_back(one->cell(each));
  }
  return table(headings, rows, with);
}

tone tone_of_state(std::string_view state) {
  if (state == "suspect" || state == "closing")
    return tone::warning;
  return state == "zombie" ? tone::bad : tone::plain;
}

std::string time_of_day(const std::string& date_time, const std::string& today) {
  auto t = date_time.find('T');
  if (t == std::string::npos || date_time.size() < t + 9)
    return date_time.empty() ? "-" : date_time;
  auto day = date_time.substr(0, t);
  return (day == today ? "" : day + " ") + date_time.substr(t + 1, 8);
}

} // namespace holdfast::console
