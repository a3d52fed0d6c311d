// Lines and tables, fitted into a width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::console {

/// What a piece of text says about the node, for colour.
enum class tone : std::uint8_t { plain, good, warning, bad, faint, strong };

/// How a screen is to look.
struct style {
  std::size_t width = 80; ///< columns; nothing is wider, but for words that cannot be broken
  bool colour = false;
  std::string today;         ///< "2026-11-23" in UTC: of other days the date is shown
  bool whole_tables = false; ///< nothing is cut, however wide a table is: for a file or a pipe
};

/// A piece of text with its tone. The text is shown as it is: make it fit with shown() before.
struct item {
  item(std::string words, tone how = tone::plain) : text{std::move(words)}, how{how} {}
  item(const char* words) : text{words} {}

  std::string text;
  tone how = tone::plain;
};

/// With the terminal's codes around it, if there is colour.
std::string painted(std::string_view text, tone how, const style& with);

/// "heading   item   item\n": three blanks between items, and those that do not fit go on in the
/// next line below the first one. Empty items are left out. `heading` keeps its blanks.
std::string row(const std::string& heading, const std::vector<item>& items, const style& with);

/// `left` and at the right border `right`; below it where both do not fit. Two blanks between
/// items.
std::string spread_row(const std::vector<item>& left, const std::vector<item>& right,
                       const style& with);

/// Words broken into lines that begin with as many blanks as `heading` has columns.
std::string paragraph(const std::string& heading, std::string_view words, const style& with);

struct column {
  std::string name;
  bool to_the_right = false; ///< numbers
};

/// A table: one line a row below the names of the columns, two blanks between columns. When it is
/// too wide, the widest texts but those of the first column are clipped, and then the last columns
/// left out.
std::string table(const std::vector<column>& columns, const std::vector<std::vector<item>>& rows,
                  const style& with);

} // namespace holdfast::console
