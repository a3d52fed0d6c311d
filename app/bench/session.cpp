#include "app/bench/session.hpp"

#include "app/bench/interruption.hpp"

namespace holdfast::bench {

session::session(const request& asked, bool progress_shown)
  : to_{parse_url(asked.run.url)},
    server_{asked.run.server_pid},
    line_{progress_shown} {
  result_.asked = asked;
}

void session::measure(fleet& all, const phase& shown,
                      const std::function<void(time_point, time_point)>& window) {
  if (interrupted())
    return;
  auto begin = fleet::now();
  line_.begin(shown, begin);
  meter part{server_};
  window(begin, begin + shown.length);
  all.run(begin + shown.length);
  result_.part = part.stop();
  window(begin, begin + result_.part.wall);
}

void session::ended() {
  line_.clear();
  result_.interrupted = interrupted();
}

} // namespace holdfast::bench
