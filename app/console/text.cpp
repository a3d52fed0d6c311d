#include "app/console/text.hpp"

#include "protocol/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace holdfast::console {

namespace {

struct range {
  std::uint32_t first, last;
};

/// Sorted. Combining marks and joiners, of the scripts in common use.
constexpr std::array<range, 22> no_width{{
  {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
  {0x06d6, 0x06dc}, {0x06df, 0x06e4},   {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0941, 0x0948},
  {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
  {0x200b, 0x200d}, {0x20d0, 0x20ff},   {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
  {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
}};

/// Sorted. Wide and full-width (Unicode's East Asian Width), with the gaps of a few unassigned
/// characters closed.
constexpr std::array<range, 17> double_width{{
  {0x1100, 0x115f},
  {0x231a, 0x231b},
  {0x23e9, 0x23ec},
  {0x25fd, 0x25fe},
  {0x2614, 0x2615},
  {0x2648, 0x2653},
  {0x26a1, 0x26a1},
  {0x2e80, 0x303e},
  {0x3041, 0xa4cf},
  {0xa960, 0xa97c},
  {0xac00, 0xd7a3},
  {0xf900, 0xfaff},
  {0xfe30, 0xfe6f},
  {0xff00, 0xff60},
  {0x1f300, 0x1f64f},
  {0x1f680, 0x1f9ff},
  {0x20000, 0x3fffd},
}};

template <std::size_t Size>
bool within(const std::array<range, Size>& ranges, std::uint32_t c) {
  auto after = std::upper_bound(ranges.begin(), ranges.end(), c,
                                [](std::uint32_t at, const range& r) { return at < r.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

std::size_t width_of(std::uint32_t c) {
  return within(no_width, c) ? 0 : within(double_width, c) ? 2 : 1;
}

/// Controls of ASCII and of Latin 1, and marks that change the order in which text is shown.
bool is_obeyed(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/// One character of a text, or a piece of what is none.
struct piece {
  std::uint32_t code; ///< of the character
  std::size_t size;
  bool whole;
};

piece read(std::string_view text, std::size_t at) {
  auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80)
    return {lead, 1, true};
  auto part = read_utf8(text, at);
  if (!part.whole)
    return {lead, 1, false};
  std::uint32_t code = lead & (0xffu >> (part.size + 1));
  for (std::size_t i = 1; i < part.size; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fu);
  return {code, part.size, true};
}

std::string hexadecimal(const char* form, unsigned value) {
  std::array<char, 16> text{};
  auto size = std::snprintf(text.data(), text.size(), form, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace

std::string shown(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    auto next = read(text, at);
    if (!next.whole || (next.code < 0x100 && is_obeyed(next.code)))
      result += hexadecimal("\\x%02x", next.code);
    else if (is_obeyed(next.code))
      result += hexadecimal("\\u%04x", next.code);
    else
      result += text.substr(at, next.size);
    at += next.size;
  }
  return result;
}

std::string shown_json(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    auto next = read(text, at);
    // What is below stands between values: line ends and blanks. JSON allows no other there.
    if (next.whole && next.code >= 0x7f && is_obeyed(next.code))
      result += hexadecimal("\\u%04x", next.code);
    else
      result += text.substr(at, next.size);
    at += next.size;
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto next = read(text, at);
    width += next.whole ? width_of(next.code) : 1;
    at += next.size;
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t width) {
  if (display_width(text) <= width)
    return std::string{text};
  if (width == 0)
    return {};
  std::size_t used = 0, at = 0;
  while (at < text.size()) {
    auto next = read(text, at);
    auto wide = next.whole ? width_of(next.code) : 1;
    if (used + wide > width - 1)
      break;
    used += wide;
    at += next.size;
  }
  return std::string{text.substr(0, at)} + "~";
}

std::string padded(std::string_view text, std::size_t width, bool to_the_right) {
  auto used = display_width(text);
  std::string blanks(width > used ? width - used : 0, ' ');
  return to_the_right ? blanks + std::string{text} : std::string{text} + blanks;
}

} // namespace holdfast::console
