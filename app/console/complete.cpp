#include "app/console/complete.hpp"

#include "app/console/text.hpp"
#include "app/console/words.hpp"

#include <algorithm>

namespace holdfast::console {

namespace {

/// Commands that are parsed elsewhere; what follows them is not completed.
const std::vector<candidate> other_commands{
  {"serve", "Run a node in the foreground"},
  {"config", "Look at the configuration"},
  {"bench", "Put a WebSocket server under load"},
  {"debug", "Look into a node that serves with --debug, and break it"},
};

/// No character that a shell, or the console, would take for something else.
bool is_tame(const std::string& name) {
  constexpr std::string_view others = "._:@/+%-[]";
  auto tame = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || others.find(c) != std::string_view::npos || static_cast<unsigned char>(c) > 0x7f;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), tame) && name.front() != '-'
         && shown(name) == name;
}

class completer {
public:
  completer(const split_line& line, place where, const name_source& names)
    : before_{line.words},
      last_{line.last},
      where_{where},
      names_{names} {
    if (!last_.empty() || line.open_quote)
      before_.pop_back();
  }

  completions operator()() {
    if (before_.empty())
      first();
    else if (before_[0] == "help" && where_ == place::console)
      before_.erase(before_.begin()), before_.empty() ? first() : second();
    else
      behind_command();
    return std::move(result_);
  }

private:
  void add(const std::string& word, const std::string& about = {}) {
    auto known = [&](const candidate& each) { return each.word == word; };
    auto begins = word.compare(0, last_.size(), last_) == 0;
    if (begins && std::none_of(result_.words.begin(), result_.words.end(), known))
      result_.words.push_back({word, about});
  }

  void first() {
    for (auto& each : catalog()) {
      auto space = each.words.find(' ');
      auto outside = each.what == verb::console || each.what == verb::completion;
      if (where_ == place::command_line || !outside)
        add(each.words.substr(0, space), space == std::string::npos ? each.about : "");
    }
    if (where_ == place::console)
      add("help", "What there is"), add("exit", "Leave");
    else
      for (auto& each : other_commands)
        add(each.word, each.about);
  }

  void second() {
    for (auto& word : second_words(before_[0]))
      add(word, find_command(before_[0], word)->about);
  }

  void behind_command() {
    auto seconds = second_words(before_[0]);
    auto two = before_.size() > 1
               && std::find(seconds.begin(), seconds.end(), before_[1]) != seconds.end();
    auto* command = two ? find_command(before_[0], before_[1]) : find_command(before_[0]);
    if (command == nullptr || (where_ == place::console && command->what == verb::console))
      return;
    if (before_.size() == 1)
      second();
    auto equals = last_.find('=');
    if (last_.compare(0, 2, "--") == 0 && equals != std::string::npos)
      return value_behind_equals(*command, equals);
    auto* option = option_of(*command, before_.back());
    if (option != nullptr && option->takes != value::none && option->takes != value::interval)
      return values(option->takes, option->choices, "");
    if (last_.compare(0, 1, "-") == 0)
      return options(*command);
    arguments(*command, two ? 2 : 1);
  }

  void value_behind_equals(const command_spec& command, std::size_t equals) {
    auto* option = option_of(command, last_.substr(0, equals));
    if (option != nullptr)
      values(option->takes, option->choices, last_.substr(0, equals + 1));
  }

  const option_spec* option_of(const command_spec& command, const std::string& name) const {
    auto* found = find_option(command, name);
    auto own = [&] {
      return std::any_of(command.options.begin(), command.options.end(),
                         [&](auto& each) { return each.name == name; });
    };
    return where_ == place::command_line || own() ? found : nullptr;
  }

  void options(const command_spec& command) {
    auto offer = [&](const option_spec& each) {
      auto given = std::find(before_.begin(), before_.end(), each.name) != before_.end();
      if (!given || each.repeated)
        add(each.name, each.about);
    };
    for (auto& each : command.options)
      offer(each);
    if (where_ == place::command_line && command.what != verb::completion)
      for (auto& each : node_options())
        offer(each);
    add("--help", "Print a page of help");
  }

  void arguments(const command_spec& command, std::size_t from) {
    std::size_t given = 0;
    for (auto i = from; i < before_.size(); ++i) {
      auto* option = option_of(command, before_[i - 1]);
      auto is_value = i > from && option != nullptr && option->takes != value::none
                      && option->takes != value::interval;
      given += !is_value && before_[i].compare(0, 1, "-") != 0 ? 1 : 0;
    }
    if (command.arguments.empty())
      return;
    auto& argument = command.arguments.front();
    if (given == 0 || argument.repeated)
      values(argument.takes, argument.choices, "");
  }

  void values(value takes, const std::vector<std::string>& choices, const std::string& before) {
    switch (takes) {
    case value::choice:
      for (auto& each : choices)
        add(before + each);
      return;
    case value::choices: return some_of(choices, before);
    case value::file: result_.files = true; return;
    case value::connection:
    case value::user:
    case value::actor:
      for (auto& each : names_ ? names_(takes) : std::vector<std::string>{})
        if (is_tame(each))
          add(before + each);
      return;
    case value::none:
    case value::text:
    case value::number:
    case value::time:
    case value::interval:
    case value::size:
    case value::pair: return;
    }
  }

  /// "id,us" may become "id,user".
  void some_of(const std::vector<std::string>& choices, const std::string& before) {
    auto comma = last_.rfind(',');
    auto from = before.size();
    auto kept = comma == std::string::npos || comma < from ? before : last_.substr(0, comma + 1);
    for (auto& each : choices)
      add(kept + each);
  }

  std::vector<std::string> before_;
  std::string last_;
  place where_;
  const name_source& names_;
  completions result_;
};

} // namespace

completions complete(std::string_view line, place where, const name_source& names) {
  return completer{split(line), where, names}();
}

} // namespace holdfast::console
