// Text from elsewhere, made fit for a terminal, and how much room it takes there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::console {

/// What a terminal would obey instead of showing (control characters, also those beyond ASCII, and
/// marks that turn the direction of writing) and bytes that are no UTF-8 as \x1b or \u202e.
/// Everything that others could have chosen, such as a user's name, goes through here.
std::string shown(std::string_view text);

/// The same characters within the strings of a JSON text, as JSON escapes; it stays the same value.
std::string shown_json(std::string_view text);

/// Columns that it takes: none for combining marks, two for East Asian wide characters and most
/// pictures. For text that has gone through shown().
std::size_t display_width(std::string_view text);

/// At most `width` columns of it; what is cut off leaves a "~".
std::string clipped(std::string_view text, std::size_t width);

/// Blanks behind it (or before it), up to `width` columns.
std::string padded(std::string_view text, std::size_t width, bool to_the_right = false);

} // namespace holdfast::console
