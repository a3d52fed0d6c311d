// What went wrong, as a sentence that says what to do, and as an exit code.
#pragma once

#include "app/console/api.hpp"
#include "app/exit_code.hpp"

#include <string>

namespace holdfast::console {

struct mishap {
  exit_code code = exit_code::failed;
  std::string text; ///< without "holdfast: " and the line end
};

/// `node` is the socket's path or the URL.
mishap mishap_of(const no_answer& nothing, const std::string& node);

/// Of an answer that is no success: what the node says, and its hint.
mishap mishap_of(const answer& refused, const std::string& node);

/// An answer that makes no sense.
mishap nonsense(const std::string& node);

} // namespace holdfast::console
