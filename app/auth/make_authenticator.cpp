#include "app/auth/make_authenticator.hpp"

#include "app/auth/jwt_authenticator.hpp"

#include <fstream>
#include <utility>

namespace holdfast::auth {

namespace {

/// Whatever is neither PEM nor a JWKS is taken for a secret. Where a JWKS was meant, that would
/// make one of a page that says why the JWKS could not be had.
bool may_be_a_jwks(const std::string& path) {
  char first = '\0';
  std::ifstream{path} >> first;
  return first == '{';
}

authenticator_result with_keys(const auth_settings& settings) {
  authenticator_result result;
  auto jwks = !settings.jwks_file.empty();
  const auto& path = jwks ? settings.jwks_file : settings.key_file;
  result.key = jwks ? "auth.jwt.jwks_file" : "auth.jwt.key_file";
  auto loaded = load_keys(path);
  result.error = std::move(loaded.error);
  result.warnings = std::move(loaded.warnings);
  if (loaded.keys && jwks && !may_be_a_jwks(path))
    result.error = path + " is no JWKS, which is an object of JSON";
  else if (loaded.keys)
    result.made = std::make_shared<jwt_authenticator>(
      jwt_verifier{std::move(*loaded.keys), settings.policy, settings.priority_claim});
  return result;
}

} // namespace

authenticator_result make_authenticator(const auth_settings& settings) {
  authenticator_result result;
  switch (settings.mode) {
  case auth_mode::none: result.made = std::make_shared<claimed_user>(); break;
  case auth_mode::header: result.made = std::make_shared<user_from_header>(settings.header); break;
  case auth_mode::jwt: return with_keys(settings);
  }
  return result;
}

} // namespace holdfast::auth
