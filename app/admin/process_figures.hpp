// What the kernel knows of this process.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>

namespace holdfast::admin {

/// Zero where /proc does not tell.
struct process_figures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0; ///< RLIMIT_NOFILE
  duration cpu{};                    ///< user and system, of all threads
};

/// Reads /proc. Where the kernel does not give their number (before 6.2) descriptors are counted
/// one by one, some milliseconds for 20,000: not for a thread that somebody waits for.
process_figures read_process_figures();

} // namespace holdfast::admin
