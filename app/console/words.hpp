// A typed line as words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

struct split_line {
  std::vector<std::string> words;
  std::string last;          ///< the word that the end of the line belongs to; empty behind a blank
  std::size_t last_from = 0; ///< where that one begins in the line
  bool open_quote = false;   ///< a quotation mark has no other
};

/// Words are parted by blanks; '...' and "..." hold blanks, a backslash any character. `words` has
/// all of them, `last` included where it is not empty.
split_line split(std::string_view line);

} // namespace holdfast::console
