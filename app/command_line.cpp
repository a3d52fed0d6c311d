// Besides the options of `holdfast bench` and of what speaks to a node, the only file that includes
// CLI11, which takes seconds to compile.
#include "app/command_line.hpp"

#include "app/bench/command_line.hpp"
#include "app/bench/help_format.hpp"
#include "app/console/parse.hpp"
#include "app/nearest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace holdfast {

namespace {

const std::vector<std::string> commands{"serve", "config", "bench", "debug"};
const std::vector<std::string> config_commands{"check", "example", "show"};
const std::vector<std::string> debug_commands{"actors", "counts", "kill",
                                              "throw",  "drain",  "cancel-drain"};
const std::vector<std::string> options{"--config",  "--profile",  "--listen",
                                       "--set",     "--insecure", "--help",
                                       "--version", "--debug",    "--run-dir"};

constexpr auto how_to_go_on = "try holdfast --help\n";

void add_options(CLI::App& to, command& into) {
  to.add_option("--config", into.config_file, "Configuration, in TOML")->type_name("FILE");
  to.add_option("--profile", into.profile, "Defaults for \"development\" or \"production\"")
    ->type_name("NAME");
  to.add_option("--listen", into.listens, "Listen there instead; may be repeated, port 0 is any")
    ->type_name("ADDRESS:PORT")
    ->allow_extra_args(false);
  to.add_option("--set", into.sets, "Set one key over all else; may be repeated")
    ->type_name("TABLE.KEY=VALUE")
    ->allow_extra_args(false);
  to.add_flag("--insecure", into.insecure,
              "Let anyone on the network in under any name (auth.mode \"none\")");
}

bool knows(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// CLI11 only says that some command is missing; this says which word was wrong. Empty: none.
std::string wrong_word(const std::vector<std::string>& words) {
  auto wrong = [&](std::size_t at, const std::vector<std::string>& names) {
    auto is_word = words.size() > at && !words[at].empty() && words[at].front() != '-';
    if (!is_word || knows(names, words[at]))
      return std::string{};
    auto of = at == 0 ? "" : words[0] + " ";
    return "there is no command " + of + words[at] + did_you_mean(words[at], names);
  };
  auto all = commands;
  for (auto& word : console::first_words())
    all.push_back(word);
  auto text = wrong(0, all);
  if (text.empty() && !words.empty() && words[0] == "config")
    text = wrong(1, config_commands);
  if (text.empty() && !words.empty() && words[0] == "debug")
    text = wrong(1, debug_commands);
  return text;
}

/// What a mistyped option was meant to be.
std::string meant_option(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    auto name = word.substr(0, word.find('='));
    if (name.size() > 2 && name.compare(0, 2, "--") == 0 && !knows(options, name))
      return did_you_mean(name, options);
  }
  return {};
}

/// Empty where an option was given nothing: it would look as if it had not been given at all.
std::string empty_value(const CLI::App& chosen) {
  for (auto* name : {"--config", "--profile"}) {
    auto* option = chosen.get_option(name);
    if (option->count() != 0 && option->as<std::string>().empty())
      return std::string{name} + " is empty";
  }
  return {};
}

usage_error wrong(const std::string& text) {
  return {"holdfast: " + text + "\n" + how_to_go_on, exit_code::usage};
}

/// `holdfast debug`: each request is a command of its own, so that help can list them.
class debug_options {
public:
  debug_options(CLI::App& app, command& into)
    : app_{*app.add_subcommand("debug", "Look into a node that serves with --debug, and break it")},
      into_{into} {
    app_.require_subcommand(1);
    app_.add_option("--run-dir", run_dir_, "The node's node.run_dir, if it is not the default")
      ->type_name("DIR");
    add("actors", "Table of the permanent actors: restarts, messages, last failure");
    add("counts", "What the node has counted, as JSON");
    name(add("kill", "End a permanent actor"));
    auto* thrown = add("throw", "Have a permanent actor's next message throw an exception");
    name(thrown);
    thrown->add_option("TEXT", text_, "The exception's text");
    add("drain", "Begin a drain, as SIGTERM does");
    add("cancel-drain", "Cancel it, while nobody is closed by force");
  }

  explicit operator bool() const { return static_cast<bool>(app_); }

  /// The request as the node wants it, and where the node is.
  void finish() {
    into_.what = command::debug;
    into_.text = app_.get_subcommands().front()->get_name();
    if (!actor_.empty())
      into_.text += " " + actor_;
    if (!text_.empty())
      into_.text += " " + text_;
    if (!run_dir_.empty())
      into_.sets.push_back("node.run_dir=" + run_dir_);
  }

private:
  CLI::App* add(const std::string& verb, const std::string& about) {
    return app_.add_subcommand(verb, about)->fallthrough(); // --run-dir may stand behind it
  }

