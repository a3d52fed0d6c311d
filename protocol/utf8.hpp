// UTF-8, character by character (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast {

struct utf8_subpart {
  std::size_t size; ///< in bytes, at least 1
  bool whole;       ///< a character, not a part of one
};

/// Reads what begins at `at`, a byte beyond ASCII (Unicode 15, table 3-7).
utf8_subpart read_utf8(std::string_view text, std::size_t at);

/// Whether all of it is UTF-8. app/transport has a faster one for messages.
bool is_utf8(std::string_view text);

} // namespace holdfast
