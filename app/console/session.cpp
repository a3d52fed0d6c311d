#include "app/console/session.hpp"

#include "app/admin/http/percent.hpp"
#include "app/console/listing.hpp"
#include "app/console/numbers.hpp"
#include "app/console/plan.hpp"
#include "app/console/render.hpp"
#include "app/console/screen.hpp"
#include "app/console/text.hpp"
#include "app/console/tree.hpp"
#include "app/nearest.hpp"
#include "app/units.hpp"

#include <algorithm>
#include <ostream>

namespace holdfast::console {

namespace {

constexpr std::size_t page_size = 1000;   ///< the most that the node gives at once
constexpr std::size_t most_details = 300; ///< actors that the tree asks for one by one

bool wants_json(const asked& what) {
  return what.has("--json") || what.has("--fields");
}

std::size_t wanted(const asked& what) {
  auto limit = what.value_of("--limit");
  return limit.empty() ? 0 : std::stoul(limit);
}

std::string question_about(const asked& what, const json& rehearsed, const style& with) {
  if (what.command->what == verb::drain)
    return plan_screen(rehearsed, with) + "Everyone is let go and the node ends. Go on? [y/N] ";
  auto zombies = what.command->what == verb::zombies_clean;
  return (zombies ? cleaned_screen(rehearsed, with) : kicked_screen(rehearsed, with))
         + "Close them? [y/N] ";
}

double hit_by(const asked& what, const json& rehearsed) {
  return number_or_zero(rehearsed, what.command->what == verb::zombies_clean ? "total" : "matched");
}

void add_page(json& whole, const json& page) {
  for (auto& each : list(page, "items"))
    whole["items"].push_back(each);
  for (auto& each : list(page, "partial"))
    whole["partial"].push_back(each);
  whole["next"] = at(page, {"next"});
}

} // namespace

session::session(api& speaks, std::string node, stage at)
  : api_{speaks},
    node_{std::move(node)},
    at_{std::move(at)} {}

exit_code session::carry_out(const asked& what) {
  if (hits_many(what) && !what.has("--yes"))
    if (auto code = confirmed(what))
      return *code;
  if (what.has("--watch"))
    return watch(what);
  return once(what);
}

exit_code session::once(const asked& what) {
  if (is_stream(what))
    return stream(what);
  if (what.command->what == verb::actors_tree)
    return tree(what);
  if (what.command->what == verb::conns_list && (what.has("--all") || wanted(what) > page_size))
    return pages(what);
  auto code = exit_code::ok;
  auto answered = ask(plan(what), code);
  if (!answered) {
    auto more = code == exit_code::not_found ? about_missing(what) : std::string{};
    if (!more.empty())
      at_.err << "holdfast: " << more << '\n';
    return code;
  }
  show(rendered(what, *answered, at_.look, what.has("--watch")));
  say(remarks(what, *answered));
  return verdict(what, *answered);
}

exit_code session::watch(const asked& what) {
  auto pause = *parse_duration(what.value_of("--watch"));
  for (auto first = true;; first = false) {
    if (at_.redraws && !wants_json(what))
      at_.out << "\x1b[H\x1b[2J";
    else if (!first && !wants_json(what))
      at_.out << '\n';
    auto code = once(what);
    at_.out << std::flush;
    auto goes_on
      = code == exit_code::ok || code == exit_code::partial || code == exit_code::check_failed;
    if (!goes_on || !at_.wait || !at_.wait(pause))
      return code;
  }
}

exit_code session::stream(const asked& what) {
  std::string end;
  auto answered = api_.stream(plan(what), [&](std::string_view line) {
    at_.out << rendered_line(what, line, at_.look, end) << std::flush;
    return static_cast<bool>(at_.out);
  });
  if (auto* nothing = std::get_if<no_answer>(&answered))
    return complain(mishap_of(*nothing, node_));
  auto& whole = std::get<answer>(answered);
  if (whole.status != 200)
    return complain(mishap_of(whole, node_));
  if (end == "too_many") {
    at_.err
      << "holdfast: as many traces run already as a node bears; try again when one has ended\n";
    return exit_code::failed;
  }
  if (end == "limit")
    say({"that were as many events as were asked for; --limit N shows more"});
  if (end == "time")
    say({"the time is over; --for TIME goes on longer"});
  return exit_code::ok;
}

/// Tables are printed page by page, so that the memory for it has a bound; JSON is one object.
exit_code session::pages(const asked& what) {
  auto rest = what.has("--all") ? std::string::npos : wanted(what);
  auto cursor = what.value_of("--cursor");
  auto code = exit_code::ok;
  auto whole = json::object();
  std::size_t given = 0;
  do {
    auto failed = exit_code::ok;
    auto page = ask(next_page(what, cursor, std::min(rest, page_size)), failed);
    if (!page)
      return failed;
    code = std::max(code, verdict(what, *page));
    auto& items = list(*page, "items");
    given += items.size();
    rest -= std::min(rest, items.size());
    cursor = items.empty() ? "" : text(*page, "next");
    if (!wants_json(what))
      at_.out << rendered(what, *page, at_.look, false) << std::flush;
    else if (whole.empty())
      whole = *page;
    else
      add_page(whole, *page);
    if (auto silent = silent_in_words(*page); !silent.empty())
      say({silent + " did not answer in time; what they know is missing"});
    if (cursor.empty() || rest == 0)
      if (auto more = page_remark(what, given, number_or_zero(*page, "total")); !more.empty())
        say({more});
  } while (!cursor.empty() && rest > 0);
  if (wants_json(what))
    show(rendered(what, whole, at_.look, false));
  return code;
}

exit_code session::tree(const asked& what) {
  auto code = exit_code::ok;
  auto actors = ask(plan(what), code);
  if (!actors)
    return code;
  auto& items = list(*actors, "items");
  auto root = tree_of(items);
  auto format = what.value_of("-o");
  if (format == "json")
    show(to_text(tree_json(root), true) + "\n");
  else if (format == "dot")
    show(tree_dot(root));
  else {
    auto details = json::object();
    for (auto& each : items) {
      if (details.size() == most_details)
        break;
      // One that has ended meanwhile, or is silent, is drawn without what it publishes.
      auto name = text(each, "name");
      auto answered = api_.ask({"GET", "/v1/actors/" + admin::percent_encode(name, true), ""});
      auto* one = std::get_if<answer>(&answered);
      if (one == nullptr)
        break;
      if (auto value = parse_json(one->body); value && one->status == 200)
        details[name] = *value;
    }
    show(tree_text(root, details, at_.look));
  }
  say(remarks(what, *actors));
  return verdict(what, *actors);
}

std::optional<exit_code> session::confirmed(const asked& what) {
  if (!at_.ask) {
    at_.err << "holdfast: " << what.command->words
            << " may hit many, and there is no terminal to ask: give --yes, or look first with "
               "--dry-run\n";
    return exit_code::usage;
  }
  auto code = exit_code::ok;
  auto rehearsed = ask(rehearsal(what), code);
  if (!rehearsed)
    return code;
  if (what.command->what != verb::drain && hit_by(what, *rehearsed) <= 1)
    return {};
  if (at_.ask(question_about(what, *rehearsed, at_.look)))
    return {};
  at_.err << "holdfast: nothing was done\n";
  return exit_code::failed;
}

std::optional<json> session::ask(const request& what, exit_code& code) {
  auto answered = api_.ask(what);
  if (auto* nothing = std::get_if<no_answer>(&answered)) {
    code = complain(mishap_of(*nothing, node_));
    return {};
  }
  auto& whole = std::get<answer>(answered);
  if (whole.status >= 300 || whole.status < 200) {
    code = complain(mishap_of(whole, node_));
    return {};
  }
  auto value = parse_json(whole.body);
  if (!value)
    code = complain(nonsense(node_));
  return value;
}

exit_code session::complain(const mishap& about) {
  at_.err << "holdfast: " << about.text << '\n';
  return about.code;
}

/// Where something of that id went, or what was meant. Asked quietly: the command has failed
/// anyway.
std::string session::about_missing(const asked& what) {
  if (what.arguments.empty())
    return {};
  auto& id = what.arguments.front();
  auto quietly = [&](const std::string& target) {
    auto answered = api_.ask({"GET", target, ""});
    auto* whole = std::get_if<answer>(&answered);
    return whole != nullptr && whole->status == 200 ? parse_json(whole->body).value_or(json{})
                                                    : json{};
  };
  auto is_actor = what.command->what == verb::actors_show;
  if (!is_actor) {
    auto closed = quietly("/v1/closed?id=" + admin::percent_encode(id) + "&limit=1");
    for (auto& each : list(closed, "items"))
      return "it was closed at " + time_of_day(text(each, "closed_at"), at_.look.today) + ": "
             + text(each, "code") + " " + text(each, "code_name") + "; holdfast closed --id "
             + shown(id) + " tells more";
  }
  auto all = quietly(is_actor ? "/v1/actors" : "/v1/connections?limit=1000");
  std::vector<std::string> names;
  for (auto& each : list(all, "items"))
    names.push_back(text(each, is_actor ? "name" : "id"));
  auto meant = nearest(id, names);
  return meant.empty() ? std::string{} : "did you mean " + meant + "?";
}

void session::show(const std::string& text) {
  if (at_.show)
    at_.show(text);
  else
    at_.out << text << std::flush;
}

void session::say(const std::vector<std::string>& remarks) {
  for (auto& each : remarks)
    at_.err << "holdfast: " << each << '\n';
}

} // namespace holdfast::console
