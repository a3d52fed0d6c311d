// What can go wrong when one actor asks another.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class errc : std::uint8_t {
  none = 0,
  unknown_connection, ///< no live connection has this id
  unknown_actor,      ///< the inspector has no actor of this name
  no_drain,           ///< there is no drain that could be cancelled
  already_draining,   ///< a drain runs
  too_late,           ///< connections are being closed by force, or worse
  not_ready,          ///< an actor is still being rebuilt after a restart
};

/// A sentence part that says what happened.
std::string_view to_string(errc code);

} // namespace holdfast
