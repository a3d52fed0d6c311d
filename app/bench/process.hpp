// The server's process, seen from outside.
#pragma once

#include "protocol/time.hpp"

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>

namespace holdfast::bench {

/// A process by its id, which need not be a child. With id 0 there is none and nothing is known.
class observed_process {
public:
  /// Throws `failure` if there is no such process.
  explicit observed_process(pid_t pid);
  observed_process(const observed_process&) = delete;
  observed_process& operator=(const observed_process&) = delete;
  ~observed_process();

  bool known() const { return fd_ >= 0; }

  /// Readable once the process has ended; -1 if there is none.
  int descriptor() const { return fd_; }

  /// User and system time so far of all its threads, living and ended; nothing once it has ended.
  std::optional<duration> cpu() const;

  /// Proportional set size in bytes, from /proc/PID/smaps_rollup; nothing once it has ended.
  /// Throws `failure` if the process is somebody else's.
  std::optional<std::int64_t> pss() const;

  bool ended() const;

  /// Asks it to end with SIGTERM; a process id that was reused is never hit. Throws `failure`.
  void terminate() const;

private:
  pid_t pid_;
  int fd_ = -1;
  clockid_t clock_{};
};

/// Wall and CPU time of a part of a run.
struct measured_part {
  duration wall{};
  std::optional<duration> server_cpu; ///< nothing if it is not known
  duration own_cpu{};
};

/// Counts from its construction.
class meter {
public:
  explicit meter(const observed_process& server);

  /// What was spent since.
  measured_part stop() const;

private:
  const observed_process& server_;
  time_point began_;
  std::optional<duration> server_cpu_;
  duration own_cpu_;
};

} // namespace holdfast::bench
