#include "app/console/json.hpp"

#include "app/console/text.hpp"
#include "protocol/json_text.hpp"

namespace holdfast::console {

namespace {

/// What the node says nests five deep at most.
constexpr std::size_t deepest = 32;

const json nothing;
const json no_elements = json::array();

} // namespace

std::optional<json> parse_json(std::string_view text) {
  if (nests_deeper(text, deepest))
    return {};
  auto value = json::parse(text, nullptr, false);
  if (value.is_discarded())
    return {};
  return value;
}

const json& at(const json& value, std::initializer_list<std::string_view> path) {
  auto* reached = &value;
  for (auto name : path) {
    if (!reached->is_object())
      return nothing;
    auto found = reached->find(std::string{name});
    if (found == reached->end())
      return nothing;
    reached = &*found;
  }
  return *reached;
}

const json& list(const json& value, std::string_view name) {
  auto& found = at(value, {name});
  return found.is_array() ? found : no_elements;
}

std::optional<double> number(const json& value, std::string_view name) {
  auto& found = at(value, {name});
  if (!found.is_number())
    return {};
  return found.get<double>();
}

double number_or_zero(const json& value, std::string_view name) {
  return number(value, name).value_or(0);
}

std::string text(const json& value) {
  if (value.is_string())
    return shown(value.get_ref<const std::string&>());
  if (value.is_number() || value.is_boolean())
    return value.dump();
  return {};
}

std::string text(const json& value, std::string_view name) {
  return text(at(value, {name}));
}

bool is_true(const json& value, std::string_view name) {
  auto& found = at(value, {name});
  return found.is_boolean() && found.get<bool>();
}

std::string to_text(const json& value, bool indented) {
  return shown_json(value.dump(indented ? 2 : -1, ' ', false, json::error_handler_t::replace));
}

} // namespace holdfast::console
