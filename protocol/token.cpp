#include "protocol/token.hpp"

#include <algorithm>

namespace holdfast {

std::string_view to_string(token_fault fault) {
  switch (fault) {
  case token_fault::missing: return "missing";
  case token_fault::too_long: return "too_long";
  case token_fault::malformed: return "malformed";
  case token_fault::algorithm_refused: return "algorithm_refused";
  case token_fault::unsupported_header: return "unsupported_header";
  case token_fault::unknown_key: return "unknown_key";
  case token_fault::bad_signature: return "bad_signature";
  case token_fault::bad_claim: return "bad_claim";
  case token_fault::wrong_issuer: return "wrong_issuer";
  case token_fault::wrong_audience: return "wrong_audience";
  case token_fault::no_subject: return "no_subject";
  case token_fault::no_expiry: return "no_expiry";
  case token_fault::expired: return "expired";
  case token_fault::not_yet_valid: return "not_yet_valid";
  }
  return "unknown";
}

std::string_view explain(token_fault fault) {
  switch (fault) {
  case token_fault::missing: return "the request has no token";
  case token_fault::too_long: return "the token is longer than 8 KiB";
  case token_fault::malformed: return "the token is no signed JWT in the compact form";
  case token_fault::algorithm_refused:
    return "the token's alg is not HS256, RS256 or ES256, or no key is for it";
  case token_fault::unsupported_header:
    return "the token's header has crit, b64, or a typ that is neither JWT nor at+jwt";
  case token_fault::unknown_key: return "no key has the token's kid: have the keys been changed?";
  case token_fault::bad_signature: return "the signature is by none of the keys";
  case token_fault::bad_claim:
    return "sub, iss, aud, exp, nbf or iat has a value that it cannot have";
  case token_fault::wrong_issuer: return "iss is not the issuer that is asked for";
  case token_fault::wrong_audience: return "the token is for another audience";
  case token_fault::no_subject: return "the token has no sub, which would be the user";
  case token_fault::no_expiry: return "the token has no exp and would be valid for ever";
  case token_fault::expired: return "the token has expired";
  case token_fault::not_yet_valid: return "the token's nbf is in the future: are the clocks right?";
  }
  return "unknown";
}

namespace {

std::optional<token_fault> check_parties(const token_claims& claims, const token_policy& policy) {
  if (!policy.issuer.empty() && claims.issuer != policy.issuer)
    return token_fault::wrong_issuer;
  auto& audience = claims.audience;
  auto named = std::find(audience.begin(), audience.end(), policy.audience) != audience.end();
  if (policy.audience.empty() ? !audience.empty() : !named)
    return token_fault::wrong_audience;
  if (claims.subject.empty())
    return token_fault::no_subject;
  return {};
}

/// Claims are below max_numeric_date, so that nothing overflows.
std::int64_t as_ms(std::int64_t seconds) {
  return std::clamp<std::int64_t>(seconds, 0, max_numeric_date) * 1000;
}

} // namespace

std::optional<token_fault> check(const token_claims& claims, const token_policy& policy,
                                 wall_time now) {
  if (auto fault = check_parties(claims, policy))
    return fault;
  if (policy.require_expiry && !claims.expires)
    return token_fault::no_expiry;
  auto now_ms = now.time_since_epoch().count();
  auto leeway_ms = to_ms(policy.leeway);
  if (claims.expires && now_ms >= as_ms(*claims.expires) + leeway_ms)
    return token_fault::expired;
  if (claims.not_before && now_ms < as_ms(*claims.not_before) - leeway_ms)
    return token_fault::not_yet_valid;
  return {};
}

} // namespace holdfast
