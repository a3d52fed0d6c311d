// What the process tells its caller when it ends.
#pragma once

namespace holdfast {

/// 3 to 7 are kept for commands that talk to a running node.
enum class exit_code : int {
  ok = 0,
  failed = 1,        ///< it was understood, but could not be done or did not end well
  usage = 2,         ///< the command line or the configuration is wrong; nothing was begun
  interrupted = 130, ///< SIGINT or SIGTERM ended it early: 128 + SIGINT, as shells say it
};

constexpr int to_int(exit_code code) {
  return static_cast<int>(code);
}

} // namespace holdfast
