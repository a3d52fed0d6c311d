// Numbers as the screens show them. Times are in milliseconds and sizes in bytes, as the admin API
// gives them.
#pragma once

#include <string>

namespace holdfast::console {

/// "8,214". Rounded; below zero as "-3".
std::string count(double value);

/// "8,214 connections", "1 connection".
std::string counted(double value, const std::string& noun);

/// Counts that only matter by their size: "999", "14.2k", "1.2M".
std::string rough(double value);

/// A second: "112/s", "0.4/s", "14.2k/s".
std::string rate(double value);

/// Of a ratio: "41 %", "2.4 %", "0.04 %", "99.8 %". What is not all is never "100 %".
std::string percent(double ratio);

/// How long something lasts or lasted: "0.1 s", "3 s", "41m07s", "3h12m", "12d03h".
std::string span(double ms);

/// A latency: "0.4 ms", "21 ms", "1.9 s".
std::string latency(double ms);

/// Behind a "t+" or "-": "41:07", "3:12:07".
std::string clock_span(double ms);

/// "812 B", "41 KiB", "1.2 MiB".
std::string size(double bytes);

} // namespace holdfast::console
