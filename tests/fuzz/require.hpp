// How a fuzz target says that something does not hold.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace holdfast::fuzz {

/// Ends the process, which libFuzzer takes for a finding and keeps the input of.
[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "holdfast: does not hold: %s\n", what);
  std::abort();
}

inline void require(bool holds, const char* what) {
  if (!holds)
    fail(what);
}

/// Both numbers are shown.
inline void require_between(std::uint64_t least, std::uint64_t x, std::uint64_t most,
                            const char* what) {
  if (least <= x && x <= most)
    return;
  std::fprintf(stderr, "holdfast: %llu, not %llu to %llu\n", static_cast<unsigned long long>(x),
               static_cast<unsigned long long>(least), static_cast<unsigned long long>(most));
  fail(what);
}

inline void require_same(std::uint64_t expected, std::uint64_t x, const char* what) {
  require_between(expected, x, expected, what);
}

} // namespace holdfast::fuzz
