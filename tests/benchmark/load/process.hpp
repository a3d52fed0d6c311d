// The server's process, seen from outside.
#pragma once

#include "protocol/time.hpp"
#include "tests/benchmark/load/failure.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>

namespace holdfast::load {

/// CPU time of all threads, living and ended, of the process behind `clock`; to the nanosecond,
/// while utime and stime in /proc/PID/stat (the same sum) come in steps of 10 ms.
inline std::optional<duration> cpu_time(clockid_t clock) {
  timespec spent{};
  if (::clock_gettime(clock, &spent) != 0)
    return std::nullopt;
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

/// CPU time of this process.
inline duration own_cpu_time() {
  return cpu_time(CLOCK_PROCESS_CPUTIME_ID).value_or(duration::zero());
}

/// A process by its id, which need not be a child. With id 0 there is none and nothing is known.
class observed_process {
public:
  explicit observed_process(pid_t pid) : pid_{pid} {
    if (pid_ == 0)
      return;
    // glibc 2.36 declares pidfd_open() without C linkage.
    fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (fd_ < 0)
      throw system_failure("process " + std::to_string(pid_));
    if (int error = ::clock_getcpuclockid(pid_, &clock_); error != 0)
      throw system_failure("CPU clock of process " + std::to_string(pid_), error);
  }

  observed_process(const observed_process&) = delete;
  observed_process& operator=(const observed_process&) = delete;

  ~observed_process() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  bool known() const { return fd_ >= 0; }

  /// Readable once the process has ended; -1 if there is none.
  int descriptor() const { return fd_; }

  /// User and system time so far; nothing once it has ended.
  std::optional<duration> cpu() const { return known() ? cpu_time(clock_) : std::nullopt; }

  /// Proportional set size in bytes, from /proc/PID/smaps_rollup.
  std::optional<std::int64_t> pss() const {
    if (!known())
      return std::nullopt;
    auto path = "/proc/" + std::to_string(pid_) + "/smaps_rollup";
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);)
      if (line.compare(0, 4, "Pss:") == 0)
        return std::stoll(line.substr(4)) * 1024;
    throw failure{"cannot read Pss from " + path + " (only its owner and root may)"};
  }

  bool ended() const {
    pollfd entry{fd_, POLLIN, 0};
    return known() && ::poll(&entry, 1, 0) == 1;
  }

  /// Asks it to end with SIGTERM; a process id that was reused is never hit.
  void terminate() const {
    if (::syscall(SYS_pidfd_send_signal, fd_, SIGTERM, nullptr, 0) != 0)
      throw system_failure("SIGTERM to process " + std::to_string(pid_));
  }

private:
  pid_t pid_;
  int fd_ = -1;
  clockid_t clock_{};
};

} // namespace holdfast::load
