#include "app/bench/figures.hpp"

#include <array>
#include <cstdio>

namespace holdfast::bench {

double seconds_of(duration d) {
  return std::chrono::duration<double>{d}.count();
}

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  auto size = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string with_thousands(std::uint64_t value) {
  auto text = std::to_string(value);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string short_duration(duration d) {
  auto value = static_cast<double>(d.count());
  if (value < 1000)
    return fixed(value, 0) + " ns";
  auto* unit = "us";
  value /= 1000;
  for (auto* larger : {"ms", "s"}) {
    // Rounding must not make 1000 of it.
    if (value < 999.5)
      break;
    unit = larger;
    value /= 1000;
  }
  auto digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fixed(value, digits) + " " + unit;
}

std::string short_size(double bytes) {
  if (bytes < 1024)
    return fixed(bytes, 0) + " B";
  auto* unit = "KiB";
  bytes /= 1024;
  for (auto* larger : {"MiB", "GiB"}) {
    if (bytes < 1023.95)
      break;
    unit = larger;
    bytes /= 1024;
  }
  return fixed(bytes, 1) + " " + unit;
}

std::string counted(std::uint64_t count, const std::string& noun) {
  return with_thousands(count) + " " + noun + (count == 1 ? "" : "s");
}

} // namespace holdfast::bench
