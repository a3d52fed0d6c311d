// What the tests of the configuration load it from.
#pragma once

#include "app/config.hpp"

#include <string>

namespace holdfast {

/// A host whose defaults are known, and no source.
inline config_sources no_sources() {
  config_sources sources;
  sources.handlers = {"broadcast", "echo", "topics"};
  sources.host = {"box", 2, 1000};
  return sources;
}

inline config_result load_file(std::string text) {
  auto sources = no_sources();
  sources.file = "holdfast.toml";
  sources.file_text = std::move(text);
  return load_config(sources);
}

inline config_result load_sets(std::vector<std::string> sets) {
  auto sources = no_sources();
  sources.sets = std::move(sets);
  return load_config(sources);
}

/// All errors, one a line, for comparison and in messages of failed checks.
inline std::string errors_of(const config_result& result) {
  std::string text;
  for (const auto& error : result.errors)
    text += error + "\n";
  return text;
}

inline std::string warnings_of(const config_result& result) {
  std::string text;
  for (const auto& warning : result.warnings)
    text += warning + "\n";
  return text;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace holdfast
