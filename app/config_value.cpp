#include "app/config_value.hpp"

#include "app/transport/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace holdfast {

namespace {

constexpr std::size_t longest_described = 60;

std::string trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos)
    return {};
  return std::string{text.substr(begin, text.find_last_not_of(' ') - begin + 1)};
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    auto comma = text.find(',');
    result.push_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return result;
}

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
  case kind::number:
  case kind::boolean:
  case kind::other: return value.text;
  case kind::array: return "a list";
  case kind::table: return "a table";
  }
  return "?";
}

std::optional<std::vector<std::string>> texts_of(const config_value& value) {
  using kind = config_value::kind;
  if (value.what == kind::untyped && !value.text.empty() && value.text.front() == '[') {
    auto parsed = parse_toml("x = " + value.text);
    if (!parsed.error.empty() || parsed.root.children.size() != 1)
      return std::nullopt;
    return texts_of(parsed.root.children.front().whole());
  }
  if (value.what == kind::untyped)
    return split_at_commas(value.text);
  if (value.what != kind::array)
    return std::nullopt;
  std::vector<std::string> result;
  for (const auto& element : value.elements) {
    if (element.what != kind::string)
      return std::nullopt;
    result.push_back(element.text);
  }
  return result;
}

config_value file_node::whole() const {
  auto result = value;
  if (value.what == config_value::kind::array)
    for (const auto& child : children)
      result.elements.push_back(child.value);
  return result;
}

std::string shortest_text(double number) {
  char text[32]; // the longest, such as -2.2250738585072014e-308, has 24
  auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  return {std::begin(text), end};
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
