// What somebody may have meant who mistyped a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// Insertions, deletions, replacements, and swaps of neighbours that make `a` of `b` (the
/// restricted Damerau-Levenshtein distance). Letters compare without case.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the least distance, the first one of several. Empty when none is so near
/// that it could have been meant: at most a third of the longer name, and two at least.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// "; did you mean pool.reserve?", or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

} // namespace holdfast
