#include "protocol/ids.hpp"

#include <algorithm>
#include <limits>

namespace holdfast {

namespace {

constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";

std::string to_text(std::uint64_t value, unsigned base) {
  std::string text;
  do {
    text += digits[value % base];
    value /= base;
  } while (value != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

// Accepts what to_text() makes and nothing else, so that a number has one text: no capitals, no
// leading zeros, no sign.
std::optional<std::uint64_t> to_number(std::string_view text, unsigned base) {
  if (text.empty() || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) {
    auto digit = digits.substr(0, base).find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / base)
      return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

} // namespace

std::string to_string(connection_id id) {
  return to_text(id.node.value, 36) + '-' + to_text(id.counter, 16);
}

std::optional<connection_id> parse_connection_id(std::string_view text) {
  auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return std::nullopt;
  auto node = to_number(text.substr(0, dash), 36);
  auto counter = to_number(text.substr(dash + 1), 16);
  if (!node || !counter)
    return std::nullopt;
  return connection_id{incarnation{*node}, *counter};
}

} // namespace holdfast
