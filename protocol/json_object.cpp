#include "protocol/json_object.hpp"

#include "protocol/json_string.hpp"
#include "protocol/json_text.hpp"

#include <algorithm>

namespace holdfast {

std::optional<json_object> json_object::read(std::string_view text, std::size_t depth) {
  auto at = skip_json_space(text, 0);
  if (at == text.size() || text[at] != '{')
    return {};
  if (!is_json(text, depth))
    return {};
  json_object object;
  auto& members = object.members_;
  at = skip_json_space(text, at + 1);
  while (text[at] != '}') {
    auto name_end = end_of_json_string(text, at);
    auto name = unescape_json_string(text.substr(at, name_end - at));
    at = skip_json_space(text, text.find(':', name_end) + 1);
    auto value_end = end_of_json_value(text, at);
    members.push_back({std::move(name), text.substr(at, value_end - at)});
    at = skip_json_space(text, value_end);
    if (text[at] == ',')
      at = skip_json_space(text, at + 1);
  }
  // Sorted, so that thousands of names cost no more than their sorting.
  std::sort(members.begin(), members.end(),
            [](const member& x, const member& y) { return x.name < y.name; });
  auto twice = std::adjacent_find(members.begin(), members.end(),
                                  [](const auto& x, const auto& y) { return x.name == y.name; });
  return twice == members.end() ? std::optional{std::move(object)} : std::nullopt;
}

std::optional<std::string_view> json_object::find(std::string_view name) const {
  auto found
    = std::lower_bound(members_.begin(), members_.end(), name,
                       [](const member& x, std::string_view wanted) { return x.name < wanted; });
  if (found == members_.end() || found->name != name)
    return {};
  return found->value;
}

std::optional<std::string> read_json_string(std::string_view value) {
  if (value.empty() || value.front() != '"')
    return {};
  return unescape_json_string(value);
}

std::optional<std::vector<std::string_view>> read_json_array(std::string_view value) {
  if (value.empty() || value.front() != '[')
    return {};
  std::vector<std::string_view> elements;
  auto at = skip_json_space(value, 1);
  while (value[at] != ']') {
    auto end = end_of_json_value(value, at);
    elements.push_back(value.substr(at, end - at));
    at = skip_json_space(value, end);
    if (value[at] == ',')
      at = skip_json_space(value, at + 1);
  }
  return elements;
}

} // namespace holdfast
