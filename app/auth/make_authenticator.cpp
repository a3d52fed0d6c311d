#include "app/auth/make_authenticator.hpp"

#include "app/auth/jwt_authenticator.hpp"

#include <string>
#include <utility>

namespace holdfast::auth {

namespace {

/// Of a `kid` in the log, in bytes.
constexpr std::size_t longest_name = 64;

/// "2 keys: a, b"; of those without a name only the count.
std::string names_of(const key_set& keys) {
  auto count = keys.keys().size();
  auto text = std::to_string(count) + (count == 1 ? " key" : " keys");
  auto separator = ": ";
  for (const auto& key : keys.keys())
    if (key.kid())
      text += std::exchange(separator, ", ") + key.kid()->substr(0, longest_name);
  return text;
}

authenticator_result with_keys(const auth_settings& settings) {
  authenticator_result result;
  auto jwks = !settings.jwks_file.empty();
  result.key = jwks ? "auth.jwt.jwks_file" : "auth.jwt.key_file";
  auto loaded = jwks ? load_keys(settings.jwks_file, key_file::jwks) : load_keys(settings.key_file);
  result.error = std::move(loaded.error);
  result.warnings = std::move(loaded.warnings);
  if (!loaded.keys)
    return result;
  result.keys = names_of(*loaded.keys);
  result.made = std::make_shared<jwt_authenticator>(jwt_verifier{
    std::move(*loaded.keys), settings.policy, settings.priority_claim, settings.attributes});
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
