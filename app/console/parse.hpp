// Words as a command of the table.
#pragma once

#include "app/console/asked.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::console {

/// A page of help was asked for.
struct help_page {
  std::string text;
};

/// The words make no sense.
struct mistake {
  std::string text; ///< for standard error, with how to go on
};

using parsed = std::variant<asked, help_page, mistake>;

enum class place : std::uint8_t {
  command_line,
  console, ///< inside `holdfast console`: the node is chosen already, and no console in a console
};

/// Parses the words behind `holdfast`. Looks at their form only: whether there is such a connection
/// or user is the node's to say.
parsed parse(const std::vector<std::string>& words, place where);

/// All commands of the table with their one line, for help.
std::string command_list(place where);

} // namespace holdfast::console
