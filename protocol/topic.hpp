// Topics, and the groups behind them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

/// The longest topic, in bytes of UTF-8 without escapes. The shortest is 1.
inline constexpr std::size_t max_topic = 256;

/// The group that every connection is in, without having joined it.
inline constexpr std::string_view everyone;

inline constexpr std::string_view topic_prefix = "topic:";

/// The group of a topic's subscribers. No other group has such a name.
inline std::string topic_group(std::string_view topic) {
  std::string group;
  group.reserve(topic_prefix.size() + topic.size());
  return group.append(topic_prefix).append(topic);
}

/// Whether a handler may give a group of its own this name.
inline bool is_own_group(std::string_view name) {
  return !name.empty() && name.substr(0, topic_prefix.size()) != topic_prefix;
}

/// The topic of a group; empty if it is none of a topic.
inline std::string_view topic_of(std::string_view group) {
  return group.substr(0, topic_prefix.size()) == topic_prefix ? group.substr(topic_prefix.size())
                                                              : std::string_view{};
}

} // namespace holdfast
