#include "app/console/render.hpp"

#include "app/console/listing.hpp"
#include "app/console/numbers.hpp"
#include "app/console/screen.hpp"
#include "app/console/text.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

std::vector<std::string_view> path_of(std::string_view name) {
  std::vector<std::string_view> path;
  while (!name.empty()) {
    auto dot = std::min(name.find('.'), name.size());
    path.push_back(name.substr(0, dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return path;
}

const json& along(const json& object, const std::vector<std::string_view>& path) {
  auto* reached = &object;
  for (auto name : path)
    reached = &at(*reached, {name});
  return *reached;
}

/// The field of an actor that it is sorted by.
std::string sort_field(const std::string& key) {
  return key == "busy" ? "busy_ms" : key == "uptime" ? "uptime_ms" : key;
}

void sort_actors(const asked& what, json& answer) {
  auto key = what.value_of("--sort");
  if (what.command->what != verb::actors_list || key.empty() || !answer.contains("items"))
    return;
  auto falling = key.front() == '-';
  auto field = sort_field(falling ? key.substr(1) : key);
  auto& items = answer["items"];
  std::stable_sort(items.begin(), items.end(), [&](const json& a, const json& b) {
    auto& left = at(a, {field});
    auto& right = at(b, {field});
    return falling ? right < left : left < right;
  });
}

json trimmed(const asked& what, const json& answer) {
  auto fields = what.parts_of("--fields");
  if (fields.empty())
    return answer;
  auto result = answer;
  if (result.is_object() && result.contains("items"))
    for (auto& each : result["items"])
      each = only_fields(each, fields);
  return result;
}

std::string listing(const asked& what, const json& answer, const style& with) {
  auto& items = list(answer, "items");
  auto names = what.parts_of("--columns");
  auto command = what.command->what;
  if (command == verb::closed && names.empty())
    return closed_screen(items, what.has("--id"), with);
  return items.empty() ? "" : listed(command, items, names, with);
}

std::string health(const asked& what, const json& answer, const style& with) {
  if (what.has("--validate"))
    return validation_screen(answer, with);
  return what.arguments.empty() ? health_screen(answer, with)
                                : connection_health_screen(answer, with);
}

std::string as_screen(const asked& what, const json& answer, const style& with) {
  switch (what.command->what) {
  case verb::status: return status_screen(answer, with);
  case verb::pool: return pool_screen(answer, with);
  case verb::stats: return stats_screen(answer, with);
  case verb::health:
  case verb::conns_health: return health(what, answer, with);
  case verb::conns_show: return connection_screen(answer, with);
  case verb::conns_kick: return kicked_screen(answer, with);
  case verb::zombies_clean: return cleaned_screen(answer, with);
  case verb::conns_list:
  case verb::conns_top:
  case verb::zombies_list:
  case verb::closed:
  case verb::users:
  case verb::alerts:
  case verb::actors_list: return listing(what, answer, with);
  case verb::actors_show: return actor_screen(answer, with);
  case verb::actors_spawn: return text(answer, "name") + " runs\n";
  case verb::actors_stop: return text(answer, "name") + " is told to end\n";
  case verb::send:
    return "reached " + counted(number_or_zero(answer, "reached"), "connection") + "\n";
  case verb::publish: return "published\n";
  case verb::drain:
    return at(answer, {"population"}).is_null() ? drain_screen(answer, with)
                                                : plan_screen(answer, with);
  case verb::drain_status:
  case verb::drain_cancel: return drain_screen(answer, with);
  case verb::reload: return reload_screen(answer, with);
  case verb::actors_tree: // drawn elsewhere, from several answers
  case verb::conns_trace:
  case verb::events:
  case verb::top:
  case verb::console:
  case verb::completion: return {};
  }
  return {};
}

/// "data: {...}" of server-sent events, or a line of NDJSON.
std::string_view data_of(std::string_view line) {
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  if (line.substr(0, 5) == "data:")
    line.remove_prefix(5);
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  return !line.empty() && line.front() == '{' ? line : std::string_view{};
}

std::string empty_list(verb what, const json& answer) {
  if (what == verb::zombies_list)
    return "there are no zombies";
  if (what == verb::conns_list && number(answer, "open") == 0)
    return "nobody is connected";
  return "nothing matches";
}

} // namespace

json only_fields(const json& object, const std::vector<std::string>& names) {
  auto result = json::object();
  for (auto& name : names)
    result[name] = along(object, path_of(name));
  return result;
}

std::string rendered(const asked& what, json answer, const style& with, bool lines) {
  sort_actors(what, answer);
  if (what.has("--json") || what.has("--fields"))
    return to_text(trimmed(what, answer), !lines) + "\n";
  return as_screen(what, answer, with);
}

std::string page_remark(const asked& what, std::size_t given, double total) {
  auto some = static_cast<double>(given);
  if (total <= some)
    return {};
  auto has_limit = find_option(*what.command, "--limit") != nullptr;
  return count(some) + " of " + count(total) + (has_limit ? "; --limit N shows more" : "");
}

std::vector<std::string> remarks(const asked& what, const json& answer) {
  std::vector<std::string> lines;
  auto silent = silent_in_words(answer);
  if (!silent.empty())
    lines.push_back(silent + " did not answer in time; what they know is missing");
  auto& items = at(answer, {"items"});
  auto is_list = items.is_array() && !columns_of(what.command->what).empty();
  if (is_list && items.empty())
    lines.push_back(empty_list(what.command->what, answer));
  auto total = number(answer, "total");
  auto next = text(answer, "next");
  auto rest = is_list && total ? page_remark(what, items.size(), *total) : std::string{};
  if (!rest.empty())
    lines.push_back(rest);
  else if (is_list && !next.empty())
    lines.push_back("there are more: --cursor " + next);
  if (what.command->what == verb::conns_kick && number_or_zero(answer, "matched") == 0)
    lines.push_back("no connection matches; holdfast conns list shows them, holdfast closed those "
                    "that have gone");
  return lines;
}

exit_code verdict(const asked& what, const json& answer) {
  auto command = what.command->what;
  auto unwell = (command == verb::health || command == verb::conns_health)
                && !what.has("--validate") && !is_true(answer, "healthy");
  auto wrong_books = [&] {
    auto& books = list(answer, "books");
    return std::any_of(books.begin(), books.end(), [](auto& b) { return !is_true(b, "ok"); });
  };
  auto invalid
    = what.has("--validate") && (number_or_zero(answer, "problem_count") > 0 || wrong_books());
  auto alarmed = [&] {
    auto& items = list(answer, "items");
    return std::any_of(items.begin(), items.end(), [](auto& a) { return is_true(a, "active"); });
  };
  if (unwell || invalid || (what.has("--check") && alarmed()))
    return exit_code::check_failed;
  if (!silent_in_words(answer).empty())
    return exit_code::partial;
  if (command == verb::conns_kick && number_or_zero(answer, "matched") == 0)
    return exit_code::not_found;
  return command == verb::reload && !list(answer, "errors").empty() ? exit_code::failed
                                                                    : exit_code::ok;
}

std::string rendered_line(const asked& what, std::string_view line, const style& with,
                          std::string& end) {
  auto data = data_of(line);
  if (data.empty())
    return {};
  auto value = parse_json(data);
  if (!value || !value->is_object())
    return {};
  if (value->contains("end"))
    end = text(*value, "end");
  auto fields = what.parts_of("--fields");
  if (!fields.empty())
    return to_text(only_fields(*value, fields), false) + "\n";
  if (what.has("--json"))
    return to_text(*value, false) + "\n";
  return end.empty() ? event_line(*value, with) : std::string{};
}

} // namespace holdfast::console
