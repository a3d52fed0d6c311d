// Ctrl-C ends a run early, but not without its report.
#pragma once

#include <csignal>

namespace holdfast::bench {

/// While there is one, the first SIGINT or SIGTERM is only written down; a second one kills as
/// ever. At most one at a time.
class interruption {
public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;
  ~interruption();

private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

/// Whether a signal came since the last `interruption` began.
bool interrupted();

} // namespace holdfast::bench
