// Decides whether a token is genuine and valid, and says who it is for.
#pragma once

#include "app/auth/key_set.hpp"
#include "protocol/token.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace holdfast::auth {

/// Verifies signed JWTs in the compact form (RFC 7515, 7519; RFC 8725 for what is refused). Does
/// not change, and is safe to use from several threads; no file or network is ever asked.
class jwt_verifier {
public:
  /// `priority_claim` names the claim that makes a priority user, by being the JSON value true;
  /// empty: there is none.
  /// `attributes` names the claims that are passed on.
  jwt_verifier(key_set keys, token_policy policy, std::string priority_claim,
               std::vector<std::string> attributes = {});

  /// What the token claims, or the first reason to refuse it. `token` may be any bytes. Costs one
  /// signature, but up to max_keys if keys have a `kid` and the token has none.
  std::variant<token_claims, token_fault> verify(std::string_view token, wall_time now) const;

  const token_policy& policy() const { return policy_; }

private:
  std::optional<token_fault> verify_signature(jws_algorithm algorithm,
                                              const std::optional<std::string>& kid,
                                              std::string_view text,
                                              std::string_view signature) const;

  key_set keys_;
  token_policy policy_;
  std::string priority_claim_;
  std::vector<std::string> attributes_;
};

} // namespace holdfast::auth
