// The query of a request's URI.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The first value of `name` in "a=1&b=2", percent-decoded, with "+" as a space. Empty when the
/// name is absent. A percent sign without two hexadecimal digits stands for itself.
std::string query_value(std::string_view query, std::string_view name);

/// All its values, in order.
std::vector<std::string> query_values(std::string_view query, std::string_view name);

/// The query without the pairs of this name.
std::string query_without(std::string_view query, std::string_view name);

} // namespace holdfast
