// What follows `holdfast bench`.
#pragma once

#include "app/bench/options.hpp"

#include <string>
#include <variant>
#include <vector>

namespace holdfast::bench {

/// A page of help was asked for.
struct help_page {
  std::string text;
};

/// The words make no sense.
struct mistake {
  std::string text; ///< for standard error, with how to go on
};

using parsed_words = std::variant<request, help_page, mistake>;

/// Parses the words after `bench`. Looks at their form only: whether the URL is one is found out by
/// run(). No words at all are a mistake that shows how to go on.
parsed_words parse_words(const std::vector<std::string>& words);

} // namespace holdfast::bench
