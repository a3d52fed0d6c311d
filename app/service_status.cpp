#include "app/service_status.hpp"

#include <cstdlib>

namespace holdfast {

namespace {

/// "20,000".
std::string grouped(std::uint64_t n) {
  auto text = std::to_string(n);
  for (auto at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string whole_seconds(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count()) + " s";
}

std::string progress(const service_view& node, duration spent, duration of) {
  return grouped(node.open) + " left, " + whole_seconds(spent) + " of " + whole_seconds(of);
}

} // namespace

bool is_stopping(const drain_status& drain) {
  if (drain.phase == drain_phase::serving)
    return false;
  switch (drain.reason) {
  case drain_reason::signal:
  case drain_reason::failure: return true;
  case drain_reason::admin:
  case drain_reason::rollout: return drain.phase >= drain_phase::force_close;
  }
  std::abort();
}

std::string status_line(const service_view& node) {
  switch (node.drain.phase) {
  case drain_phase::serving:
    return "serving " + grouped(node.open) + " of " + grouped(node.limit) + " connections";
  case drain_phase::unready:
    return "unready: " + progress(node, node.drain.age, node.shutdown.lb_grace);
  case drain_phase::stop_accepting:
  case drain_phase::notify: return "stops accepting: " + grouped(node.open) + " left";
  case drain_phase::draining:
    return "draining: " + progress(node, node.drain.t, drain_deadline(node.shutdown));
  case drain_phase::stop_heartbeats:
  case drain_phase::force_close:
    return "closing by force: " + progress(node, node.drain.t, node.shutdown.force_close_timeout);
  case drain_phase::cleanup: return "cleaning up";
  case drain_phase::finished: return "drained";
  }
  std::abort();
}

std::string status_assignments(const service_view& node) {
  return (is_stopping(node.drain) ? "STOPPING=1\nSTATUS=" : "READY=1\nSTATUS=") + status_line(node);
}

std::string extend_timeout(duration by) {
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(by).count();
  return us > 0 ? "EXTEND_TIMEOUT_USEC=" + std::to_string(us) : std::string{};
}

} // namespace holdfast
