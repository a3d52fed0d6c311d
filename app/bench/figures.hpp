// Numbers as people read them.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <string>

namespace holdfast::bench {

double seconds_of(duration d);

/// "1234.5" with so many digits behind the point.
std::string fixed(double value, int digits);

/// "1,234,567".
std::string with_thousands(std::uint64_t value);

/// Three significant digits and their unit: "412 ns", "41.2 us", "1.31 ms", "2.00 s".
std::string short_duration(duration d);

/// "64 B", "1.5 KiB", "22.1 MiB".
std::string short_size(double bytes);

/// "1 connection", "2 connections", "1,000 connections".
std::string counted(std::uint64_t count, const std::string& noun);

} // namespace holdfast::bench
