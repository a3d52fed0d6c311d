// The caller's side of `holdfast debug`.
#pragma once

#include "app/exit_code.hpp"

#include <iosfwd>
#include <string>

namespace holdfast {

/// Sends one request to the node whose run directory this is and prints its answer: to `out`, or to
/// `err` when it is none. Blocks for at most 15 s. What is no line
/// of its own, or too long, is not sent.
exit_code debug(const std::string& run_dir, const std::string& request, std::ostream& out,
                std::ostream& err);

} // namespace holdfast
