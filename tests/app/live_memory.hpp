// How much memory this process holds, exactly enough to see what is never given back.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
// g++ comes without the header that declares it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#else
#include <malloc.h>
#endif

namespace holdfast::transport::test {

/// Bytes that are allocated and not freed, of all threads. A thread's own cache counts as
/// allocated (some ten KiB), so that a comparison wants a warm-up and a tolerance.
inline std::size_t live_bytes() {
#if defined(__SANITIZE_ADDRESS__)
  return ::__sanitizer_get_current_allocated_bytes();
#else
  auto all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
#endif
}

/// How much has been added to what was live at the construction.
class memory_growth {
public:
  std::size_t bytes() const {
    auto now = live_bytes();
    return now > before_ ? now - before_ : 0;
  }

private:
  std::size_t before_ = live_bytes();
};

} // namespace holdfast::transport::test
