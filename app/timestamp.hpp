// Wall clock times as text.
#pragma once

#include "protocol/time.hpp"

#include <string>

namespace holdfast {

/// RFC 3339 in UTC with milliseconds: "2026-11-26T03:12:07.042Z".
std::string timestamp(wall_time when);

} // namespace holdfast
