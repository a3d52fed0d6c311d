// Small files that an operator names.
#pragma once

#include <cstddef>
#include <string>

namespace holdfast {

/// The largest file that is read, in bytes: far more than anyone writes.
inline constexpr std::size_t max_file_size = 1024 * 1024;

struct file_content {
  std::string text;
  std::string error; ///< why there is none, such as "No such file or directory"; empty if there is
};

/// Reads a regular file, or what a symbolic link to one says. Never waits for anybody: what is no
/// regular file (a pipe, a device, a directory) is an error.
file_content read_file(const std::string& path);

} // namespace holdfast
