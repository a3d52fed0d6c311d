#include "app/console/screen.hpp"

#include "app/console/listing.hpp"
#include "app/console/text.hpp"

namespace holdfast::console {

namespace {

tone tone_of_level(const std::string& level) {
  return level == "error" ? tone::bad : level == "warn" ? tone::warning : tone::plain;
}

/// With milliseconds: events of one connection come close together.
std::string exact_time(const json& event) {
  auto at = text(event, "at");
  auto t = at.find('T');
  return t == std::string::npos ? at : at.substr(t + 1, 12);
}

} // namespace

std::string event_line(const json& event, const style& with) {
  auto level = text(event, "level");
  std::string fields;
  for (auto& [name, value] : event.items()) {
    if (name == "at" || name == "event" || name == "level" || value.is_null())
      continue;
    auto words = value.is_structured() ? to_text(value, false) : text(value);
    if (name == "id" || name == "user")
      fields += "  " + (words.empty() ? "-" : words);
    else
      fields += "  " + shown(name) + "="
                + (words.find(' ') == std::string::npos ? words : "\"" + words + "\"");
  }
  auto head = exact_time(event) + (level.empty() ? "" : "  " + padded(level, 5)) + "  ";
  auto line = painted(padded(text(event, "event"), 18), tone_of_level(level), with) + fields;
  line.erase(line.find_last_not_of(' ') + 1);
  return head + line + "\n";
}

} // namespace holdfast::console
