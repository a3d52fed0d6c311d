// How a node is asked: what the console needs of HTTP, and no more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace holdfast::console {

struct request {
  std::string method = "GET";
  std::string target; ///< path and query, percent-encoded
  std::string body;   ///< JSON; empty: none
  std::string accept = "application/json";
};

struct answer {
  int status = 0;
  std::string body; ///< empty for a stream whose lines were handed on
};

/// Why there is no answer.
struct no_answer {
  enum class kind : std::uint8_t {
    usage,       ///< the node's address is not written as it must be
    unreachable, ///< nobody listens there, or the connection broke
    denied,      ///< the system does not let this user connect
    timeout,     ///< not in time
    nonsense,    ///< what came is no HTTP
    stopped,     ///< it was called off by Ctrl-C
  };

  kind why = kind::unreachable;
  std::string text; ///< for people, without what to do about it
};

using outcome = std::variant<answer, no_answer>;

/// One node. Threads: one. Blocks until there is an answer, or none in time.
class api {
public:
  virtual ~api() = default;

  virtual outcome ask(const request& what) = 0;

  /// Calls `line` for each line of an endless answer, until it returns false, or Ctrl-C (then the
  /// answer counts as whole). Whatever is not status 200 is returned with its body, and no line.
  virtual outcome stream(const request& what,
                         const std::function<bool(std::string_view line)>& line)
    = 0;
};

} // namespace holdfast::console
