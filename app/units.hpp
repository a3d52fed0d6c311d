// Durations and sizes as people write them in the configuration, and back.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// "250ms", "30s", "2m", "1h", "1d", and sums with falling units ("1h30m"). Whole numbers without
/// a sign; the unit is never left out. Nothing for anything else, or above 100 years.
std::optional<duration> parse_duration(std::string_view text);

/// Whole seconds as "90s", others in milliseconds, rounded down: what the configuration can hold.
std::string format_duration(duration d);

/// Bytes: "4096", "512B", "64KiB", "1MiB", "2GiB". Whole numbers; "KB" is refused, because nobody
/// knows which of the two it means. Nothing for anything else, or above 2^53.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// With the largest unit that leaves a whole number: "64KiB", "1000".
std::string format_size(std::uint64_t bytes);

} // namespace holdfast
