// What the user asked for.
#pragma once

#include "app/bench/options.hpp"
#include "app/console/asked.hpp"
#include "app/exit_code.hpp"

#include <string>
#include <variant>
#include <vector>

namespace holdfast {

struct command {
  enum kind {
    serve,
    config_check,
    config_show,
    config_example,
    bench,
    debug,
    console,  ///< any of app/console's, `asked` says which
    complete, ///< for a shell, the line that is in `text`
    help,
    version,
  };

  kind what = help;
  std::string config_file;          ///< --config; empty: none
  std::string profile;              ///< --profile; empty: none
  std::vector<std::string> listens; ///< --listen, as written
  std::vector<std::string> sets;    ///< --set, as written
  bool insecure = false;            ///< --insecure
  bench::request load;              ///< what bench is to do
  bool debug_socket = false;        ///< --debug: the node answers `holdfast debug`
  console::asked asked;             ///< what is asked of a running node
  /// What help prints to standard output, what debug asks the node, or the line to complete.
  std::string text;
};

/// The command line makes no sense.
struct usage_error {
  std::string text; ///< for standard error
  exit_code code = exit_code::usage;
};

using command_line = std::variant<command, usage_error>;

/// Looks at the form only: whether a file can be read or a key exists is found out by
/// load_config(). No command at all is a usage error that shows how to go on.
command_line parse_command_line(int argc, const char* const* argv);

} // namespace holdfast
