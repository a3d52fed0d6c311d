#include "app/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {

namespace {

struct duration_unit {
  std::string_view name;
  std::uint64_t milliseconds;
};

// Largest first: a sum is written with falling units.
constexpr std::array duration_units{
  duration_unit{"d", 86'400'000}, duration_unit{"h", 3'600'000}, duration_unit{"m", 60'000},
  duration_unit{"s", 1000},       duration_unit{"ms", 1},
};

/// Far below what 64 bits of nanoseconds hold, so that a few can be added without a check.
constexpr std::uint64_t longest_ms = 100ull * 365 * 86'400'000;

struct size_unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array size_units{
  size_unit{"GiB", 1ull << 30},
  size_unit{"MiB", 1ull << 20},
  size_unit{"KiB", 1ull << 10},
  size_unit{"B", 1},
};

/// Exact in JSON, and in whatever reads it as a double.
constexpr std::uint64_t largest_size = 1ull << 53;

/// Takes digits off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string_view take_letters(std::string_view& text) {
  auto end = std::find_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  auto letters = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(letters.size());
  return letters;
}

} // namespace

std::optional<duration> parse_duration(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  std::uint64_t total = 0;
  auto next = duration_units.begin();
  while (!text.empty()) {
    auto number = take_number(text);
    auto name = take_letters(text);
    auto unit = std::find_if(next, duration_units.end(),
                             [&](const duration_unit& x) { return x.name == name; });
    if (!number || unit == duration_units.end())
      return std::nullopt;
    if (*number > (longest_ms - total) / unit->milliseconds)
      return std::nullopt;
    total += *number * unit->milliseconds;
    next = unit + 1;
  }
  return std::chrono::milliseconds{total};
}

std::string format_duration(duration d) {
  auto ms = to_ms(d);
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  auto number = take_number(text);
  if (!number)
    return std::nullopt;
  std::uint64_t factor = 1;
  if (!text.empty()) {
    auto unit = std::find_if(size_units.begin(), size_units.end(),
                             [&](const size_unit& x) { return x.name == text; });
    if (unit == size_units.end())
      return std::nullopt;
    factor = unit->bytes;
  }
  if (*number > largest_size / factor)
    return std::nullopt;
  return *number * factor;
}

std::string format_size(std::uint64_t bytes) {
  for (const auto& unit : size_units)
    if (unit.bytes > 1 && bytes >= unit.bytes && bytes % unit.bytes == 0)
      return std::to_string(bytes / unit.bytes) + std::string{unit.name};
  return std::to_string(bytes);
}

} // namespace holdfast
