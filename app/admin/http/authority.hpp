// HOST[:PORT], as Host, Origin and URLs have it.
#pragma once

#include <optional>
#include <string_view>

namespace holdfast::admin {

struct authority {
  std::string_view host; ///< not empty; an address of IPv6 without its brackets
  std::string_view port; ///< figures; empty: none was written
};

/// Nothing when it is none. What the host consists of is not looked at.
std::optional<authority> split_authority(std::string_view text);

} // namespace holdfast::admin
