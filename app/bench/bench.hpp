// holdfast bench: puts a WebSocket server under load and says what it saw.
//
// One thread and one epoll set, and nothing of this server but its clock types: the same numbers
// mean the same thing for any server.
#pragma once

#include "app/bench/options.hpp"
#include "app/exit_code.hpp"

#include <iosfwd>

namespace holdfast::bench {

/// Runs what was asked for. The report goes to `out`; progress, on a terminal only, and why a run
/// was not possible to standard error. `ok`: all held; `failed`: something did not; `usage`: the
/// run was not possible; `interrupted`: a signal ended it early.
exit_code run(const request& asked, std::ostream& out, std::ostream& err);

} // namespace holdfast::bench
