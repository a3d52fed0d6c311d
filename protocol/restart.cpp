#include "protocol/restart.hpp"

#include <cstdlib>

namespace holdfast {

std::string_view to_string(restart_verdict x) {
  switch (x) {
  case restart_verdict::restart: return "restart";
  case restart_verdict::give_up: return "give_up";
  }
  std::abort();
}

restart_verdict restarts::on_failure(time_point now) {
  while (!recent_.empty() && now - recent_.front() > intensity_.within)
    recent_.pop_front();
  if (recent_.size() >= intensity_.max_restarts)
    return restart_verdict::give_up;
  recent_.push_back(now);
  ++total_;
  return restart_verdict::restart;
}

} // namespace holdfast
