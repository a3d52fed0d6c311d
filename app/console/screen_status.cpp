#include "app/console/screen.hpp"

#include "app/console/listing.hpp"
#include "app/console/numbers.hpp"
#include "app/console/text.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

std::string known(const std::optional<double>& value, std::string (*written)(double)) {
  return value ? written(*value) : "?";
}

std::string quantiles(const char* name, const json& of) {
  if (of.is_null())
    return std::string{name} + " not known yet";
  return std::string{name} + " p50 " + known(number(of, "p50"), latency) + " p99 "
         + known(number(of, "p99"), latency);
}

std::string flow(const char* name, const json& of) {
  return std::string{name} + " " + known(number(of, "messages_per_second"), rough) + " msg/s "
         + known(number(of, "bytes_per_second"), size) + "/s";
}

std::vector<std::string> addresses(const json& node) {
  std::vector<std::string> all;
  for (auto& each : list(node, "addresses"))
    all.push_back(text(each));
  return all;
}

item utilisation(const json& of, const char* taken) {
  auto share = number(of, "utilisation");
  auto how = share.value_or(0) > 0.8 ? tone::warning : tone::plain;
  return {known(number(of, taken), count) + " of " + known(number(of, "limit"), count) + " ("
            + known(share, percent) + ")",
          how};
}

item users(const json& of) {
  auto at_limit = number_or_zero(of, "users_at_limit");
  return {"users " + known(number(of, "users"), count)
          + (at_limit > 0 ? ", " + count(at_limit) + " at their limit" : "")};
}

item unwell(const json& heartbeat) {
  auto suspect = number(heartbeat, "suspect");
  auto zombies = number(heartbeat, "zombie");
  auto ratio = number(heartbeat, "zombie_ratio");
  auto words = known(suspect, count) + " suspect, "
               + (zombies ? counted(*zombies, "zombie") : std::string{"? zombies"});
  if (zombies.value_or(0) > 0 && ratio)
    words += " (" + percent(*ratio) + ")";
  return {words, zombies.value_or(0) > 0 ? tone::bad : tone::plain};
}

item longest_mailbox(const json& actors) {
  auto& longest = at(actors, {"longest_mailbox"});
  if (longest.is_null())
    return {""};
  return {"longest mailbox " + known(number(longest, "messages"), count) + " ("
          + text(longest, "actor") + ")"};
}

std::string heading_of(const json& status, const style& with) {
  auto& node = at(status, {"node"});
  std::vector<item> left{{"node " + text(node, "name"), tone::strong}};
  for (auto& each : addresses(node))
    left.push_back({each});
  auto phase = text(node, "phase");
  left.push_back({phase, phase == "serving" ? tone::good : tone::warning});
  left.push_back({"up " + known(number(node, "uptime_ms"), span)});
  return spread_row(left, {{"holdfast " + text(node, "version"), tone::faint}}, with);
}

/// "12 user_limit, 3 origin"; those that are 0 left out.
std::string by_name(const json& counts) {
  std::string words;
  if (counts.is_object())
    for (auto& [name, value] : counts.items())
      if (value.is_number() && value.get<double>() > 0)
        words += (words.empty() ? "" : ", ") + count(value.get<double>()) + " " + shown(name);
  return words.empty() ? "none" : words;
}

std::string of_messages(const char* name, const json& traffic) {
  return std::string{name} + " " + count(number_or_zero(traffic, "messages")) + " msg "
         + size(number_or_zero(traffic, "bytes"));
}

} // namespace

std::string states_in_words(const json& states) {
  auto words = by_name(states);
  return words;
}

std::vector<item> alerts_in_words(const json& alerts) {
  std::vector<item> words;
  for (auto& each : alerts)
    if (is_true(each, "active")) {
      auto value = number(each, "value");
      auto unit = text(each, "unit");
      auto shown_value = !value            ? std::string{}
                         : unit == "ratio" ? " " + percent(*value)
                         : unit == "ms"    ? " " + span(*value)
                                           : " " + count(*value);
      words.push_back({text(each, "name") + shown_value, tone::bad});
    }
  if (words.empty())
    words.push_back({"none"});
  return words;
}

