#include "app/console/layout.hpp"

#include "app/console/text.hpp"

#include <algorithm>
#include <numeric>

namespace holdfast::console {

namespace {

constexpr std::size_t between_columns = 2;
constexpr std::size_t narrowest = 8; ///< a text column is not clipped below this

std::string_view code_of(tone how) {
  switch (how) {
  case tone::plain: return "";
  case tone::good: return "\x1b[32m";
  case tone::warning: return "\x1b[33m";
  case tone::bad: return "\x1b[31m";
  case tone::faint: return "\x1b[2m";
  case tone::strong: return "\x1b[1m";
  }
  return "";
}

std::size_t width_of(const std::vector<item>& items) {
  std::size_t width = 0;
  for (auto& each : items)
    if (!each.text.empty())
      width += display_width(each.text) + (width == 0 ? 0 : 2);
  return width;
}

std::string joined(const std::vector<item>& items, const style& with) {
  std::string line;
  for (auto& each : items)
    if (!each.text.empty())
      line += (line.empty() ? "" : "  ") + painted(each.text, each.how, with);
  return line;
}

void strip_end(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

using widths_of_columns = std::vector<std::size_t>;

std::size_t total(const widths_of_columns& widths) {
  auto gaps = widths.empty() ? 0 : (widths.size() - 1) * between_columns;
  return std::accumulate(widths.begin(), widths.end(), gaps);
}

/// Takes columns from the widest text until all fits, then leaves out the last columns. The first
/// one is a name that will be typed, so it is clipped only when nothing else is left.
void fit(widths_of_columns& widths, const std::vector<column>& columns, std::size_t width) {
  while (total(widths) > width) {
    auto widest = columns.size();
    for (std::size_t i = widths.size() > 1 ? 1 : 0; i < widths.size(); ++i)
      if (!columns[i].to_the_right && widths[i] > narrowest
          && (widest == columns.size() || widths[i] > widths[widest]))
        widest = i;
    if (widest < columns.size())
      --widths[widest];
    else if (widths.size() > 1)
      widths.pop_back();
    else
      return;
  }
}

} // namespace

std::string painted(std::string_view text, tone how, const style& with) {
  auto code = with.colour ? code_of(how) : "";
  if (code.empty() || text.empty())
    return std::string{text};
  return std::string{code} + std::string{text} + "\x1b[0m";
}

std::string row(const std::string& heading, const std::vector<item>& items, const style& with) {
  auto indent = display_width(heading);
  auto result = painted(heading, tone::strong, with);
  auto used = indent;
  auto first = true;
  for (auto& each : items) {
    if (each.text.empty())
      continue;
    auto wide = display_width(each.text);
    if (!first && used + 3 + wide > with.width) {
      result += "\n" + std::string(indent, ' ');
      used = indent;
      first = true;
    }
    result += (first ? "" : "   ") + painted(each.text, each.how, with);
    used += wide + (first ? 0 : 3);
    first = false;
  }
  strip_end(result);
  return result + "\n";
}

std::string spread_row(const std::vector<item>& left, const std::vector<item>& right,
                       const style& with) {
  auto used = width_of(left) + width_of(right);
  if (used + 2 > with.width)
    return joined(left, with) + "\n" + joined(right, with) + "\n";
  return joined(left, with) + std::string(with.width - used, ' ') + joined(right, with) + "\n";
}

std::string paragraph(const std::string& heading, std::string_view words, const style& with) {
  auto indent = display_width(heading);
  auto line = heading;
  std::string result;
  auto fresh = true;
  while (!words.empty()) {
    auto end = std::min(words.find(' '), words.size());
    auto word = words.substr(0, end);
    if (!fresh && display_width(line) + 1 + display_width(word) > with.width) {
      result += line + "\n";
      line.assign(indent, ' ');
      fresh = true;
    }
    line.append(fresh ? "" : " ").append(word);
    fresh = false;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  strip_end(line);
  return result + line + "\n";
}

std::string table(const std::vector<column>& columns, const std::vector<std::vector<item>>& rows,
                  const style& with) {
  widths_of_columns widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto wide = display_width(columns[i].name);
    for (auto& each : rows)
      wide = std::max(wide, display_width(each[i].text));
    widths.push_back(wide);
  }
  if (!with.whole_tables)
    fit(widths, columns, with.width);
  auto line = [&](auto cell) {
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const item& each = cell(i);
      auto fitted = padded(clipped(each.text, widths[i]), widths[i], columns[i].to_the_right);
      if (i + 1 == widths.size())
        strip_end(fitted);
      text += (i == 0 ? "" : "  ") + painted(fitted, each.how, with);
    }
    strip_end(text);
    return text + "\n";
  };
  item heading{"", tone::faint};
  auto result = line([&](std::size_t i) -> const item& {
    heading.text = columns[i].name;
    return heading;
  });
  for (auto& each : rows)
    result += line([&](std::size_t i) -> const item& { return each[i]; });
  return result;
}

} // namespace holdfast::console
