// What a text frame of a client says, read with nlohmann-json.
#pragma once

#include "protocol/control_message.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::fuzz {

using json = nlohmann::json;

/// A text as nlohmann-json sees it.
struct reference_json {
  enum class verdict : std::uint8_t {
    json,
    no_json,
    too_large_a_number, ///< one that a double cannot hold, where nlohmann-json stops reading
  };

  verdict is = verdict::no_json;
  json value;

  explicit reference_json(std::string_view text) {
    // It takes a NUL for the end, and passes over a byte order mark.
    if (text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xef\xbb\xbf")
      return;
    try {
      value = json::parse(text);
      is = verdict::json;
    } catch (const json::parse_error&) {
      is = verdict::no_json;
    } catch (const json::out_of_range&) {
      is = verdict::too_large_a_number;
    }
  }
};

/// The first bracket is level 1.
inline std::size_t depth_of(const json& value) {
  if (!value.is_structured())
    return 0;
  std::size_t deepest = 0;
  for (const auto& each : value)
    deepest = std::max(deepest, depth_of(each));
  return deepest + 1;
}

/// The error that a message deserves, with the field at fault.
struct reference_error {
  decode_error_code code;
  std::string_view field;
};

inline bool is_id(const json& value) {
  return value.is_number_unsigned()
         || (value.is_string() && value.get_ref<const std::string&>().size() <= max_message_id);
}

inline std::optional<reference_error> judge_field(std::string_view name, const json& value) {
  using e = decode_error_code;
  bool is_text = value.is_string();
  auto size = is_text ? value.get_ref<const std::string&>().size() : 0;
  if (name == "n" && !value.is_number_unsigned())
    return reference_error{e::wrong_field_type, name};
  if (name == "id" && !is_id(value))
    return reference_error{is_text ? e::field_too_long : e::wrong_field_type, name};
  if (name == "topic" && !is_text)
    return reference_error{e::wrong_field_type, name};
  if (name == "topic" && size == 0)
    return reference_error{e::empty_field, name};
  if (name == "topic" && size > max_topic)
    return reference_error{e::field_too_long, name};
  return std::nullopt;
}

/// Nothing: it is a message.
inline std::optional<reference_error> judge_message(const json& message) {
  using e = decode_error_code;
  if (!message.is_object())
    return reference_error{e::not_an_object, {}};
  auto type = message.find("type");
  if (type == message.end())
    return reference_error{e::missing_type, "type"};
  if (!type->is_string())
    return reference_error{e::wrong_field_type, "type"};
  // In the order in which they are judged; what ends in a question mark need not be there.
  static const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> types{
    {"message", {"data", "id?"}},
    {"ack", {"n"}},
    {"ping", {"id"}},
    {"subscribe", {"topic", "id?"}},
    {"unsubscribe", {"topic", "id?"}},
    {"publish", {"topic", "data", "id?"}}};
  for (const auto& [name, fields] : types) {
    if (type->get_ref<const std::string&>() != name)
      continue;
    for (auto field : fields) {
      bool optional = field.back() == '?';
      field.remove_suffix(optional ? 1 : 0);
      auto found = message.find(std::string{field});
      if (found == message.end() && !optional)
        return reference_error{e::missing_field, field};
      if (found == message.end())
        continue;
      if (auto error = judge_field(field, *found))
        return error;
    }
    return std::nullopt;
  }
  return reference_error{e::unknown_type, "type"};
}

} // namespace holdfast::fuzz
