// Everything that speaks to a running node, from the command line.
#pragma once

#include "app/console/asked.hpp"
#include "app/exit_code.hpp"

#include <string>

namespace holdfast::console {

/// Carries out a command on the process's own streams and terminal. `usual_socket` is the node's
/// that the command does not name.
exit_code run(const asked& what, const std::string& usual_socket);

/// `holdfast __complete LINE`, for shells: what may stand at the end of the line, which begins with
/// "holdfast". Names are asked for at the node that the line names.
exit_code complete_for_shell(const std::string& line, const std::string& usual_socket);

/// Whether the command names its node itself, or needs none.
bool names_node(const asked& what);

} // namespace holdfast::console
