// What the process tells its caller when it ends.
#pragma once

namespace holdfast {

enum class exit_code : int {
  ok = 0,
  failed = 1,        ///< it was understood, but could not be done or did not end well
  usage = 2,         ///< the command line or the configuration is wrong; nothing was begun
  unreachable = 3,   ///< no node answers
  not_found = 4,     ///< the node knows nothing of that name
  denied = 5,        ///< the node does not let this user, or without this token
  check_failed = 6,  ///< something was looked at and is not well
  partial = 7,       ///< not everybody has answered in time
  interrupted = 130, ///< SIGINT or SIGTERM ended it early: 128 + SIGINT, as shells say it
};

constexpr int to_int(exit_code code) {
  return static_cast<int>(code);
}

} // namespace holdfast
