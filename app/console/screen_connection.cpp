#include "app/console/screen.hpp"

#include "app/console/listing.hpp"
#include "app/console/numbers.hpp"
#include "app/console/text.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::console {

namespace {

constexpr std::size_t most_shown = 20; ///< of what was hit: ids are there in --json

std::string or_anonymous(const json& of) {
  auto user = text(of, "user");
  return user.empty() ? "no user" : "user " + user;
}

std::string traffic(const char* name, const json& of) {
  return std::string{name} + " " + count(number_or_zero(of, "messages")) + " msg "
         + size(number_or_zero(of, "bytes"));
}

std::string queued(const json& of) {
  auto messages = number_or_zero(of, "messages");
  return "queued " + count(messages)
         + (messages > 0 ? " msg " + size(number_or_zero(of, "bytes")) : "");
}

std::string round_trip(const json& of) {
  auto rtt = number(of, "rtt_ms");
  if (!rtt)
    return "rtt not known yet";
  auto spread = number(of, "rtt_var_ms");
  return "rtt " + latency(*rtt) + (spread ? " +-" + count(*spread) : "");
}

std::string enumerated(const json& of) {
  std::string all;
  for (auto& each : of)
    all += (all.empty() ? "" : ", ") + text(each);
  return all;
}

std::string pairs(const json& of) {
  std::string all;
  for (auto& [key, value] : of.items())
    all += (all.empty() ? "" : "   ") + shown(key) + "=" + text(value);
  return all;
}

/// Nothing where there is nothing to say.
std::string line(const std::string& title, const std::string& said, const style& with) {
  return said.empty() ? said : paragraph(title, said, with);
}

std::string findings(const json& of, const style& with) {
  std::string lines;
  for (auto& each : list(of, "findings"))
    lines += paragraph("  ", text(each), with);
  return lines;
}

/// "a-7-8f21 (u42), a-9-1111, and 3 more"
std::string named(const json& items, double all) {
  std::string words;
  std::size_t named = 0;
  for (auto& each : items) {
    if (named == most_shown)
      break;
    auto user = text(each, "user");
    words
      += (words.empty() ? "" : ", ") + text(each, "id") + (user.empty() ? "" : " (" + user + ")");
    ++named;
  }
  auto rest = all - static_cast<double>(named);
  return words + (named > 0 && rest > 0 ? ", and " + count(rest) + " more" : "");
}

std::string hit(const std::string& sentence, const json& of, double all, const style& with) {
  auto names = named(list(of, "items"), all);
  return sentence + "\n" + (names.empty() ? "" : paragraph("  ", names, with));
}

} // namespace

std::string history_lines(const json& entries, double age, const style& with) {
  std::size_t of_time = 0, of_move = 22; // "handshaking -> closing"
  std::vector<std::pair<std::string, std::string>> heads;
  for (auto& each : entries) {
    heads.emplace_back("-" + clock_span(age - number_or_zero(each, "at_ms")),
                       text(each, "from") + " -> " + text(each, "to"));
    of_time = std::max(of_time, heads.back().first.size());
    of_move = std::max(of_move, display_width(heads.back().second));
  }
  std::string lines;
  for (std::size_t i = 0; i < heads.size(); ++i)
    lines += paragraph((i == 0 ? "history   " : "          ") + padded(heads[i].first, of_time + 2)
                         + padded(heads[i].second, of_move + 2),
                       text(entries[i], "explanation"), with);
  return lines;
}

std::string connection_screen(const json& c, const style& with) {
  auto state = text(c, "state");
  auto idle = "idle " + span(number_or_zero(c, "idle_ms"));
  auto screen
    = spread_row({{text(c, "id"), tone::strong},
                  {or_anonymous(c)},
                  {state + (is_true(c, "draining") ? ", draining" : ""), tone_of_state(state)},
                  {round_trip(c)},
                  {"age " + span(number_or_zero(c, "age_ms"))},
                  {idle}},
                 {{"shard " + text(c, "shard")}, {"route " + text(c, "route")}}, with);
  auto protocol = text(c, "protocol");
  auto missed = number_or_zero(c, "missed_pongs");
  screen += row("",
                {{"from " + text(c, "address")},
                 {"handler " + text(c, "handler")},
                 {protocol},
                 {traffic("in", at(c, {"in"}))},
                 {traffic("out", at(c, {"out"}))},
                 {queued(at(c, {"queued"}))},
                 {missed > 0 ? counted(missed, "missed pong") : "", tone::warning},
                 {is_true(c, "reading_paused") ? "reading paused" : "", tone::warning}},
                with);
  screen += line("topics    ", enumerated(list(c, "topics")), with);
  screen += line("groups    ", enumerated(list(c, "groups")), with);
  screen += line("attributes  ", pairs(at(c, {"attributes"})), with);
  screen += line("handler   ", pairs(at(c, {"handler_state"})), with);
  return screen + history_lines(list(c, "history"), number_or_zero(c, "age_ms"), with);
}

