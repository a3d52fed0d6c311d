// Carries out commands against one node.
#pragma once

#include "app/console/api.hpp"
#include "app/console/asked.hpp"
#include "app/console/json.hpp"
#include "app/console/layout.hpp"
#include "app/console/mishap.hpp"
#include "app/exit_code.hpp"
#include "protocol/time.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace holdfast::console {

/// Where a command speaks, and whom it can ask.
struct stage {
  std::ostream& out; ///< data
  std::ostream& err; ///< everything else
  style look;
  bool redraws = false; ///< --watch draws over what it drew before
  /// Whether the user says yes; unset: nobody is there to be asked.
  std::function<bool(const std::string& question)> ask{};
  /// Waits so long between two rounds of --watch; false: enough of it.
  std::function<bool(duration)> wait{};
  /// Prints something that may be long, to `out` or through a pager; unset: to `out`.
  std::function<void(const std::string& text)> show{};
};

class session {
public:
  /// `node` is how the user knows it: the path of its socket, or its URL.
  session(api& speaks, std::string node, stage at);

  /// One command to its end, all but `top`, `console` and `completion`.
  exit_code carry_out(const asked& what);

private:
  exit_code once(const asked& what);
  exit_code watch(const asked& what);
  exit_code stream(const asked& what);
  exit_code pages(const asked& what);
  exit_code tree(const asked& what);
  std::optional<exit_code> confirmed(const asked& what);

  /// The answer's value, or nothing after saying why.
  std::optional<json> ask(const request& what, exit_code& code);
  exit_code complain(const mishap& about);
  std::string about_missing(const asked& what);
  void show(const std::string& text);
  void say(const std::vector<std::string>& remarks);

  api& api_;
  std::string node_;
  stage at_;
};

} // namespace holdfast::console
