// With the options of `holdfast bench` and app/command_line.cpp, the only file that includes CLI11,
// which takes seconds to compile.
#include "app/console/parse.hpp"

#include "app/bench/help_format.hpp"
#include "app/console/json.hpp"
#include "app/console/layout.hpp"
#include "app/nearest.hpp"
#include "app/units.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <list>

namespace holdfast::console {

namespace {

using words = std::vector<std::string>;

/// Between two looks of --watch: a node has better to do than to answer one console.
constexpr duration shortest_interval = std::chrono::milliseconds{50};

bool knows(const words& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string prefix(place where) {
  return where == place::console ? "" : "holdfast ";
}

mistake wrong(place where, const std::string& of, const std::string& text) {
  auto about = of.empty() ? "" : of + ": ";
  auto help = where == place::console ? "help" + (of.empty() ? "" : " " + of)
                                      : "holdfast" + (of.empty() ? "" : " " + of) + " --help";
  return {"holdfast: " + about + text + "\ntry " + help + "\n"};
}

std::string joined(const words& names) {
  std::string text;
  for (auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string none_of(const std::string& word, const words& names) {
  auto meant = did_you_mean(word, names);
  return "is none of " + joined(names) + (meant.empty() ? "" : meant);
}

/// What is wrong with a value; empty: nothing.
std::string fault(value takes, const words& choices, const std::string& word) {
  if (word.empty())
    return "is empty";
  switch (takes) {
  case value::number: {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    auto fits = error == std::errc{} && end == word.data() + word.size() && number < 1'000'000'000;
    return fits ? "" : "is a whole number, and not " + word;
  }
  case value::interval: {
    auto time = parse_duration(word);
    return time && *time >= shortest_interval
             ? ""
             : "is a time of at least 50ms such as 500ms or 2s, and not " + word;
  }
  case value::time:
    return parse_duration(word) ? "" : "is a time such as 500ms, 30s or 2m, and not " + word;
  case value::size:
    return parse_size(word) ? "" : "is a size such as 512B or 64KiB, and not " + word;
  case value::pair: {
    auto equals = word.find('=');
    return equals != 0 && equals != std::string::npos ? "" : "is KEY=VALUE, and not " + word;
  }
  case value::choice: return knows(choices, word) ? "" : none_of(word, choices);
  case value::choices:
    for (auto& part : asked{nullptr, {}, {{"", {word}}}}.parts_of(""))
      if (!knows(choices, part))
        return part + " " + none_of(part, choices);
    return "";
  case value::none:
  case value::text:
  case value::file:
  case value::connection:
  case value::user:
  case value::actor: return "";
  }
  return "";
}

/// One command as CLI11 has it, and where it puts what it reads.
class reader {
public:
  reader(const command_spec& command, place where)
    : command_{command},
      app_{command.about, prefix(where) + command.words} {
    app_.formatter(std::make_shared<bench::help_format>());
    for (auto& argument : command.arguments)
      add(argument);
    for (auto& option : command.options)
      add(option, "Options");
    if (where == place::command_line && command.what != verb::completion)
      for (auto& option : node_options())
        add(option, "Which node");
    app_.footer(footer(where));
  }

  std::string help() const { return app_.help(); }

  /// Throws CLI::Error.
  asked read(const words& given) {
    app_.parse(words{given.rbegin(), given.rend()}); // it takes them from the back
    asked result{&command_, {}, {}};
    for (auto& each : values_)
      take(each, result);
    if (result.has("--data") && !parse_json(result.arguments.back()))
      throw CLI::ValidationError("--data", "means that the message is JSON, and it is none; for "
                                           "the shell it is quoted: '{\"done\":30}'");
    return result;
  }

private:
  struct slot {
    CLI::Option* option;
    std::string name; ///< empty: an argument
    value takes;
    words choices;
    bool repeated;
    words values;
    std::string interval;
  };

  void add(const argument_spec& argument) {
    auto& to = values_.emplace_back(
      slot{nullptr, "", argument.takes, argument.choices, argument.repeated, {}, {}});
    to.option = app_.add_option(argument.name, to.values, argument.about);
    if (!argument.repeated)
      to.option->expected(argument.required ? 1 : 0, 1);
    if (argument.required)
      to.option->required()->allow_extra_args(argument.repeated);
  }

  void add(const option_spec& option, const char* group) {
    auto& to = values_.emplace_back(
      slot{nullptr, option.name, option.takes, option.choices, option.repeated, {}, {}});
    if (option.takes == value::none)
      to.option = app_.add_flag(option.name)->description(option.about);
    else if (option.takes == value::interval)
      to.option = app_.add_flag(option.name + "{2s}", to.interval, option.about);
    else
      to.option = app_.add_option(option.name, to.values, option.about)->allow_extra_args(false);
    if (option.takes != value::none)
      to.option->type_name(option.type);
    to.option->group(group);
  }

  static void take(const slot& each, asked& into) {
    if (each.option->count() == 0)
      return;
    auto values = each.takes == value::interval ? words{each.interval} : each.values;
    auto who = each.name.empty() ? each.option->get_name() : each.name;
    if (!each.name.empty() && each.takes != value::none && !each.repeated
        && each.option->count() > 1)
      throw CLI::ValidationError(who, "is given twice");
    for (auto& word : values) {
      auto what = fault(each.takes, each.choices, word);
      if (!what.empty())
        throw CLI::ValidationError(who, what);
    }
    if (each.name.empty())
      into.arguments.insert(into.arguments.end(), values.begin(), values.end());
    else
      into.options[each.name] = values;
  }

  std::string footer(place where) const {
    auto text = command_.more.empty() ? "" : paragraph("", command_.more, {});
    if (!command_.examples.empty())
      text += "Examples:\n";
    for (auto& example : command_.examples)
      text += "  " + prefix(where) + example + "\n";
    text.pop_back();
    return text;
  }

  const command_spec& command_;
  CLI::App app_;
  std::list<slot> values_; // CLI11 keeps addresses
};

/// What a mistyped option was meant to be; empty: each is known.
std::string unknown_option(const command_spec& command, const words& given, place where) {
  words names{"--help"};
  for (auto& option : command.options)
    names.push_back(option.name);
  if (where == place::command_line)
    for (auto& option : node_options())
      names.push_back(option.name);
  for (auto& word : given) {
    auto name = word.substr(0, word.find('='));
    if (name.size() > 2 && name.compare(0, 2, "--") == 0 && !knows(names, name)) {
      if (where == place::console && find_option(command, name) != nullptr)
        return name + " is for the command line: this console speaks to one node";
      return "there is no option " + name + did_you_mean(name, names);
    }
  }
  return {};
}

/// Options that only make sense with, or without, others. Empty: all is well.
std::string clash(const asked& given) {
  auto both = [&](const char* a, const char* b) { return given.has(a) && given.has(b); };
  auto refused = [](const char* a, const char* b) {
    return std::string{a} + " and " + b + " do not go together";
  };
  if (both("--socket", "--url"))
    return refused("--socket", "--url");
  if (both("--socket", "--run-dir") || both("--url", "--run-dir"))
    return refused("--run-dir", given.has("--url") ? "--url" : "--socket");
  if (given.has("--token-file") && !given.has("--url"))
    return "--token-file is for a node at --url";
  if (both("--columns", "--json") || both("--columns", "--fields"))
    return refused("--columns", given.has("--json") ? "--json" : "--fields");
  if (both("--all", "--limit") && given.command->what == verb::conns_list)
    return refused("--all", "--limit");
  if (both("--all", "--watch"))
    return refused("--all", "--watch");
  if (given.has("--validate") && !given.arguments.empty())
    return "--validate checks every connection; leave out the id";
  if (given.command->what != verb::conns_kick)
    return {};
  auto chosen = !given.arguments.empty();
  for (auto& option : given.command->options)
    chosen
      = chosen
        || (!option.parameter.empty() && option.parameter != "all" && option.parameter != "rate"
            && option.parameter != "limit" && option.parameter != "code"
            && option.parameter != "reason" && given.has(option.name));
  if (given.has("--all") && chosen)
    return "--all means everyone; leave out what chooses some";
  return given.has("--all") || chosen ? "" : "say which: ids, --user, --state and so on, or --all";
}

/// The page for a word that has others behind it, or of the whole table.
std::string group_page(const std::string& word, place where) {
  auto text = "Usage: " + prefix(where) + word + " COMMAND\n\n";
  for (auto& each : catalog())
    if (each.words.compare(0, word.size() + 1, word + " ") == 0 || each.words == word)
      text += "  " + each.words + std::string(25 - 2 - each.words.size(), ' ') + each.about + "\n";
  return text + "\n";
}

} // namespace

std::string command_list(place where) {
  std::string text;
  for (auto& each : catalog()) {
    if (where == place::console && (each.what == verb::console || each.what == verb::completion))
      continue;
    text += "  " + each.words + std::string(25 - 2 - each.words.size(), ' ') + each.about + "\n";
  }
  return text;
}

parsed parse(const words& given, place where) {
  auto first = given.empty() ? std::string{} : given[0];
  if (!is_console_word(first))
    return wrong(where, "", "there is no command " + first + did_you_mean(first, first_words()));
  auto seconds = second_words(first);
  auto second = given.size() > 1 && given[1].compare(0, 1, "-") != 0 ? given[1] : std::string{};
  auto* command = knows(seconds, second) ? find_command(first, second) : find_command(first);
  if (!seconds.empty() && !second.empty() && !knows(seconds, second) && command->arguments.empty())
    return wrong(where, first,
                 "there is no " + first + " " + second + did_you_mean(second, seconds));
  if (where == place::console && command->what == verb::console)
    return wrong(where, "", "this is the console");
  words rest{given.begin() + (knows(seconds, second) ? 2 : 1), given.end()};
  reader with{*command, where};
  try {
    auto result = with.read(rest);
    auto text = clash(result);
    if (!text.empty())
      return wrong(where, command->words, text);
    return result;
  } catch (const CLI::CallForHelp&) {
    auto several = !seconds.empty() && !knows(seconds, second);
    return help_page{(several ? group_page(first, where) : "") + with.help()};
  } catch (const CLI::ParseError& error) {
    auto unknown = unknown_option(*command, rest, where);
    return wrong(where, command->words, unknown.empty() ? error.what() : unknown);
  }
}

} // namespace holdfast::console
