// Strings of JSON (RFC 8259 section 7): written, checked and read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one
/// for each maximal subpart (Unicode 15, section 3.9, table 3-8), as browsers do it. Throws
/// nothing but std::bad_alloc.
void append_json_string(std::string& out, std::string_view text);

/// Checks the string that opens at `at`, a quote. Returns the position just behind it, or nothing
/// if it is none: also when its bytes are not UTF-8, and when an escaped surrogate lacks its
/// other half, because such a string cannot be had as UTF-8.
std::optional<std::size_t> check_json_string(std::string_view text, std::size_t at);

/// The position just behind the string that opens at `at`, without checking it; the end of a
/// text that is cut short.
std::size_t end_of_json_string(std::string_view text, std::size_t at);

/// What the string `slice` says: checked, and with its quotes.
std::string unescape_json_string(std::string_view slice);

} // namespace holdfast
