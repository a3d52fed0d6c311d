// Answers of the admin API as values. What is missing reads as null.
#pragma once

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::console {

/// Keeps the order of the fields, so that --json shows them as the node does.
using json = nlohmann::ordered_json;

/// The value, or nothing when `text` is no JSON or nests deeper than an answer does.
std::optional<json> parse_json(std::string_view text);

/// The field at the end of a path of names; null when something on the way is missing.
const json& at(const json& value, std::initializer_list<std::string_view> path);

/// The elements of a list; an empty list for anything else.
const json& list(const json& value, std::string_view name);

/// A field as a number, if it is one.
std::optional<double> number(const json& value, std::string_view name);

/// A field as a number; 0 when it is none.
double number_or_zero(const json& value, std::string_view name);

/// A field's text, made fit for a terminal; a number's digits. Empty for null, objects and lists.
std::string text(const json& value, std::string_view name);

/// The same of a value itself.
std::string text(const json& value);

bool is_true(const json& value, std::string_view name);

/// In one line, or indented by two blanks; fit for a terminal.
std::string to_text(const json& value, bool indented);

} // namespace holdfast::console
