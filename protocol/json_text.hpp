// JSON (RFC 8259) as text: it is checked, and values are found in it, without a document in
// between.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast {

/// Whether brackets outside of strings ever nest deeper than `depth`. `text` may be any bytes.
bool nests_deeper(std::string_view text, std::size_t depth);

/// Whether all of `text` is one JSON value, nested no deeper than `depth` (the first bracket is
/// level 1). No byte order mark; strings as check_json_string() has them; numbers of any size.
/// Uses stack for each level.
bool is_json(std::string_view text, std::size_t depth);

// The rest asks for texts that are known to be JSON, and for positions inside of them.

/// The first position from `at` on that is no white space, or the end.
std::size_t skip_json_space(std::string_view text, std::size_t at);

/// Just behind the value that begins at `at`.
std::size_t end_of_json_value(std::string_view text, std::size_t at);

} // namespace holdfast
