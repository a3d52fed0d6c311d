#include "app/admin/http/authority.hpp"

namespace holdfast::admin {

std::optional<authority> split_authority(std::string_view text) {
  authority parts;
  if (text.substr(0, 1) == "[") {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return std::nullopt;
    parts.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    parts.host = text.substr(0, text.find(':'));
    text.remove_prefix(parts.host.size());
  }
  if (parts.host.empty())
    return std::nullopt;
  if (text.empty())
    return parts;
  parts.port = text.substr(1);
  bool figures = parts.port.find_first_not_of("0123456789") == std::string_view::npos;
  if (text.front() != ':' || parts.port.empty() || !figures)
    return std::nullopt;
  return parts;
}

} // namespace holdfast::admin
