// The terminal of this process.
#pragma once

#include "protocol/time.hpp"

#include <cstddef>
#include <string>

namespace holdfast::console {

struct terminal_facts {
  bool input = false; ///< standard input is one
  bool output = false;
  bool error = false;
  std::size_t width = 80;
  bool width_known = false; ///< a terminal's, or said by COLUMNS
  std::size_t height = 24;
  bool colour = false; ///< output is one that knows colours, and NO_COLOR does not forbid them
};

/// Asks the system; the size is asked anew each time.
terminal_facts this_terminal();

/// "2026-11-23": today in UTC.
std::string today();

/// Asks on standard error and reads a line from standard input; whether it begins with y or Y.
bool says_yes(const std::string& question);

/// Prints through $PAGER, or `less -FRX` where it is not set, when `text` has more lines than the
/// terminal; to standard output otherwise, and when there is no such program.
void page(const std::string& text, std::size_t height);

/// Notes SIGINT while it lives, instead of ending the process. At most one at a time.
class ctrl_c {
public:
  ctrl_c();
  ctrl_c(const ctrl_c&) = delete;
  ctrl_c& operator=(const ctrl_c&) = delete;
  ~ctrl_c();

  static bool came();
  static void forget();
};

/// Waits, but not beyond a noted SIGINT: then false.
bool wait_or_ctrl_c(duration time);

} // namespace holdfast::console
