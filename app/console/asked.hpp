// A command with what was given to it.
#pragma once

#include "app/console/catalog.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::console {

struct asked {
  const command_spec* command = nullptr;
  std::vector<std::string> arguments;
  /// By name ("--user"). Options that take nothing are there with no values.
  std::map<std::string, std::vector<std::string>, std::less<>> options;

  bool has(std::string_view name) const { return options.find(name) != options.end(); }

  /// The (last) value; empty: not given.
  std::string value_of(std::string_view name) const {
    auto found = options.find(name);
    return found == options.end() || found->second.empty() ? std::string{} : found->second.back();
  }

  /// Of an option that may be repeated.
  std::vector<std::string> all_of(std::string_view name) const {
    auto found = options.find(name);
    return found == options.end() ? std::vector<std::string>{} : found->second;
  }

  /// "A,B" as two; none when it was not given.
  std::vector<std::string> parts_of(std::string_view name) const {
    std::vector<std::string> parts;
    auto whole = value_of(name);
    for (std::size_t at = 0; at < whole.size();) {
      auto end = std::min(whole.find(',', at), whole.size());
      if (end > at)
        parts.push_back(whole.substr(at, end - at));
      at = end + 1;
    }
    return parts;
  }
};

} // namespace holdfast::console
