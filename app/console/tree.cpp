#include "app/console/tree.hpp"

#include "app/console/numbers.hpp"
#include "app/console/screen.hpp"
#include "app/console/text.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace holdfast::console {

namespace {

std::string name_of(const json& actor) {
  return text(actor, "name");
}

/// Children of `parent`, which `taken` has not yet.
std::vector<tree_node> children_of(const std::string& parent, const json& actors,
                                   std::set<std::string>& taken) {
  std::vector<tree_node> children;
  for (auto& each : actors)
    if (text(each, "parent") == parent && taken.insert(name_of(each)).second)
      children.push_back({&each, name_of(each), {}});
  for (auto& each : children)
    each.children = children_of(each.name, actors, taken);
  return children;
}

bool is_in(const json& actors, const std::string& name) {
  return std::any_of(actors.begin(), actors.end(),
                     [&](auto& each) { return name_of(each) == name; });
}

/// The names with their branches before them, and what is behind them.
struct drawing {
  std::vector<std::pair<std::string, const tree_node*>> lines;

  void add(const tree_node& node, const std::string& before) {
    for (auto& each : node.children) {
      auto last = &each == &node.children.back();
      lines.emplace_back(before + (last ? "`- " : "|- ") + each.name, &each);
      add(each, before + (last ? "   " : "|  "));
    }
  }
};

std::vector<item> words_of(const json& actor, const json& state) {
  std::vector<item> words;
  if (!is_true(actor, "alive"))
    words.push_back({"dead", tone::bad});
  for (auto& each : published_in_words(state, 3))
    words.push_back({each});
  words.push_back({"mailbox " + count(number_or_zero(actor, "mailbox"))});
  auto messages = number_or_zero(actor, "messages");
  words.push_back({rough(messages) + (messages == 1 ? " message" : " messages")});
  auto restarts = number_or_zero(actor, "restarts");
  auto failure = text(actor, "last_failure");
  if (restarts > 0)
    words.push_back({counted(restarts, "restart") + (failure.empty() ? "" : ", last: " + failure),
                     tone::warning});
  return words;
}

std::string quoted(const std::string& name) {
  std::string text{"\""};
  for (char c : name)
    text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return text + "\"";
}

/// "1 group", "2 groups": of what is named in the plural.
std::string counted_as_named(double number, std::string plural) {
  if (number == 1 && plural.size() > 1 && plural.back() == 's')
    plural.pop_back();
  return count(number) + " " + plural;
}

} // namespace

tree_node tree_of(const json& actors) {
  tree_node root;
  for (auto& each : actors)
    if (root.name.empty())
      root.name = text(each, "node");
  root.name = "node" + (root.name.empty() ? "" : " " + root.name);
  std::set<std::string> taken;
  for (auto& each : actors) {
    auto parent = text(each, "parent");
    if ((parent.empty() || parent == name_of(each) || !is_in(actors, parent))
        && taken.insert(name_of(each)).second)
      root.children.push_back({&each, name_of(each), {}});
  }
  for (auto& each : root.children)
    each.children = children_of(each.name, actors, taken);
  for (auto& each : actors) // those in a circle
    if (taken.insert(name_of(each)).second)
      root.children.push_back({&each, name_of(each), {}});
  return root;
}

std::vector<std::string> published_in_words(const json& state, std::size_t most) {
  std::vector<std::string> words;
  if (!state.is_object())
    return words;
  for (auto& [name, value] : state.items()) {
    if (words.size() == most)
      break;
    auto says_little = value == 0 && !words.empty();
    if (says_little || name == "shard") // which stands in the actor's name
      continue;
    auto spoken = shown(name);
    std::replace(spoken.begin(), spoken.end(), '_', ' ');
    auto is_time = spoken.size() > 3 && spoken.compare(spoken.size() - 3, 3, " ms") == 0;
    if (value.is_number() && is_time)
      words.push_back(spoken.substr(0, spoken.size() - 3) + " " + span(value.get<double>()));
    else if (value.is_number())
      words.push_back(counted_as_named(value.get<double>(), std::move(spoken)));
    else if (value.is_boolean())
      words.push_back((value.get<bool>() ? "" : "not ") + spoken);
    else if (value == "yes")
      words.push_back(spoken);
    else if (value.is_string() && value != "no" && !value.get_ref<const std::string&>().empty())
      words.push_back(text(value));
  }
  return words;
}

std::string tree_text(const tree_node& root, const json& details, const style& with) {
  drawing drawn;
  drawn.add(root, "");
  std::size_t widest = 0;
  for (auto& [name, node] : drawn.lines)
    widest = std::max(widest, display_width(name));
  auto screen = root.name + "\n";
  for (auto& [name, node] : drawn.lines)
    screen += row(padded(name, widest + 3),
                  words_of(*node->actor, at(details, {node->name, "state"})), with);
  return screen;
}

json tree_json(const tree_node& root) {
  auto result = json::object();
  result["name"] = root.name;
  if (root.actor != nullptr)
    result["actor"] = *root.actor;
  result["children"] = json::array();
  for (auto& each : root.children)
    result["children"].push_back(tree_json(each));
  return result;
}

std::string tree_dot(const tree_node& root) {
  std::string text{"digraph holdfast {\n  rankdir=LR;\n  node [shape=box];\n"};
  std::function<void(const tree_node&)> add = [&](const tree_node& node) {
    text += "  " + quoted(node.name)
            + (node.actor != nullptr && !is_true(*node.actor, "alive") ? " [style=dashed]" : "")
            + ";\n";
    for (auto& each : node.children) {
      add(each);
      text += "  " + quoted(node.name) + " -> " + quoted(each.name) + ";\n";
    }
  };
  add(root);
  return text + "}\n";
}

std::string actor_screen(const json& actor, const style& with) {
  auto alive = is_true(actor, "alive");
  auto failure = text(actor, "last_failure");
  auto screen = row(text(actor, "name") + "  ",
                    {{alive ? "alive" : "dead", alive ? tone::good : tone::bad},
                     {"kind " + text(actor, "kind")},
                     {text(actor, "parent").empty() ? "" : "below " + text(actor, "parent")},
                     {"up " + span(number_or_zero(actor, "uptime_ms"))},
                     {"mailbox " + count(number_or_zero(actor, "mailbox"))},
                     {counted(number_or_zero(actor, "messages"), "message")},
                     {"busy " + latency(number_or_zero(actor, "busy_ms"))},
                     {counted(number_or_zero(actor, "restarts"), "restart")},
                     {failure.empty() ? "" : "last failure: " + failure, tone::warning}},
                    with);
  auto& state = at(actor, {"state"});
  std::size_t widest = 0;
  if (state.is_object())
    for (auto& [name, value] : state.items())
      widest = std::max(widest, display_width(shown(name)));
  if (state.is_object())
    for (auto& [name, value] : state.items()) {
      auto words = value.is_structured() ? to_text(value, false) : text(value);
      screen
        += paragraph("  " + padded(shown(name), widest) + "  ", words.empty() ? "-" : words, with);
    }
  return screen;
}

} // namespace holdfast::console