  void name(CLI::App* sub) {
    sub->add_option("ACTOR", actor_, "As `actors` lists it, such as pool/0")->required();
  }

  CLI::App& app_;
  command& into_;
  std::string run_dir_;
  std::string actor_;
  std::string text_;
};

/// `words` begin with bench.
command_line parse_bench(const std::vector<std::string>& words) {
  auto parsed = bench::parse_words({words.begin() + 1, words.end()});
  if (auto* mistake = std::get_if<bench::mistake>(&parsed))
    return usage_error{mistake->text};
  command result;
  if (auto* page = std::get_if<bench::help_page>(&parsed)) {
    result.text = page->text;
    return result;
  }
  result.what = command::bench;
  result.load = std::get<bench::request>(parsed);
  return result;
}

/// `words` begin with a command that is carried out by a running node.
command_line parse_console(const std::vector<std::string>& words) {
  auto parsed = console::parse(words, console::place::command_line);
  if (auto* mistake = std::get_if<console::mistake>(&parsed))
    return usage_error{mistake->text};
  command result;
  if (auto* page = std::get_if<console::help_page>(&parsed)) {
    result.text = page->text;
    return result;
  }
  result.what = command::console;
  result.asked = std::get<console::asked>(parsed);
  return result;
}

/// What a shell asks at every key; it gets no help and no errors.
command_line parse_complete(const std::vector<std::string>& words) {
  command result;
  result.what = command::complete;
  result.text = words.size() > 1 ? words[1] : std::string{};
  return result;
}

} // namespace

command_line parse_command_line(int argc, const char* const* argv) {
  std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
  if (!words.empty() && words[0] == "bench")
    return parse_bench(words);
  if (!words.empty() && words[0] == "__complete")
    return parse_complete(words);
  if (!words.empty() && console::is_console_word(words[0]))
    return parse_console(words);
  command result;
  CLI::App app{"A WebSocket server made of actors", "holdfast"};
  auto* version = app.add_flag("--version", "Print the version and exit");
  auto* serve = app.add_subcommand("serve", "Run a node in the foreground");
  auto* config = app.add_subcommand("config", "Look at the configuration");
  auto* check = config->add_subcommand("check", "Say what is wrong with it");
  auto* show = config->add_subcommand("show", "Print each value and where it comes from");
  auto* example = config->add_subcommand("example", "Print a file of all keys with their defaults");
  app.add_subcommand("bench", "Put a WebSocket server under load");
  debug_options debug{app, result};
  serve->add_flag("--debug", result.debug_socket,
                  "Answer `holdfast debug` on a socket in the run directory");
  app.require_subcommand(0, 1);
  config->require_subcommand(1);
  for (auto* each : {serve, check, show})
    add_options(*each, result);
  app.formatter(std::make_shared<bench::help_format>());
  app.footer(
    "Commands for a running node (each has a --help of its own):\n"
    + console::command_list(console::place::command_line)
    + "\nLater ones win: defaults, --profile, --config, HOLDFAST_TABLE__KEY, --set, --listen.\n"
      "Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration, 3 no node answers, 4 not "
      "found,\n"
      "5 denied, 6 a check failed, 7 not everybody has answered in time.");

  auto text = wrong_word(words);
  if (!text.empty())
    return wrong(text);
  if (words.empty())
    return usage_error{app.help(), exit_code::usage};
  try {
    // It takes them from the back.
    app.parse(std::vector<std::string>{words.rbegin(), words.rend()});
  } catch (const CLI::CallForHelp&) {
    result.what = command::help;
    result.text = app.help();
    return result;
  } catch (const CLI::ParseError& error) {
    return wrong(error.what() + meant_option(words));
  }
  if (version->count() != 0) {
    result.what = command::version;
    return result;
  }
  if (debug) {
    debug.finish();
    return result;
  }
  if (*example) {
    result.what = command::config_example;
    return result;
  }
  auto* chosen = *serve ? serve : *check ? check : *show ? show : nullptr;
  if (chosen == nullptr)
    return wrong("no command");
  if (text = empty_value(*chosen); !text.empty())
    return wrong(text);
  result.what = chosen == serve   ? command::serve
                : chosen == check ? command::config_check
                                  : command::config_show;
  return result;
}

} // namespace holdfast
