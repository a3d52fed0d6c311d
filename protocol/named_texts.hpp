// Names and their values, few of them: what is known of a connection beyond its user.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

/// In the order in which they came; each name once.
using named_texts = std::vector<std::pair<std::string, std::string>>;

/// Empty when there is no such name.
inline std::string_view value_of(const named_texts& among, std::string_view name) {
  auto found = std::find_if(among.begin(), among.end(), [&](auto& x) { return x.first == name; });
  return found == among.end() ? std::string_view{} : std::string_view{found->second};
}

/// Adds, replaces, or with an empty `value` takes away. False: there are `most` others already.
inline bool set_value(named_texts& among, std::string_view name, std::string_view value,
                      std::size_t most) {
  auto found = std::find_if(among.begin(), among.end(), [&](auto& x) { return x.first == name; });
  if (value.empty()) {
    if (found != among.end())
      among.erase(found);
    return true;
  }
  if (found != among.end()) {
    found->second = value;
    return true;
  }
  if (among.size() >= most)
    return false;
  among.emplace_back(name, value);
  return true;
}

} // namespace holdfast
