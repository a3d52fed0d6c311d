// A line that the user types, with history and completion.
#pragma once

#include "app/console/complete.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace holdfast::console {

/// Where the history is kept: $XDG_STATE_HOME/holdfast/history, or ~/.local/state/holdfast/history.
/// Empty when there is no home.
std::string history_path();

/// A line editor on the terminal (libedit). At most one at a time.
class line_editor {
public:
  enum class result : std::uint8_t { line, interrupted, end };

  /// `completer` answers for a line up to the cursor.
  line_editor(std::string prompt, std::function<completions(const std::string&)> completer);
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;
  ~line_editor();

  /// Reads a line, without its end. `interrupted`: Ctrl-C, what was typed is forgotten.
  result read(std::string& line);

  /// Keeps it, in the file too (mode 0600). Lines that begin with a blank are not kept.
  void remember(const std::string& line);

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace holdfast::console
