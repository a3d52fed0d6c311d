// What `top` shows: pure, so that it can be looked at without a terminal.
#pragma once

#include "app/console/json.hpp"
#include "app/console/layout.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace holdfast::console {

/// By what the slowest are chosen; `s` goes from one to the next.
enum class slowest_by : std::uint8_t { rtt, queue, idle, age };

std::string to_string(slowest_by key);
slowest_by next(slowest_by key);

/// Messages of a connection in both directions a second, between two looks.
class message_rates {
public:
  /// Takes a look at these connections, `seconds` after the last one.
  void look(const json& connections, double seconds);

  /// 0 for one that was not there at the last look.
  double of(const std::string& id) const;

private:
  std::map<std::string, double> messages_;
  std::map<std::string, double> rates_;
};

/// The last answers. What has not been answered is null.
struct top_facts {
  json status;
  json pool;
  json lively;  ///< connections with the shortest idle time
  json slowest; ///< by `by`
  message_rates rates;
  std::string trouble{}; ///< why the last look failed; empty: it did not
};

struct top_view {
  slowest_by by = slowest_by::rtt;
  bool paused = false;
  bool help = false;
  std::size_t height = 24;
  std::string clock{}; ///< "14:03:07"
};

/// The lines, at most `height`, none wider than the style's width.
std::vector<std::string> top_screen(const top_facts& facts, const top_view& view,
                                    const style& with);

} // namespace holdfast::console