std::string connection_health_screen(const json& health, const style& with) {
  auto well = is_true(health, "healthy");
  auto rtt = number(health, "rtt_ms");
  return row(text(health, "id") + "  ",
             {{well ? "healthy" : "not healthy", well ? tone::good : tone::bad},
              {text(health, "state"), tone_of_state(text(health, "state"))},
              {"silent for " + span(number_or_zero(health, "silence_ms"))},
              {count(number_or_zero(health, "missed_pongs")) + " of "
               + count(number_or_zero(health, "max_missed_pongs")) + " pongs missed"},
              {rtt ? "rtt " + latency(*rtt) : ""},
              {"queue " + percent(number_or_zero(health, "queue_fill")) + " full"},
              {is_true(health, "reading_paused") ? "reading paused" : "", tone::warning}},
             with)
         + findings(health, with);
}

std::string health_screen(const json& health, const style& with) {
  auto well = is_true(health, "healthy");
  auto screen = row(well ? "healthy      " : "not healthy  ",
                    {{states_in_words(at(health, {"states"}))}}, with);
  screen += findings(health, with);
  return screen + row("alerts       ", alerts_in_words(list(health, "alerts")), with);
}

std::string validation_screen(const json& v, const style& with) {
  auto problems = number_or_zero(v, "problem_count");
  auto screen = row("checked  ",
                    {{counted(number_or_zero(v, "checked"), "connection")},
                     {count(number_or_zero(v, "healthy")) + " healthy"},
                     {counted(problems, "problem"), problems > 0 ? tone::bad : tone::good},
                     {states_in_words(at(v, {"by_state"}))}},
                    with);
  std::vector<std::vector<item>> rows;
  for (auto& each : list(v, "problems"))
    rows.push_back({{text(each, "id")}, {text(each, "user")}, {text(each, "problem")}});
  if (!rows.empty())
    screen += table({{"id"}, {"user"}, {"problem"}}, rows, with);
  for (auto& each : list(v, "books")) {
    auto fine = is_true(each, "ok");
    screen
      += row(fine ? "books    ok     " : "books    WRONG  ",
             {{text(each, "check"), fine ? tone::plain : tone::bad}, {text(each, "detail")}}, with);
  }
  return screen;
}

std::string kicked_screen(const json& kicked, const style& with) {
  auto rehearsed = is_true(kicked, "dry_run");
  auto matched = number_or_zero(kicked, "matched");
  auto closed = number_or_zero(kicked, rehearsed ? "selected" : "kicked");
  return hit((rehearsed ? "would close " : "closed ") + counted(closed, "connection")
               + (matched > closed ? " of " + count(matched) + " that match" : "")
               + (rehearsed ? " (nothing is changed)" : ""),
             kicked, closed, with);
}

std::string cleaned_screen(const json& cleaned, const style& with) {
  auto would = !at(cleaned, {"total"}).is_null(); // the list that a rehearsal asks for
  auto all = number_or_zero(cleaned, would ? "total" : "cleaned");
  return hit(would ? "would close " + counted(all, "zombie") + " (nothing is changed)"
                   : "closed " + counted(all, "zombie"),
             cleaned, all, with);
}

std::string closed_screen(const json& receipts, bool histories, const style& with) {
  std::string screen;
  for (auto& r : receipts) {
    auto user = text(r, "user");
    auto detail = text(r, "detail");
    auto when = time_of_day(text(r, "closed_at"), with.today);
    auto who = text(r, "who");
    auto head = text(r, "id") + "  " + (user.empty() ? "-" : user) + "  " + text(r, "code") + " "
                + text(r, "code_name") + "  after " + span(number_or_zero(r, "age_ms"));
    screen += row(when + "  ",
                  {{head, tone::strong},
                   {"by the " + who + ": " + text(r, "explanation")
                    + (detail.empty() ? "" : " (" + detail + ")")}},
                  with);
    auto unconfirmed = number_or_zero(r, "unconfirmed_bytes");
    auto discarded = number_or_zero(r, "discarded_in");
    screen += row(std::string(display_width(when) + 2, ' '),
                  {{"sent " + count(number_or_zero(at(r, {"out"}), "messages"))},
                   {"acknowledged " + count(number_or_zero(r, "acknowledged"))},
                   {"never written " + count(number_or_zero(at(r, {"never_written"}), "messages"))},
                   {unconfirmed > 0 ? "unconfirmed " + size(unconfirmed) : ""},
                   {"received " + count(number_or_zero(at(r, {"in"}), "messages"))},
                   {discarded > 0 ? "discarded " + count(discarded) : ""},
                   {"from " + text(r, "address")},
                   {"route " + text(r, "route")}},
                  with);
    if (histories)
      screen += history_lines(list(r, "history"), number_or_zero(r, "age_ms"), with);
  }
  return screen;
}

} // namespace holdfast::console
