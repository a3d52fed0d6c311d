#include "app/transport/descriptor_table.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace holdfast::transport {

void grow_descriptor_table() {
  constexpr rlim_t most = 1 << 20;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == 0)
    return;
  auto top = static_cast<int>(std::min(files.rlim_cur, most)) - 1;
  auto fd = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, top);
  if (fd >= 0)
    ::close(fd);
}

} // namespace holdfast::transport
