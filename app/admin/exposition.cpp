#include "app/admin/exposition.hpp"

#include "app/config_value.hpp"

#include <cmath>

namespace holdfast::admin {

namespace {

/// `special` are the characters that get a backslash, a newline becomes \n.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (special.find(c) != std::string_view::npos)
      result += '\\';
    result += c;
  }
  return result;
}

std::string number(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "+Inf" : "-Inf";
  return shortest_text(value);
}

} // namespace

std::string_view to_string(metric_kind kind) {
  switch (kind) {
  case metric_kind::counter: return "counter";
  case metric_kind::gauge: return "gauge";
  case metric_kind::histogram: return "histogram";
  }
  return "untyped";
}

void exposition::family(std::string_view name, metric_kind kind, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(escaped(help, "\\"));
  text_.append("\n# TYPE ").append(name).append(" ").append(to_string(kind)).append("\n");
}

void exposition::sample(std::uint64_t value, labels with) {
  line({}, with, {}, std::to_string(value));
}

void exposition::sample(double value, labels with) {
  line({}, with, {}, number(value));
}

void exposition::sample(duration value, labels with) {
  line({}, with, {}, seconds(value));
}

std::string exposition::seconds(duration d) {
  constexpr std::size_t digits = 9;
  auto whole = std::to_string(d.count() / duration::period::den);
  auto rest = std::to_string(d.count() % duration::period::den);
  rest.insert(0, digits - rest.size(), '0');
  rest.erase(rest.find_last_not_of('0') + 1);
  return rest.empty() ? whole : whole + "." + rest;
}

void exposition::bucket(const std::string& bound, std::uint64_t count, labels with) {
  line("_bucket", with, bound, std::to_string(count));
}

void exposition::label(std::string_view name, std::string_view value, bool first) {
  text_.append(first ? "{" : ",").append(name).append("=\"");
  text_.append(escaped(value, "\\\"")).append("\"");
}

void exposition::line(std::string_view suffix, labels with, std::string_view bound,
                      std::string_view value) {
  text_.append(name_).append(suffix);
  bool first = true;
  for (auto& [name, of] : with)
    label(name, of, std::exchange(first, false));
  if (!bound.empty())
    label("le", bound, std::exchange(first, false));
  text_.append(first ? " " : "} ").append(value).append("\n");
}

} // namespace holdfast::admin
