// What can go wrong when one actor asks another.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class errc : std::uint8_t {
  none = 0,
  no_drain,        ///< there is no drain that could be cancelled
  too_late,        ///< connections are being closed by force, or worse
  too_many_traces, ///< a shard tells as many as it bears already
};

/// A sentence part that says what happened.
std::string_view to_string(errc code);

} // namespace holdfast
