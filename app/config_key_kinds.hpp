// The kinds of keys: what each takes, and how its value is shown.
#pragma once

#include "app/config_keys.hpp"
#include "app/units.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast::config_key_kinds {

using kind = config_value::kind;

/// What a reference into the configuration refers to.
template <class Ref>
using target = std::decay_t<decltype(std::declval<Ref>()(std::declval<config&>()))>;

inline bool is_text(const config_value& value) {
  return value.what == kind::string || value.what == kind::untyped;
}

inline bool is_number(const config_value& value) {
  return value.what == kind::integer || value.what == kind::untyped;
}

inline constexpr duration off_or_more = duration::zero();
inline constexpr duration some = std::chrono::milliseconds{1};

/// Sums of a few of them fit into a duration.
inline constexpr duration longest = std::chrono::hours{24 * 365};

template <class Ref>
config_key time_key(std::string name, std::string_view about, Ref ref, duration least,
                    duration most = longest) {
  std::string takes = "a duration ";
  if (least == some)
    takes += "above zero ";
  else if (least > some)
    takes += "of at least " + format_duration(least) + " ";
  takes += "such as \"30s\"";
  takes += most == longest ? ", up to a year" : ", up to " + format_duration(most);
  auto set = [ref, least, most](config& to, const config_value& from) {
    auto value = is_text(from) ? parse_duration(from.text) : std::nullopt;
    if (!value || *value < least || *value > most)
      return false;
    ref(to) = *value;
    return true;
  };
  auto show = [ref](const config& from) { return toml_string(format_duration(ref(from))); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key size_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    auto value = is_text(from) || is_number(from) ? parse_size(from.text) : std::nullopt;
    if (!value || *value == 0 || *value > std::numeric_limits<target<Ref>>::max())
      return false;
    ref(to) = static_cast<target<Ref>>(*value);
    return true;
  };
  auto show = [ref](const config& from) {
    auto text = format_size(ref(from));
    return text.back() == 'B' ? toml_string(text) : text;
  };
  return {std::move(name), about, "a size above zero such as \"64KiB\" or 4096", set, show};
}

inline constexpr std::uint64_t no_end = std::numeric_limits<std::uint32_t>::max();

template <class Ref>
config_key count_key(std::string name, std::string_view about, Ref ref, std::uint64_t least = 0,
                     std::uint64_t most = no_end) {
  auto takes = "a whole number from " + std::to_string(least)
               + (most == no_end ? "" : " to " + std::to_string(most));
  auto set = [ref, least, most](config& to, const config_value& from) {
    std::uint64_t value = 0;
    auto last = from.text.data() + from.text.size();
    auto [end, error] = std::from_chars(from.text.data(), last, value);
    if (!is_number(from) || error != std::errc{} || end != last || value < least || value > most)
      return false;
    ref(to) = static_cast<target<Ref>>(value);
    return true;
  };
  auto show = [ref](const config& from) { return std::to_string(ref(from)); };
  return {std::move(name), about, std::move(takes), set, show};
}

/// From 0 to 1.
template <class Ref>
config_key ratio_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    double value = 0;
    auto last = from.text.data() + from.text.size();
    auto [end, error] = std::from_chars(from.text.data(), last, value);
    auto number = from.what == kind::number || is_number(from);
    if (!number || error != std::errc{} || end != last || !(value >= 0 && value <= 1))
      return false;
    ref(to) = value + 0.0; // no -0
    return true;
  };
  auto show = [ref](const config& from) { return shortest_text(ref(from)); };
  return {std::move(name), about, "a number from 0 to 1 such as 0.8", set, show};
}

template <class Ref>
config_key flag_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    auto may_be = from.what == kind::boolean || from.what == kind::untyped;
    if (!may_be || (from.text != "true" && from.text != "false"))
      return false;
    ref(to) = from.text == "true";
    return true;
  };
  auto show = [ref](const config& from) { return std::string{ref(from) ? "true" : "false"}; };
  return {std::move(name), about, "true or false", set, show};
}

template <class Ref>
config_key choice_key(std::string name, std::string_view about, Ref ref,
                      std::vector<target<Ref>> choices) {
  std::string takes;
  for (auto choice : choices)
    takes += (takes.empty() ? "" : " or ") + toml_string(to_string(choice));
  auto set = [ref, choices](config& to, const config_value& from) {
    for (auto choice : choices) {
      if (is_text(from) && from.text == to_string(choice)) {
        ref(to) = choice;
        return true;
      }
    }
    return false;
  };
  auto show = [ref](const config& from) { return toml_string(to_string(ref(from))); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key text_key(std::string name, std::string_view about, Ref ref, std::string takes,
                    bool (*valid)(std::string_view)) {
  auto set = [ref, valid](config& to, const config_value& from) {
    if (!is_text(from) || !valid(from.text))
      return false;
    ref(to) = from.text;
    return true;
  };
  auto show = [ref](const config& from) { return toml_string(ref(from)); };
  return {std::move(name), about, std::move(takes), set, show};
}

template <class Ref>
config_key endpoint_key(std::string name, std::string_view about, Ref ref) {
  auto set = [ref](config& to, const config_value& from) {
    auto value = is_text(from) ? parse_endpoint(from.text) : std::nullopt;
    if (!value && (!is_text(from) || !from.text.empty()))
      return false;
    ref(to) = value;
    return true;
  };
  auto show = [ref](const config& from) {
    auto& where = ref(from);
    return toml_string(where ? format_endpoint(*where) : std::string{});
  };
  return {std::move(name), about, "a numeric address and a port such as \"127.0.0.1:9090\"", set,
          show};
}

template <class Ref>
config_key list_key(std::string name, std::string_view about, Ref ref, std::string takes,
                    bool (*valid)(std::string_view)) {
  auto set = [ref, valid](config& to, const config_value& from) {
    auto texts = texts_of(from);
    if (!texts)
      return false;
    for (const auto& text : *texts)
      if (!valid(text))
        return false;
    ref(to) = std::move(*texts);
    return true;
  };
  auto show = [ref](const config& from) {
    std::string text;
    for (const auto& each : ref(from))
      text += (text.empty() ? "" : ", ") + toml_string(each);
    return "[" + text + "]";
  };
  return {std::move(name), about, std::move(takes), set, show};
}

/// Marks a key whose change takes effect without a restart.
inline config_key live(config_key key) {
  key.live = true;
  return key;
}

} // namespace holdfast::config_key_kinds
