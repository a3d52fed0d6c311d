#include "app/bench/bench.hpp"

#include "app/bench/failure.hpp"
#include "app/bench/figures.hpp"
#include "app/bench/interruption.hpp"
#include "app/bench/session.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <ostream>

namespace holdfast::bench {

namespace {

/// What makes a figure something else than it seems.
void remark(report& on) {
  if (std::holds_alternative<verify_figures>(on.figures))
    return; // says nothing about speed
  constexpr double busy = 95;
  auto own = percent_of_a_core(on.part, on.part.own_cpu);
  if (own && *own > busy)
    on.remarks.push_back("the generator used " + fixed(*own, 0)
                         + " % of a core: rate and latency are its own limit, not the server's"
                           " (CPU of the server is not affected)");
}

exit_code verdict_of(const report& on) {
  if (on.interrupted)
    return exit_code::interrupted;
  return on.failures.empty() ? exit_code::ok : exit_code::failed;
}

} // namespace

exit_code run(const request& asked, std::ostream& out, std::ostream& err) {
  // TLS writes to sockets without MSG_NOSIGNAL; timers that are 50 us late would spoil latencies.
  std::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  try {
    interruption signals;
    session s{asked, ::isatty(STDERR_FILENO) == 1};
    std::visit([&](const auto& options) { run(s, options); }, asked.mode);
    remark(s.result());
    out << (asked.run.json ? to_json(s.result()) + "\n" : to_text(s.result())) << std::flush;
    return verdict_of(s.result());
  } catch (const failure& e) {
    err << "holdfast bench: " << e.what() << '\n';
    return exit_code::usage;
  }
}

} // namespace holdfast::bench
