#include "protocol/authentication.hpp"

#include "protocol/query.hpp"
#include "protocol/utf8.hpp"

#include <algorithm>

namespace holdfast {

std::string_view fault_of_user(std::string_view user) {
  if (user.size() > max_user_size)
    return "too_long";
  auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(user.begin(), user.end(), control) || !is_utf8(user))
    return "malformed";
  return {};
}

identification claimed_user::identify(const handshake_request& request, bool, wall_time) const {
  auto user = query_value(request.query(), "user");
  if (auto fault = fault_of_user(user); !fault.empty())
    return unidentified{fault};
  return identity{std::move(user), false, std::nullopt};
}

identification user_from_header::identify(const handshake_request& request, bool by_trusted_proxy,
                                          wall_time) const {
  if (!by_trusted_proxy)
    return unidentified{"untrusted_peer"};
  if (request.count(name_) > 1)
    return unidentified{"repeated"};
  auto user = request.header(name_);
  if (user.empty())
    return unidentified{"missing"};
  if (auto fault = fault_of_user(user); !fault.empty())
    return unidentified{fault};
  return identity{std::string{user}, false, std::nullopt};
}

} // namespace holdfast
