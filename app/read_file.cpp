#include "app/read_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace holdfast {

namespace {

struct file_closer {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

file_content failed() {
  return {{}, std::strerror(errno)};
}

} // namespace

file_content read_file(const std::string& path) {
  // Without O_NONBLOCK to open a pipe is to wait for its writer.
  std::unique_ptr<std::FILE, file_closer> file;
  auto descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor >= 0)
    file.reset(::fdopen(descriptor, "rb"));
  struct stat about {};
  if (!file || ::fstat(descriptor, &about) != 0)
    return failed();
  if (!S_ISREG(about.st_mode))
    return {{}, S_ISDIR(about.st_mode) ? "Is a directory" : "it is no regular file"};
  file_content result;
  result.text.resize(max_file_size + 1);
  result.text.resize(std::fread(result.text.data(), 1, result.text.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return failed();
  if (result.text.size() > max_file_size)
    return {{}, "it is larger than 1 MiB"};
  return result;
}

} // namespace holdfast
