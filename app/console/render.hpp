// An answer as what the command prints.
#pragma once

#include "app/console/asked.hpp"
#include "app/console/json.hpp"
#include "app/console/layout.hpp"
#include "app/exit_code.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

/// What goes to standard output: a screen, a table, or JSON where that is asked for. With `lines`
/// JSON takes one line.
std::string rendered(const asked& what, json answer, const style& with, bool lines);

/// What is worth saying beside it, on standard error: more pages, who was silent, what was ended.
std::vector<std::string> remarks(const asked& what, const json& answer);

/// "100 of 8,214; ..."; empty when that is all.
std::string page_remark(const asked& what, std::size_t given, double total);

/// How the command ends with this answer.
exit_code verdict(const asked& what, const json& answer);

/// A line of a stream; empty when there is nothing to print. `end` is set when it says why it ends.
std::string rendered_line(const asked& what, std::string_view line, const style& with,
                          std::string& end);

/// Only these fields; "in.bytes" names one inside of another.
json only_fields(const json& object, const std::vector<std::string>& names);

} // namespace holdfast::console
