// Selectors as they are asked for: in a query or in a body.
#pragma once

#include "app/admin/api/api.hpp"
#include "protocol/selector.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::admin {

/// The names that selectors have.
const std::vector<std::string>& selector_names();

/// `more` beside the selectors' names: what a request may have.
std::vector<std::string> with_selectors(std::vector<std::string> more);

/// From the query; other parameters are left alone. Answers 400 and returns nothing when one is
/// wrong.
std::optional<selector> selector_of_query(exchange& from, const api_context& node);

/// The same from a body's fields, which may be texts or lists of texts.
std::optional<selector> selector_of_body(exchange& from, const json& fields,
                                         const api_context& node);

/// A whole number from the query; `by_default` when it is not there. Answers 400 and returns
/// nothing when it is something else, or not within the bounds.
std::optional<std::uint64_t> number_of_query(exchange& from, const char* name,
                                             std::uint64_t by_default, std::uint64_t least,
                                             std::uint64_t most);

} // namespace holdfast::admin
