// What the tests of tokens start from: an issuer's keys, made once a run, and a verifier.
#pragma once

#include "app/auth/jwt_verifier.hpp"
#include "tests/support/token_maker.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace holdfast::test {

/// 2023-11-14 22:13:20 UTC.
inline constexpr wall_time token_time{std::chrono::seconds{1700000000}};

/// Valid for an hour from token_time on.
inline const std::string ada = R"({"sub":"ada","exp":1700003600})";

inline const signing_key& rsa_key() {
  static const auto key = signing_key::rsa();
  return key;
}

inline const signing_key& ec_key() {
  static const auto key = signing_key::ec();
  return key;
}

inline const signing_key& secret_key() {
  static const signing_key key{"0123456789abcdef0123456789abcdef"};
  return key;
}

/// One of each kind.
inline const std::vector<signing_key>& all_keys() {
  static const std::vector<signing_key> keys{secret_key(), rsa_key(), ec_key()};
  return keys;
}

/// Of a file with these words in it.
inline auth::jwt_verifier verifier_of(const std::string& file, token_policy policy = {}) {
  auto read = auth::parse_keys(file, "keys");
  BOOST_REQUIRE_MESSAGE(read.keys.has_value(), read.error);
  return {std::move(*read.keys), std::move(policy), "vip"};
}

/// Of a JWKS with that key alone, without a name.
inline auth::jwt_verifier verifier_of(const signing_key& key, token_policy policy = {}) {
  return verifier_of(jwks({key.jwk()}), std::move(policy));
}

/// The subject of a token that is accepted; the fault's label in parentheses of any other.
inline std::string verdict(const auth::jwt_verifier& by, std::string_view token,
                           wall_time now = token_time) {
  auto result = by.verify(token, now);
  if (auto* fault = std::get_if<token_fault>(&result))
    return '(' + std::string{to_string(*fault)} + ')';
  return std::get<token_claims>(result).subject;
}

} // namespace holdfast::test
