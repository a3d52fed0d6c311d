// Tells the service manager how the process is: systemd's protocol, sd_notify(3), without its
// library.
#pragma once

#include "protocol/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace holdfast {

/// What a service manager has put into the environment.
struct service_environment {
  std::string socket;               ///< NOTIFY_SOCKET; empty: nobody wants to know
  std::optional<duration> watchdog; ///< WATCHDOG_USEC: how often it must hear from `pid`, if at all
};

/// `get` is getenv(), `pid` this process: a watchdog that watches another one (WATCHDOG_PID) is
/// nothing to us.
service_environment read_service_environment(char* (*get)(const char*), pid_t pid);

/// A datagram socket. Threads: one at a time.
class sd_notify {
public:
  /// `address` is a path, or "@name" in the abstract namespace. With any other one nobody is told.
  explicit sd_notify(std::string_view address);
  ~sd_notify();

  sd_notify(const sd_notify&) = delete;
  sd_notify& operator=(const sd_notify&) = delete;

  /// Sends assignments such as "READY=1", one a line. Never waits: false when it was not taken.
  bool send(std::string_view assignments) const;

private:
  int descriptor_ = -1;
  std::string address_; // as in sun_path
};

} // namespace holdfast
