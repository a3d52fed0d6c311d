// What callers over TCP must know.
#pragma once

#include <cstddef>
#include <string>

namespace holdfast::admin {

/// Fewer characters could be guessed.
inline constexpr std::size_t shortest_token = 16;

struct token_result {
  std::string
    token; ///< visible ASCII without spaces; what stands around it in the file is left out
  std::string error; ///< why there is none, with the path and what to do; empty: there is one
};

/// Reads admin.token_file: a regular file that not everyone can read.
token_result read_token(const std::string& path);

} // namespace holdfast::admin
