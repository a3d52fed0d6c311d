#include "protocol/json_string.hpp"

#include "protocol/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace holdfast {

namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101;
constexpr std::uint64_t every_high_bit = every_byte * 0x80;

constexpr std::uint64_t has_zero(std::uint64_t word) {
  return (word - every_byte) & ~word & every_high_bit;
}

/// Whether one of eight bytes is a control character, a quote, a backslash, or beyond ASCII.
constexpr bool needs_care(std::uint64_t word) {
  auto controls = (word - every_byte * 0x20) & ~word & every_high_bit;
  return (controls | has_zero(word ^ every_byte * '"') | has_zero(word ^ every_byte * '\\')
          | (word & every_high_bit))
         != 0;
}

constexpr bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

std::size_t end_of_plain(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (needs_care(word))
      break;
    at += 8;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at])))
    ++at;
  return at;
}

/// The four hexadecimal digits at `at`; nothing if they are none.
std::optional<unsigned> read_hex(std::string_view text, std::size_t at) {
  unsigned value = 0;
  if (text.size() < 4 || at > text.size() - 4)
    return {};
  auto* end = text.data() + at + 4;
  auto [stopped, error] = std::from_chars(text.data() + at, end, value, 16);
  if (error != std::errc{} || stopped != end)
    return {};
  return value;
}

constexpr bool is_high_surrogate(unsigned unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

constexpr bool is_low_surrogate(unsigned unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

/// Just behind the escape at `at`, its backslash; nothing if it is none.
std::optional<std::size_t> check_escape(std::string_view text, std::size_t at) {
  if (at + 1 == text.size())
    return {};
  if (text[at + 1] != 'u') {
    auto known = std::string_view{"\"\\/bfnrt"}.find(text[at + 1]) != std::string_view::npos;
    return known ? std::optional{at + 2} : std::nullopt;
  }
  auto unit = read_hex(text, at + 2);
  if (!unit || is_low_surrogate(*unit))
    return {};
  at += 6;
  if (!is_high_surrogate(*unit))
    return at;
  auto low = text.substr(at, 2) == "\\u" ? read_hex(text, at + 2) : std::nullopt;
  return low && is_low_surrogate(*low) ? std::optional{at + 6} : std::nullopt;
}

void append_utf8(std::string& out, unsigned point) {
  auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (point < 0x80)
    return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xe0 | point >> 12);
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3f));
    }
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

/// Appends what the escape at `at`, its backslash, says. Returns the position behind it.
std::size_t append_unescaped(std::string& out, std::string_view text, std::size_t at) {
  auto kind = text[at + 1];
  switch (kind) {
  case 'b': out += '\b'; return at + 2;
  case 'f': out += '\f'; return at + 2;
  case 'n': out += '\n'; return at + 2;
  case 'r': out += '\r'; return at + 2;
  case 't': out += '\t'; return at + 2;
  case 'u': break;
  default: out += kind; return at + 2;
  }
  auto point = read_hex(text, at + 2).value_or(0);
  at += 6;
  if (is_high_surrogate(point)) {
    auto low = read_hex(text, at + 2).value_or(0);
    point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
    at += 6;
  }
  append_utf8(out, point);
  return at;
}

void append_escape(std::string& out, char c) {
  constexpr auto digits = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\b': out += "\\b"; return;
  case '\f': out += "\\f"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  out += "\\u00";
  out += digits[c >> 4];
  out += digits[c & 0xf];
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0, at = 0;
  while ((at = end_of_plain(text, at)) < text.size()) {
    auto beyond_ascii = static_cast<unsigned char>(text[at]) >= 0x80;
    auto part = beyond_ascii ? read_utf8(text, at) : utf8_subpart{1, false};
    if (!part.whole) {
      out.append(text, copied, at - copied);
      beyond_ascii ? out.append("\xef\xbf\xbd") : (append_escape(out, text[at]), out);
      copied = at + part.size;
    }
    at += part.size;
  }
  out.append(text, copied, at - copied);
  out += '"';
}

std::optional<std::size_t> check_json_string(std::string_view text, std::size_t at) {
  ++at;
  while ((at = end_of_plain(text, at)) < text.size()) {
    auto c = static_cast<unsigned char>(text[at]);
    if (c == '"')
      return at + 1;
    if (c < 0x20)
      return {};
    if (c == '\\') {
      auto end = check_escape(text, at);
      if (!end)
        return {};
      at = *end;
    } else {
      auto part = read_utf8(text, at);
      if (!part.whole)
        return {};
      at += part.size;
    }
  }
  return {};
}

std::size_t end_of_json_string(std::string_view text, std::size_t at) {
  ++at;
  while ((at = end_of_plain(text, at)) < text.size()) {
    if (text[at] == '"')
      return at + 1;
    at += text[at] == '\\' ? 2 : 1;
  }
  return text.size();
}

std::string unescape_json_string(std::string_view slice) {
  auto text = slice.substr(1, slice.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto escape = std::min(text.find('\\', at), text.size());
    out.append(text, at, escape - at);
    at = escape < text.size() ? append_unescaped(out, text, escape) : escape;
  }
  return out;
}

} // namespace holdfast
