#include "protocol/authentication.hpp"

#include "protocol/query.hpp"

#include <algorithm>

namespace holdfast {

identification claimed_user::identify(const handshake_request& request, bool, wall_time) const {
  return identity{query_value(request.query(), "user"), false, std::nullopt};
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
  if (user.size() > max_user_size)
    return unidentified{"too_long"};
  auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(user.begin(), user.end(), control))
    return unidentified{"malformed"};
  return identity{std::string{user}, false, std::nullopt};
}

} // namespace holdfast
