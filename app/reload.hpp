// What a running node takes over from a configuration that has changed, and what it cannot.
#pragma once

#include "app/config.hpp"

#include <string>
#include <vector>

namespace holdfast {

/// One key, or the list "listen" or "route", whose value has changed.
struct config_change {
  std::string key;
  bool live = false; ///< it takes effect without a restart
};

/// In the order in which keys are shown.
std::vector<config_change> changes(const config& running, const config& wanted);

/// Copies the live keys into `running`.
void take_live(config& running, const config& wanted);

} // namespace holdfast
