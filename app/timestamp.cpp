#include "app/timestamp.hpp"

#include <cstdio>
#include <ctime>

namespace holdfast {

std::string timestamp(wall_time when) {
  auto ms = when.time_since_epoch().count();
  auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ms % 1000));
  return std::string{text, size} + fraction;
}

} // namespace holdfast