std::string status_screen(const json& status, const style& with) {
  auto& connections = at(status, {"connections"});
  auto& heartbeat = at(status, {"heartbeat"});
  auto& traffic = at(status, {"traffic"});
  auto& actors = at(status, {"actors"});
  auto answered = number(heartbeat, "success_ratio");
  auto screen = heading_of(status, with);
  screen += row("connections  ",
                {utilisation(connections, "open"),
                 {"+" + known(number(connections, "opened_per_second"), rate) + " -"
                  + known(number(connections, "closed_per_second"), rate)},
                 users(connections)},
                with);
  screen += row("heartbeat    ",
                {{answered ? percent(*answered) + " answered" : "no pings yet",
                  answered.value_or(1) < 0.95 ? tone::bad : tone::plain},
                 {quantiles("rtt", at(heartbeat, {"rtt_ms"}))},
                 unwell(heartbeat)},
                with);
  auto slow = number_or_zero(traffic, "slow_consumers");
  screen += row("traffic      ",
                {{flow("in", at(traffic, {"in"}))},
                 {flow("out", at(traffic, {"out"}))},
                 {counted(slow, "slow consumer"), slow > 0 ? tone::warning : tone::plain}},
                with);
  auto lag = number(at(actors, {"loop_lag_ms"}), "p99");
  screen += row("actors       ",
                {{known(number(actors, "live"), count) + " live"},
                 longest_mailbox(actors),
                 {counted(number_or_zero(actors, "restarts"), "restart")},
                 {lag ? "loop lag p99 " + latency(*lag) : ""}},
                with);
  return screen + row("alerts       ", alerts_in_words(list(status, "alerts")), with);
}

std::string pool_screen(const json& pool, const style& with) {
  auto reserve = number_or_zero(pool, "reserve");
  auto screen = row("places   ",
                    {utilisation(pool, "connections"),
                     {reserve > 0 ? count(reserve) + " kept for priority users" : ""},
                     users(pool)},
                    with);
  screen += row("states   ", {{states_in_words(at(pool, {"states"}))}}, with);
  auto mended = number_or_zero(pool, "mended");
  screen += row("sweeps   ",
                {{known(number(pool, "sweeps"), count)},
                 {count(mended) + " mended", mended > 0 ? tone::bad : tone::plain}},
                with);
  std::vector<std::vector<item>> rows;
  for (auto& each : list(pool, "shards"))
    rows.push_back({{text(each, "shard")},
                    {known(number(each, "connections"), count)},
                    {known(number(each, "users"), count)},
                    {known(number(each, "users_at_limit"), count)},
                    {states_in_words(at(each, {"states"}))},
                    {is_true(each, "rebuilding") ? "counts anew" : "", tone::warning}});
  if (!rows.empty())
    screen += "\n"
              + table({{"shard", true},
                       {"connections", true},
                       {"users", true},
                       {"at limit", true},
                       {"states"},
                       {""}},
                      rows, with);
  auto& near = list(pool, "users_near_limit");
  if (!near.empty())
    screen += "\nnear their limit\n" + listed(verb::users, near, {}, with);
  return screen;
}

std::string stats_screen(const json& stats, const style& with) {
  auto& beat = at(stats, {"heartbeat"});
  auto& pool = at(stats, {"pool"});
  auto& life = at(stats, {"lifecycle"});
  auto counted_of = [](const json& of, const char* name, const char* word) {
    return item{known(number(of, name), count) + " " + word};
  };
  auto answered = number(beat, "success_ratio");
  auto screen = row("heartbeat  ",
                    {counted_of(beat, "pings", "pings"),
                     counted_of(beat, "pongs", "pongs"),
                     counted_of(beat, "missed", "missed"),
                     {answered ? percent(*answered) + " answered" : ""},
                     {quantiles("rtt", at(beat, {"rtt_ms"}))},
                     counted_of(beat, "suspects", "suspects"),
                     counted_of(beat, "zombies", "zombies")},
                    with);
  screen += row("pool       ",
                {utilisation(pool, "open"),
                 users(pool),
                 counted_of(pool, "sweeps", "sweeps"),
                 counted_of(pool, "mended", "mended"),
                 {states_in_words(at(pool, {"states"}))}},
                with);
  screen += row("lifecycle  ",
                {counted_of(life, "sockets", "accepted"),
                 counted_of(life, "admitted", "admitted"),
                 counted_of(life, "ended", "ended"),
                 counted_of(life, "receipts", "receipts"),
                 {of_messages("in", at(life, {"in"}))},
                 {of_messages("out", at(life, {"out"}))},
                 {"queued " + size(number_or_zero(life, "queued_bytes"))},
                 counted_of(life, "slow_consumers", "slow consumers")},
                with);
  screen += paragraph("refused    ", by_name(at(life, {"refused"})), with);
  screen += paragraph("closed     ", by_name(at(life, {"closed"})), with);
  screen += paragraph("restarts   ", by_name(at(life, {"restarts"})), with);
  auto last = number(life, "last_drain_ms");
  return screen
         + row("drains     ",
               {counted_of(life, "drains", ""),
                {last ? "the last took " + span(*last) : ""},
                counted_of(life, "forced_closes", "forced closes"),
                counted_of(life, "cleanups", "cleanups"),
                counted_of(life, "cleanups_failed", "failed")},
               with);
}

std::string silent_in_words(const json& answer) {
  std::string words;
  for (auto& each : list(answer, "partial"))
    words += (words.empty() ? "" : ", ") + text(each);
  return words;
}

} // namespace holdfast::console
