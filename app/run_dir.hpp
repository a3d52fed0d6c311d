// The node's run directory and the lock in it.
#pragma once

#include <string>

namespace holdfast {

/// Holds the lock of a run directory for as long as it lives. With SO_REUSEPORT a second process
/// would bind the same port without an error and take half of the clients.
class run_dir_lock {
public:
  /// Makes the directory (mode 0750) if it is not there. Throws std::runtime_error with a sentence
  /// that says what to do when it cannot, or when another process holds the lock. A lock file that
  /// a killed process left behind is no obstacle.
  explicit run_dir_lock(const std::string& directory);
  ~run_dir_lock();

  run_dir_lock(const run_dir_lock&) = delete;
  run_dir_lock& operator=(const run_dir_lock&) = delete;

private:
  int descriptor_ = -1;
};

} // namespace holdfast
