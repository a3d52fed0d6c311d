#include "app/run_dir.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast {

namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::runtime_error{what + ": " + std::strerror(error)
                           + "; choose another directory with --set node.run_dir=DIR"};
}

void make_directory(const std::string& directory) {
  std::error_code ec;
  auto parent = std::filesystem::path{directory}.parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, ec);
  if (::mkdir(directory.c_str(), 0750) != 0 && errno != EEXIST)
    fail("cannot make the run directory " + directory, errno);
}

std::string holder(int descriptor) {
  char text[32] = {};
  auto size = ::pread(descriptor, text, sizeof text - 1, 0);
  std::string pid{text, size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!pid.empty() && pid.back() == '\n')
    pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

} // namespace

run_dir_lock::run_dir_lock(const std::string& directory) {
  make_directory(directory);
  auto path = directory + "/holdfast.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor_ < 0)
    fail("cannot open " + path, errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    auto who = holder(descriptor_);
    ::close(descriptor_);
    throw std::runtime_error{"the run directory " + directory + " is in use by " + who
                             + "; stop that node, or give this one its own with"
                               " --set node.run_dir=DIR"};
  }
  auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_, 0) != 0
      || ::pwrite(descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    auto error = errno;
    ::close(descriptor_);
    fail("cannot write " + path, error);
  }
}

run_dir_lock::~run_dir_lock() {
  ::close(descriptor_); // the lock goes with it
}

} // namespace holdfast
