// `holdfast serve`: one node, from its lock to its ledger.
#pragma once

#include "actors/handler.hpp"
#include "app/config.hpp"
#include "app/exit_code.hpp"
#include "app/reload.hpp"

#include <iosfwd>

namespace holdfast {

struct serve_options {
  config_sources sources; ///< read again on SIGHUP
  bool debug = false;     ///< answer `holdfast debug`
  config_origins origins; ///< where the settings came from
};

/// Serves until a drain has finished; blocks the calling thread, which becomes the node's control
/// thread and owns the signals SIGTERM, SIGINT and SIGHUP meanwhile. The URLs and at the end the
/// ledger go to `out`, what went wrong goes to `err`, log lines to standard error.
exit_code serve(config settings, const serve_options& options, const node_extensions& types,
                std::ostream& out, std::ostream& err);

} // namespace holdfast
