// The node's own cleanup callback: the last phase of a shutdown waits until the log is written.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"

namespace holdfast {

class log_writer;

/// `unit` is the control thread's; `log` outlives the actor.
cleanup_actor spawn_log_flush(host_unit& unit, log_writer& log);

} // namespace holdfast
