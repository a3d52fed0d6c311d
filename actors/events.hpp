// What the actors have to say: constant text and fields. Writing it down is somebody else's work.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace holdfast {

enum class log_level : std::uint8_t { debug, info, warn, error };

inline constexpr std::array log_levels{log_level::debug, log_level::info, log_level::warn,
                                       log_level::error};

constexpr std::string_view to_string(log_level level) {
  switch (level) {
  case log_level::debug: return "debug";
  case log_level::info: return "info";
  case log_level::warn: return "warn";
  case log_level::error: return "error";
  }
  return "invalid";
}

struct event_field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t> value;
};

/// Threads: any. Never blocks: what cannot be taken is counted and dropped.
class event_log {
public:
  virtual ~event_log() = default;

  virtual bool wants(log_level level) const = 0;

  virtual void write(log_level level, std::string_view event,
                     std::initializer_list<event_field> fields)
    = 0;
};

} // namespace holdfast
