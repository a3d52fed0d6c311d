#include "app/console/screen.hpp"

#include "app/console/numbers.hpp"
#include "app/console/text.hpp"

namespace holdfast::console {

namespace {

/// "290/s at b, 210/s at c"
std::string arrivals(const json& plan) {
  std::string words;
  for (auto& each : list(plan, "targets"))
    words += (words.empty() ? "" : ", ") + rate(number_or_zero(each, "arrivals_per_second"))
             + " at " + text(each, "name");
  auto rest = number_or_zero(plan, "undirected_per_second");
  if (rest > 0)
    words += (words.empty() ? "" : ", ") + rate(rest)
             + (words.empty() ? " at this address" : " wherever they like");
  return words.empty() ? "none" : words;
}

std::string may_be_forced(const json& plan) {
  auto& who = at(plan, {"population"});
  auto zombies = number_or_zero(who, "zombies");
  auto slow = number_or_zero(who, "slow_consumers");
  std::string words;
  if (zombies > 0)
    words = counted(zombies, "zombie");
  if (slow > 0)
    words += (words.empty() ? "" : " and ") + counted(slow, "slow consumer");
  return words.empty() ? "" : " (" + words + " may be)";
}

std::string callbacks(const json& plan) {
  std::string names;
  for (auto& each : list(plan, "callbacks"))
    names += (names.empty() ? "" : ", ") + text(each);
  auto all = number_or_zero(at(plan, {"population"}), "callbacks");
  return all == 0 ? "no callbacks" : counted(all, "callback") + (names.empty() ? "" : ": " + names);
}

std::string fits(const json& plan) {
  auto deadline = span(number_or_zero(plan, "deadline_ms"));
  if (is_true(plan, "fits"))
    return "fits into drain_timeout " + deadline;
  return count(number_or_zero(plan, "overflow")) + " too many for drain_timeout " + deadline
         + ": they leave faster";
}

std::string whole_seconds(double ms) {
  return count((ms + 999) / 1000 - 0.5);
}

/// Two columns behind the margin: when or what, and the sentence about it.
std::string step(const std::string& when, const std::string& what, const std::string& about,
                 const style& with) {
  return paragraph("  " + padded(when, 7) + "  " + padded(what, 25) + "  ", about, with);
}

/// `over`: of a drain that came to its end.
std::string ledger_screen(const json& l, bool over, const style& with) {
  auto figure = [&](const char* name) { return count(number_or_zero(l, name)); };
  auto planned = "planned " + span(number_or_zero(l, "planned_ms"));
  return row(
    "ledger  ",
    {{over ? "drained in " + span(number_or_zero(l, "actual_ms")) + ", " + planned : planned},
     {counted(number_or_zero(l, "connections"), "connection")},
     {figure("left") + " left by themselves"},
     {figure("closed_in_slot") + " closed in their slot"},
     {figure("forced") + " forced"},
     {figure("aborted") + " aborted"},
     {figure("otherwise") + " for other reasons"},
     {counted(number_or_zero(l, "cleanups"), "cleanup") + ", " + figure("cleanups_failed")
      + " failed"}},
    with);
}

} // namespace

std::string plan_screen(const json& plan, const style& with) {
  auto& who = at(plan, {"population"});
  auto leased = number_or_zero(who, "leased");
  auto plain = number_or_zero(who, "plain");
  auto planned = whole_seconds(number_or_zero(plan, "planned_end_ms"));
  auto screen = "plan for node " + text(plan, "node") + " (nothing is changed)\n";
  auto shards = counted(number_or_zero(plan, "shards"), "shard");
  auto grace = number_or_zero(plan, "lb_grace_ms");
  if (grace > 0) {
    screen += step("t-" + whole_seconds(grace) + "s", "unready",
                   "load balancer grace " + span(grace) + ": who comes is served", with);
    screen += step("t+0", "stop accepting", shards, with);
  } else {
    screen += step("t+0", "unready, stop accepting", shards + "; load balancer grace 0 s", with);
  }
  screen += step("t+0", "notify",
                 counted(leased, "client") + (leased == 1 ? " gets" : " get") + " a lease; "
                   + count(plain) + " plain one" + (plain == 1 ? " is" : "s are")
                   + " closed in their slot",
                 with);
  screen
    += step("t+0-" + planned + "s", "drain at " + rate(number_or_zero(plan, "arrivals_per_second")),
            counted(leased + plain, "connection") + "; " + fits(plan), with);
  screen += step("t+" + planned + "s", "stop heartbeats, cleanup", callbacks(plan), with);
  screen += paragraph("  arrivals ", arrivals(plan), with);
  screen += paragraph(
    "  forced   ", count(number_or_zero(plan, "likely_forced")) + " expected" + may_be_forced(plan),
    with);
  return screen
         + paragraph("  longest possible ",
                     span(number_or_zero(plan, "longest_ms"))
                       + ": keep systemd's and Kubernetes' grace above it",
                     with);
}

std::string drain_screen(const json& drain, const style& with) {
  auto phase = text(drain, "phase");
  auto open = counted(number_or_zero(drain, "open"), "connection") + " open";
  auto& ledger = at(drain, {"ledger"});
  std::string screen;
  if (phase == "serving") {
    screen = row(
      "no drain  ",
      {{"the node serves"}, {open}, {ledger.is_object() ? "the last drain was cancelled:" : ""}},
      with);
  } else {
    auto left = number_or_zero(drain, "left_ms");
    auto reason = text(drain, "reason");
    auto waits = text(drain, "waiting_for");
    screen = row("drain   ",
                 {{phase, phase == "finished" ? tone::good : tone::warning},
                  {"for " + span(number_or_zero(drain, "phase_age_ms"))
                   + (left > 0 ? ", " + span(left) + " at most to go" : "")},
                  {open},
                  {waits.empty() ? "" : "waits for " + waits},
                  {"t+" + whole_seconds(number_or_zero(drain, "t_ms")) + "s, planned t+"
                   + whole_seconds(number_or_zero(drain, "planned_end_ms")) + "s"},
                  {reason.empty() ? "" : "because of " + reason}},
                 with);
  }
  return screen + (ledger.is_object() ? ledger_screen(ledger, phase == "finished", with) : "");
}

std::string reload_screen(const json& reloaded, const style& with) {
  auto names = [&](const char* field) {
    std::string words;
    for (auto& each : list(reloaded, field))
      words += (words.empty() ? "" : ", ") + text(each);
    return words;
  };
  std::string screen;
  for (auto& each : list(reloaded, "errors"))
    screen += paragraph("wrong          ", text(each), with);
  if (!screen.empty())
    return screen + "nothing was taken\n";
  auto taken = names("taken");
  auto restart = names("needs_restart");
  auto keys = text(reloaded, "keys_read");
  screen = paragraph("taken          ", taken.empty() ? "nothing has changed" : taken, with);
  if (!restart.empty())
    screen += paragraph("needs restart  ", restart, with);
  if (!keys.empty())
    screen += paragraph("keys           ", keys, with);
  return screen;
}

} // namespace holdfast::console
