// What can stand next: for the console and for every shell.
#pragma once

#include "app/console/catalog.hpp"
#include "app/console/parse.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

struct candidate {
  std::string word;
  std::string about{}; ///< one line; empty for names that speak for themselves
};

struct completions {
  std::vector<candidate> words;
  bool files = false; ///< a file's name belongs here
};

/// Asks the node for names: of connections, users or actors, as `kind` says. May answer nothing;
/// must not take long.
using name_source = std::function<std::vector<std::string>(value kind)>;

/// Everything that may stand at the end of `line` and begins with what stands there already. The
/// line has no "holdfast" before it. Names that a shell would not take as they are, are left out:
/// others have chosen them.
completions complete(std::string_view line, place where, const name_source& names);

} // namespace holdfast::console
