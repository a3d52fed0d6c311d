#include "app/sd_notify.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace holdfast {

namespace {

std::optional<std::uint64_t> number(const char* text) {
  if (text == nullptr)
    return std::nullopt;
  std::string_view all{text};
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc{} || end != all.data() + all.size())
    return std::nullopt;
  return value;
}

} // namespace

service_environment read_service_environment(char* (*get)(const char*), pid_t pid) {
  constexpr std::uint64_t longest
    = std::chrono::duration_cast<std::chrono::microseconds>(duration::max()).count();
  service_environment result;
  if (auto* socket = get("NOTIFY_SOCKET"))
    result.socket = socket;
  auto period = number(get("WATCHDOG_USEC"));
  auto* whose = get("WATCHDOG_PID");
  auto ours = whose == nullptr || number(whose) == static_cast<std::uint64_t>(pid);
  if (period && *period > 0 && *period <= longest && ours)
    result.watchdog = std::chrono::microseconds{*period};
  return result;
}

sd_notify::sd_notify(std::string_view address) : address_{address} {
  auto fits = address_.size() > 1 && address_.size() < sizeof(sockaddr_un::sun_path);
  if (!fits || (address_.front() != '/' && address_.front() != '@'))
    return;
  if (address_.front() == '@')
    address_.front() = '\0';
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

sd_notify::~sd_notify() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

bool sd_notify::send(std::string_view assignments) const {
  if (descriptor_ < 0)
    return false;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::copy(address_.begin(), address_.end(), to.sun_path);
  // The length tells where an abstract name ends, which may hold zeros.
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  return ::sendto(descriptor_, assignments.data(), assignments.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to), size)
         == static_cast<ssize_t>(assignments.size());
}

} // namespace holdfast
