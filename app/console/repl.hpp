// `holdfast console`: commands typed one after the other.
#pragma once

#include "app/console/asked.hpp"
#include "app/exit_code.hpp"

#include <functional>
#include <iosfwd>
#include <string>

namespace holdfast::console {

/// Carries out one command; also `top` and `completion`.
using runner = std::function<exit_code(const asked& what)>;

/// One line: a command, `help`, `exit`, a comment, or nothing. `left` is set by `exit`.
exit_code run_line(const std::string& line, const runner& carry_out, std::ostream& out,
                   std::ostream& err, bool& left);

/// Commands from `in`, until the first that fails; its exit code.
exit_code run_script(std::istream& in, const runner& carry_out, std::ostream& out,
                     std::ostream& err);

} // namespace holdfast::console
