// Percent-encoding of paths and queries (RFC 3986 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::admin {

using query_list = std::vector<std::pair<std::string, std::string>>;

/// Nothing when a percent sign is not followed by two hexadecimal digits, or when what comes out
/// is not UTF-8 or has control characters.
std::optional<std::string> percent_decode(std::string_view text);

/// Splits and decodes "a=1&b=x+y"; a plus sign is a blank, as forms write it. A name without an
/// equals sign has an empty value. Nothing where percent_decode() has nothing.
std::optional<query_list> decode_query(std::string_view text);

/// Everything but letters, digits and -._~ encoded, so that it fits anywhere; with `keep_slashes`
/// for a path of several segments.
std::string percent_encode(std::string_view text, bool keep_slashes = false);

} // namespace holdfast::admin
