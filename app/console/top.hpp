// `top`: a screen that follows the node.
#pragma once

#include "app/console/api.hpp"
#include "app/console/asked.hpp"
#include "app/exit_code.hpp"

#include <iosfwd>
#include <string>

namespace holdfast::console {

/// Takes the terminal until `q`, Ctrl-C, or the end of input; gives it back however it ends, by a
/// signal too. Without a terminal it says what to do instead.
exit_code top(const asked& what, api& node, const std::string& address, std::ostream& err);

} // namespace holdfast::console
