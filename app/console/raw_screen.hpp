// The terminal, taken over and given back.
#pragma once

#include "protocol/time.hpp"

#include <string>
#include <vector>

namespace holdfast::console {

/// While it lives, keys come one by one and unseen, and what is drawn is on a screen of its own.
/// The terminal is as it was before when this ends, when a signal ends the process, and while
/// Ctrl-Z has stopped it. At most one at a time.
class raw_screen {
public:
  raw_screen();
  raw_screen(const raw_screen&) = delete;
  raw_screen& operator=(const raw_screen&) = delete;
  ~raw_screen();

  /// Draws the lines from the top, over what is there.
  void draw(const std::vector<std::string>& lines);

  enum class key : unsigned char { none, quit, sort, pause, help, resized, ended, other };

  /// The next key, waited for at most so long.
  key next_key(duration patience);
};

} // namespace holdfast::console
