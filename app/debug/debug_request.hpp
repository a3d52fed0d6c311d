// What `holdfast debug` can ask of a running node.
#pragma once

#include "actors/node.hpp"
#include "app/exit_code.hpp"

#include <functional>
#include <string>

namespace holdfast {

struct debug_answer {
  exit_code code = exit_code::ok;
  std::string text; ///< for people, or one JSON object (`counts`); ends with a newline
};

/// Carries out one request:
///
///     actors              a table: state, restarts, messages, last failure
///     counts              what the node has counted, as JSON; partial when somebody is silent
///     kill ACTOR          ends the actor as CAF's `kill` does
///     throw ACTOR [TEXT]  its next message throws TEXT; one is sent
///     drain, cancel-drain
///
/// `reply` is called once, within seconds. Threads: the control thread.
void carry_out_debug_request(node& served, const std::string& line,
                             std::function<void(const debug_answer&)> reply);

} // namespace holdfast
