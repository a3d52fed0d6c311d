// The commands that speak to a running node: the one table from which the command line, its help,
// completion, the console and the tests of the man pages are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

enum class verb : std::uint8_t {
  status,
  pool,
  health,
  conns_list,
  conns_show,
  conns_health,
  conns_kick,
  conns_trace,
  conns_top,
  closed,
  users,
  zombies_list,
  zombies_clean,
  actors_list,
  actors_tree,
  actors_show,
  actors_spawn,
  actors_stop,
  send,
  publish,
  top,
  drain,
  drain_status,
  drain_cancel,
  alerts,
  events,
  stats,
  reload,
  console,
  completion,
};

/// What an option or an argument takes: it is checked and completed by it.
enum class value : std::uint8_t {
  none, ///< an option that is there or not
  text,
  number,   ///< 0, 1, 2, ...
  time,     ///< "30s"
  interval, ///< a time that may be left out together with its equals sign
  size,     ///< "64KiB"
  pair,     ///< "KEY=VALUE"
  file,
  choice,  ///< one of `choices`
  choices, ///< some of them, with commas between
  connection,
  user,
  actor,
};

struct option_spec {
  std::string name; ///< "--idle-gt"
  value takes = value::none;
  std::string type;        ///< what help calls its value: "TIME"
  std::string about;       ///< one line
  std::string parameter{}; ///< its name in a request; empty: the console's own business
  std::vector<std::string> choices{};
  bool repeated = false;
};

struct argument_spec {
  std::string name; ///< "ID"
  value takes = value::text;
  std::string about;
  bool required = true;
  bool repeated = false;
  std::vector<std::string> choices{};
};

struct command_spec {
  verb what;
  std::string words; ///< "conns kick"; of two words where there are several of a kind
  std::string about; ///< one line
  std::vector<argument_spec> arguments;
  std::vector<option_spec> options;
  std::vector<std::string> examples; ///< without "holdfast" before them
  std::string more{};                ///< sentences that the one line has no room for
};

/// In the order in which help shows them. Of several with the same first word, the one that is
/// meant by that word alone stands first.
const std::vector<command_spec>& catalog();

/// Which node is spoken to and how long it is waited for: options of every command on the command
/// line, of none inside of the console.
const std::vector<option_spec>& node_options();

/// The command of exactly these words, or of the first word alone ("conns" is "conns list").
/// Null: there is none.
const command_spec* find_command(std::string_view first, std::string_view second = {});

/// Whether a command begins with this word.
bool is_console_word(std::string_view word);

/// The words that may stand first, once each.
std::vector<std::string> first_words();

/// The words that may stand behind `first`.
std::vector<std::string> second_words(std::string_view first);

/// An option of a command, or null.
const option_spec* find_option(const command_spec& of, std::string_view name);

} // namespace holdfast::console
