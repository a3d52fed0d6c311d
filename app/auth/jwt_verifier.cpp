#include "app/auth/jwt_verifier.hpp"

#include "protocol/base64url.hpp"
#include "protocol/json_object.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::auth {

namespace {

constexpr std::size_t max_token_depth = 32;

/// The three parts, as they stand in the token.
struct token_parts {
  std::string_view header, payload, signature;
  std::string_view signed_text; // header and payload with the dot between
};

std::optional<token_parts> split(std::string_view token) {
  auto first = token.find('.');
  if (first == std::string_view::npos)
    return {};
  auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return {};
  return token_parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                     token.substr(second + 1), token.substr(0, second)};
}

/// What is asked of a JOSE header. Keys that it brings or points to (jwk, jku, x5c, x5u) are not
/// even looked at.
struct jose_header {
  jws_algorithm algorithm = jws_algorithm::hs256;
  std::optional<std::string> kid;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_known_type(std::string type) {
  std::transform(type.begin(), type.end(), type.begin(), lower);
  constexpr std::string_view prefix = "application/"; // may be left out, RFC 7515 section 4.1.9
  if (type.compare(0, prefix.size(), prefix) == 0)
    type.erase(0, prefix.size());
  return type == "jwt" || type == "at+jwt";
}

std::variant<jose_header, token_fault> read_header(std::string_view part) {
  auto text = decode_base64url(part);
  auto object = text ? json_object::read(*text, max_token_depth) : std::nullopt;
  auto name = object ? object->find("alg") : std::nullopt;
  auto algorithm_name = name ? read_json_string(*name) : std::nullopt;
  if (!algorithm_name)
    return token_fault::malformed;
  auto algorithm = parse_algorithm(*algorithm_name);
  if (!algorithm)
    return token_fault::algorithm_refused;
  // No extension is understood, so that any that must be is refused (RFC 7515 section 4.1.11).
  if (object->has("crit") || object->has("b64"))
    return token_fault::unsupported_header;
  jose_header header;
  header.algorithm = *algorithm;
  if (auto value = object->find("typ")) {
    auto type = read_json_string(*value);
    if (!type || !is_known_type(std::move(*type)))
      return token_fault::unsupported_header;
  }
  if (auto value = object->find("kid")) {
    header.kid = read_json_string(*value);
    if (!header.kid)
      return token_fault::malformed;
  }
  return header;
}

} // namespace

jwt_verifier::jwt_verifier(key_set keys, token_policy policy, std::string priority_claim,
                           std::vector<std::string> attributes)
  : keys_{std::move(keys)},
    policy_{std::move(policy)},
    priority_claim_{std::move(priority_claim)},
    attributes_{std::move(attributes)} {}

std::variant<token_claims, token_fault> jwt_verifier::verify(std::string_view token,
                                                             wall_time now) const {
  if (token.empty())
    return token_fault::missing;
  if (token.size() > max_token_size)
    return token_fault::too_long;
  auto parts = split(token);
  if (!parts)
    return token_fault::malformed;
  auto header = read_header(parts->header);
  if (auto* fault = std::get_if<token_fault>(&header))
    return *fault;
  auto payload = decode_base64url(parts->payload);
  auto signature = decode_base64url(parts->signature);
  if (!payload || !signature)
    return token_fault::malformed;
  auto& [algorithm, kid] = std::get<jose_header>(header);
  if (auto fault = verify_signature(algorithm, kid, parts->signed_text, *signature))
    return *fault;
  // Only now: what nobody has signed is not parsed.
  auto claims = read_claims(*payload, priority_claim_, attributes_);
  if (auto* read = std::get_if<token_claims>(&claims))
    if (auto fault = check(*read, policy_, now))
      return *fault;
  return claims;
}

/// The algorithm is the key's, never the token's choice: a token that names another one than its
/// key is for is refused before anything is computed.
std::optional<token_fault> jwt_verifier::verify_signature(jws_algorithm algorithm,
                                                          const std::optional<std::string>& kid,
                                                          std::string_view text,
                                                          std::string_view signature) const {
  if (kid && keys_.has_names()) {
    auto* key = keys_.find(*kid);
    if (key == nullptr)
      return token_fault::unknown_key;
    if (key->algorithm() != algorithm)
      return token_fault::algorithm_refused;
    return key->verifies(text, signature) ? std::nullopt
                                          : std::optional{token_fault::bad_signature};
  }
  auto fault = token_fault::algorithm_refused;
  for (auto& key : keys_.keys()) {
    if (key.algorithm() != algorithm)
      continue;
    if (key.verifies(text, signature))
      return {};
    fault = token_fault::bad_signature;
  }
  return fault;
}

} // namespace holdfast::auth
