// What ends a run early, said to a person.
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace holdfast::bench {

/// The run is not possible or cannot go on. `what()` says what to do about it. The command then
/// ends with exit code 2.
class failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// `what`, followed by the text of `errno`.
inline failure system_failure(const std::string& what, int error = errno) {
  return failure{what + ": " + std::strerror(error)};
}

} // namespace holdfast::bench
