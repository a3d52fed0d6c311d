// `auth.mode` "jwt": a client is the `sub` of its token.
#pragma once

#include "app/auth/jwt_verifier.hpp"
#include "protocol/authentication.hpp"

namespace holdfast::auth {

/// Takes the token from wherever find_bearer_token() finds it. Faults are its, and the labels of
/// token_fault. Does not change; threads: any.
class jwt_authenticator final : public authenticator {
public:
  explicit jwt_authenticator(jwt_verifier verifier) : verifier_{std::move(verifier)} {}

  identification identify(const handshake_request& request, bool by_trusted_proxy,
                          wall_time now) const override;

private:
  jwt_verifier verifier_;
};

/// How long a token that is valid at `now` goes on to be: to the end of its `exp` and the leeway.
/// Unset without an `exp`; at most 100 years, because a `time_point` ends after 292.
std::optional<duration> time_left(const token_claims& claims, const token_policy& policy,
                                  wall_time now);

} // namespace holdfast::auth
