// The only file that includes toml++, which takes seconds to compile.
#include "app/config_value.hpp"

#include <toml++/toml.h>

#include <algorithm>
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
  return {kind::other, from.is_floating_point() ? "a number with a point" : "a date or a time"};
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

} // namespace

parsed_file parse_toml(std::string_view text) {
  parsed_file result;
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
