#include "app/auth/jwt_authenticator.hpp"

#include "protocol/bearer_token.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::auth {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::hours{24 * 365 * 100};

} // namespace

std::optional<duration> time_left(const token_claims& claims, const token_policy& policy,
                                  wall_time now) {
  if (!claims.expires)
    return std::nullopt;
  wall_time end{std::chrono::seconds{*claims.expires}};
  auto left = end - now + std::chrono::duration_cast<milliseconds>(policy.leeway);
  return std::clamp<milliseconds>(left, milliseconds::zero(), longest);
}

identification jwt_authenticator::identify(const handshake_request& request, bool,
                                           wall_time now) const {
  auto found = find_bearer_token(request);
  if (!found.fault.empty())
    return unidentified{found.fault};
  auto verified = verifier_.verify(found.token, now);
  ::explicit_bzero(found.token.data(), found.token.size()); // not to be found in a core dump
  if (auto* fault = std::get_if<token_fault>(&verified))
    return unidentified{to_string(*fault)};
  auto& claims = std::get<token_claims>(verified);
  auto left = time_left(claims, verifier_.policy(), now);
  return identity{std::move(claims.subject), claims.priority, left, std::move(claims.attributes)};
}

} // namespace holdfast::auth
