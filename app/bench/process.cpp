#include "app/bench/process.hpp"

#include "app/bench/failure.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

namespace holdfast::bench {

namespace {

/// To the nanosecond, while utime and stime in /proc/PID/stat (the same sum) come in steps of 10
/// ms.
std::optional<duration> cpu_time(clockid_t clock) {
  timespec spent{};
  if (::clock_gettime(clock, &spent) != 0)
    return std::nullopt;
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

duration own_cpu_time() {
  return cpu_time(CLOCK_PROCESS_CPUTIME_ID).value_or(duration::zero());
}

} // namespace

observed_process::observed_process(pid_t pid) : pid_{pid} {
  if (pid_ == 0)
    return;
  auto name = "--server-pid " + std::to_string(pid_);
  // glibc 2.36 declares pidfd_open() without C linkage.
  fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (fd_ < 0 && errno == ESRCH)
    throw failure{name + ": there is no such process"};
  if (fd_ < 0 && errno == EINVAL)
    throw failure{name + " is a thread, not a process"};
  if (fd_ < 0)
    throw system_failure(name);
  if (int error = ::clock_getcpuclockid(pid_, &clock_); error != 0) {
    ::close(fd_);
    throw system_failure("the CPU clock of " + name, error);
  }
}

observed_process::~observed_process() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::optional<duration> observed_process::cpu() const {
  return known() ? cpu_time(clock_) : std::nullopt;
}

std::optional<std::int64_t> observed_process::pss() const {
  if (!known())
    return std::nullopt;
  auto path = "/proc/" + std::to_string(pid_) + "/smaps_rollup";
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);)
    if (line.compare(0, 4, "Pss:") == 0)
      return std::stoll(line.substr(4)) * 1024;
  if (ended())
    return std::nullopt;
  throw failure{"--server-pid " + std::to_string(pid_)
                + " is not ours: only its owner and root may read " + path
                + ". Run as its owner, or leave --server-pid out"};
}

bool observed_process::ended() const {
  pollfd entry{fd_, POLLIN, 0};
  return known() && ::poll(&entry, 1, 0) == 1;
}

void observed_process::terminate() const {
  if (::syscall(SYS_pidfd_send_signal, fd_, SIGTERM, nullptr, 0) != 0)
    throw system_failure("SIGTERM to --server-pid " + std::to_string(pid_));
}

meter::meter(const observed_process& server)
  : server_{server},
    began_{std::chrono::steady_clock::now()},
    server_cpu_{server.cpu()},
    own_cpu_{own_cpu_time()} {}

measured_part meter::stop() const {
  measured_part part;
  part.wall = std::chrono::steady_clock::now() - began_;
  part.own_cpu = own_cpu_time() - own_cpu_;
  auto cpu = server_.cpu();
  if (cpu && server_cpu_)
    part.server_cpu = *cpu - *server_cpu_;
  return part;
}

} // namespace holdfast::bench
