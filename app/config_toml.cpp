// The only file that includes toml++, which takes seconds to compile.
#include "app/config_value.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace holdfast {

namespace {

using kind = config_value::kind;

void place(file_node& to, const toml::source_region& from) {
  to.line = from.begin.line;
  to.column = from.begin.column;
}

/// The root, a list, its entry, a list in that, an element. What lies deeper is part of something
/// that no key takes, and is left out: a file decides on its depth, and hence on our stack.
constexpr int deepest = 4;

file_node convert(const toml::node& from, int depth);

void add_entries(file_node& to, const toml::table& from, int depth) {
  for (auto&& [key, value] : from) {
    auto child = convert(value, depth);
    child.key = std::string{key.str()};
    place(child, key.source());
    to.children.push_back(std::move(child));
  }
  // A table of toml++ is sorted by key.
  std::sort(to.children.begin(), to.children.end(), [](const file_node& a, const file_node& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
}

config_value scalar(const toml::node& from) {
  if (auto* text = from.as_string())
    return {kind::string, text->get()};
  if (auto* number = from.as_integer())
    return {kind::integer, std::to_string(number->get())};
  if (auto* flag = from.as_boolean())
    return {kind::boolean, flag->get() ? "true" : "false"};
  if (auto* number = from.as_floating_point())
    return {kind::number, shortest_text(number->get())};
  return {kind::other, "a date or a time"};
}

file_node convert(const toml::node& from, int depth) {
  file_node result;
  place(result, from.source());
  if (auto* table = from.as_table()) {
    result.value.what = kind::table;
    if (depth < deepest)
      add_entries(result, *table, depth + 1);
  } else if (auto* array = from.as_array()) {
    result.value.what = kind::array;
    for (std::size_t i = 0; depth < deepest && i < array->size(); ++i)
      result.children.push_back(convert((*array)[i], depth + 1));
  } else {
    result.value = scalar(from);
  }
  return result;
}

/// Parts of a key joined by dots. toml++ bounds how deep values nest, but not this, and frees the
/// tables that such a key makes one inside the other: 40,000 of them overflow the stack.
constexpr int most_parts = 16;

/// Just behind the string that opens at `at`, or where it must have ended.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const auto quote = text[at];
  const std::string three(3, quote);
  const auto is_long = text.substr(at, 3) == three;
  at += is_long ? 3 : 1;
  while (at < text.size()) {
    if (is_long ? text.substr(at, 3) == three : text[at] == quote) {
      at += is_long ? 3 : 1;
      // A long one may end in up to two quotes of its own.
      for (int i = 0; is_long && i < 2 && at < text.size() && text[at] == quote; ++i)
        ++at;
      return at;
    }
    if (!is_long && text[at] == '\n')
      return at;
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  }
  return text.size();
}

/// Where a key gets more than `most_parts`; the end of the text when none does.
std::size_t find_long_key(std::string_view text) {
  auto parts = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    switch (text[at]) {
    case '"':
    case '\'': at = end_of_string(text, at); continue;
    case '#': at = std::min(text.find('\n', at), text.size()); continue;
    case '.':
      if (++parts > most_parts)
        return at;
      break;
    case '\n':
    case '=':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}': parts = 1; break;
    default: break;
    }
    ++at;
  }
  return text.size();
}

/// Line and column as toml++ counts them: in characters.
void place(parsed_file& to, std::string_view before) {
  auto is_first_byte = [](unsigned char c) { return (c & 0xc0) != 0x80; };
  to.line = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n')) + 1;
  before.remove_prefix(before.rfind('\n') + 1); // npos + 1 is 0
  to.column = static_cast<unsigned>(std::count_if(before.begin(), before.end(), is_first_byte)) + 1;
}

} // namespace

parsed_file parse_toml(std::string_view text) {
  parsed_file result;
  if (auto at = find_long_key(text); at < text.size()) {
    result.error = "a key has more than " + std::to_string(most_parts) + " parts";
    place(result, text.substr(0, at));
    return result;
  }
  try {
    result.root = convert(toml::parse(text), 0);
  } catch (const toml::parse_error& error) {
    result.error = std::string{error.description()};
    result.line = error.source().begin.line;
    result.column = error.source().begin.column;
  }
  return result;
}

} // namespace holdfast
