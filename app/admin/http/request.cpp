#include "app/admin/http/request.hpp"

namespace holdfast::admin {

std::optional<std::string> request::param(std::string_view name) const {
  for (auto& [key, value] : query) {
    if (key == name)
      return value;
  }
  return std::nullopt;
}

} // namespace holdfast::admin
