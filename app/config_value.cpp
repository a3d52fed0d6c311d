#include "app/config_value.hpp"

#include "app/transport/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace holdfast {

namespace {

constexpr std::size_t longest_described = 60;

} // namespace

std::string describe(const config_value& value) {
  using kind = config_value::kind;
  switch (value.what) {
  case kind::untyped:
  case kind::string:
    if (value.text.size() > longest_described)
      return toml_string(value.text.substr(0, longest_described)) + "...";
    return toml_string(value.text);
  case kind::integer:
  case kind::boolean:
  case kind::other: return value.text;
  case kind::array: return "a list";
  case kind::table: return "a table";
  }
  return "?";
}

std::string one_line(std::string text) {
  auto foreign = !transport::is_utf8(text);
  auto unprintable
    = [foreign](unsigned char c) { return c < 0x20 || c == 0x7f || (foreign && c > 0x7f); };
  std::replace_if(text.begin(), text.end(), unprintable, '?');
  return text;
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", static_cast<unsigned>(byte));
      result += escaped.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

} // namespace holdfast
