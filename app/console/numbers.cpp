#include "app/console/numbers.hpp"

#include "app/bench/figures.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace holdfast::console {

namespace {

using bench::fixed;

/// Beyond it a double has no single units, and an integer overflows.
constexpr double most = 9e15;

double bounded(double value) {
  return std::isnan(value) ? 0 : std::fmax(-most, std::fmin(most, value));
}

/// Without a decimal that says nothing.
std::string one_decimal(double value) {
  auto text = fixed(value, 1);
  return text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0
           ? text.substr(0, text.size() - 2)
           : text;
}

std::string two(const char* form, std::int64_t a, std::int64_t b) {
  std::array<char, 64> text{};
  auto size
    = std::snprintf(text.data(), text.size(), form, static_cast<long>(a), static_cast<long>(b));
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace

std::string count(double value) {
  auto whole = std::llround(bounded(value));
  return (whole < 0 ? "-" : "")
         + bench::with_thousands(static_cast<std::uint64_t>(std::abs(whole)));
}

std::string counted(double value, const std::string& noun) {
  return count(value) + " " + noun + (std::llround(bounded(value)) == 1 ? "" : "s");
}

std::string rough(double value) {
  value = bounded(value);
  if (value < 999.5)
    return value < 9.95 ? one_decimal(value) : fixed(value, 0);
  auto* unit = "k";
  value /= 1000;
  for (auto* larger : {"M", "G", "T"}) {
    if (value < 999.95)
      break;
    unit = larger;
    value /= 1000;
  }
  return fixed(value, 1) + unit;
}

std::string rate(double value) {
  return rough(value) + "/s";
}

std::string percent(double ratio) {
  auto value = 100 * bounded(ratio);
  if (value <= 0)
    return "0 %";
  if (value < 0.1)
    return fixed(std::fmax(value, 0.01), 2) + " %";
  if (value < 9.95)
    return one_decimal(value) + " %";
  if (value > 99 && value < 100)
    return fixed(std::floor(value * 10) / 10, 1) + " %";
  return fixed(value, 0) + " %";
}

std::string span(double ms) {
  ms = std::fmax(bounded(ms), 0);
  if (ms < 950)
    return ms == 0 ? "0 s" : fixed(std::fmax(ms / 1000, 0.1), 1) + " s";
  auto seconds = static_cast<std::int64_t>(ms < 60'000 ? std::llround(ms / 1000) : ms / 1000);
  if (seconds < 60)
    return std::to_string(seconds) + " s";
  auto minutes = seconds / 60;
  if (minutes < 60)
    return two("%ldm%02lds", minutes, seconds % 60);
  auto hours = minutes / 60;
  if (hours < 24)
    return two("%ldh%02ldm", hours, minutes % 60);
  return two("%ldd%02ldh", hours / 24, hours % 24);
}

std::string latency(double ms) {
  ms = std::fmax(bounded(ms), 0);
  if (ms < 9.95)
    return one_decimal(ms) + " ms";
  if (ms < 999.5)
    return fixed(ms, 0) + " ms";
  return ms < 9'950 ? one_decimal(ms / 1000) + " s" : span(ms);
}

std::string clock_span(double ms) {
  auto seconds = static_cast<std::int64_t>(std::fmax(bounded(ms), 0) / 1000);
  auto tail = two("%02ld:%02ld", seconds / 60 % 60, seconds % 60);
  return seconds < 3600 ? tail : std::to_string(seconds / 3600) + ":" + tail;
}

std::string size(double bytes) {
  bytes = std::fmax(bounded(bytes), 0);
  if (bytes < 1023.5)
    return fixed(bytes, 0) + " B";
  auto value = bytes / 1024;
  if (value < 1023.5)
    return (value < 9.95 ? one_decimal(value) : fixed(value, 0)) + " KiB";
  auto* unit = "MiB";
  value /= 1024;
  for (auto* larger : {"GiB", "TiB"}) {
    if (value < 1023.5)
      break;
    unit = larger;
    value /= 1024;
  }
  return fixed(value, 1) + " " + unit;
}

} // namespace holdfast::console
