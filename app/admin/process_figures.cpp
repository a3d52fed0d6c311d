#include "app/admin/process_figures.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::admin {

namespace {

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (!(file >> pages >> resident))
    return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_descriptors() {
  constexpr auto folder = "/proc/self/fd";
  struct stat about {};
  if (::stat(folder, &about) == 0 && about.st_size > 0)
    return static_cast<std::uint64_t>(about.st_size);
  std::error_code error;
  std::filesystem::directory_iterator entries{folder, error};
  if (error)
    return 0;
  auto count = std::distance(entries, std::filesystem::directory_iterator{});
  return static_cast<std::uint64_t>(count - 1); // one of them was opened to count them
}

duration as_duration(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

} // namespace

process_figures read_process_figures() {
  process_figures x;
  x.resident_bytes = resident_bytes();
  x.open_descriptors = open_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    x.max_descriptors = limit.rlim_cur;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    x.cpu = as_duration(used.ru_utime) + as_duration(used.ru_stime);
  return x;
}

} // namespace holdfast::admin
