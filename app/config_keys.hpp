// The one table of keys. Reading, showing, checking and suggesting all go by it.
#pragma once

#include "app/config.hpp"
#include "app/config_value.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct config_key {
  std::string name;       ///< "pool.reserve"
  std::string_view about; ///< for error messages
  std::string takes;      ///< `a duration such as "30s"`

  /// False when the value is none of what the key takes; then nothing is changed.
  std::function<bool(config&, const config_value&)> set;

  /// The value as TOML.
  std::function<std::string(const config&)> show;

  /// A change takes effect at a reload. Of `auth` only while `auth.mode` stays.
  bool live = false;
};

/// In the order in which they are shown.
const std::vector<config_key>& config_keys();

/// Null when there is none of this name.
const config_key* find_key(std::string_view name);

/// Names of the tables ("pool", "auth.jwt") and lists ("listen").
const std::vector<std::string>& config_tables();

/// Whether the name stands for something that is designed and does not exist yet: a key, a table
/// ("cluster"), or a key of a list ("listen.tls").
bool in_a_later_release(std::string_view name);

/// A sentence on a name that no key has: "unknown key pool.reserv; did you mean pool.reserve?".
std::string unknown_key(std::string_view name);

/// The keys that a profile sets, as "table.key" and text. Null when there is no such profile.
struct profile_value {
  std::string_view key;
  std::string_view value;
};

const std::vector<profile_value>* find_profile(std::string_view name);

const std::vector<std::string>& profile_names();

} // namespace holdfast
