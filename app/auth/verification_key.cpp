#include "app/auth/verification_key.hpp"

#include "app/auth/openssl_handle.hpp"
#include "app/auth/public_key_bytes.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>

#include <array>

namespace holdfast::auth {

std::string_view to_string(jws_algorithm algorithm) {
  switch (algorithm) {
  case jws_algorithm::hs256: return "HS256";
  case jws_algorithm::rs256: return "RS256";
  case jws_algorithm::es256: return "ES256";
  }
  return "unknown";
}

std::optional<jws_algorithm> parse_algorithm(std::string_view name) {
  for (auto known : {jws_algorithm::hs256, jws_algorithm::rs256, jws_algorithm::es256})
    if (name == to_string(known))
      return known;
  return {};
}

namespace {

constexpr std::size_t digest_size = 32;  // SHA-256
constexpr std::size_t integer_size = 32; // r and s on P-256
constexpr int max_exponent_bits = 64;    // what OpenSSL takes with every modulus

bool verify_hmac(const std::string& secret, std::string_view text, std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text.data()),
           text.size(), digest.data(), &size)
        == nullptr
      || size != digest_size || signature.size() != digest_size)
    return false;
  return CRYPTO_memcmp(digest.data(), signature.data(), digest_size) == 0;
}

bool verify_digest(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  openssl_handle<EVP_MD_CTX> context{EVP_MD_CTX_new()};
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1
         && EVP_DigestVerify(context.get(), bytes_of(signature.data()), signature.size(),
                             bytes_of(text.data()), text.size())
              == 1;
}

/// JWS writes r and s side by side (RFC 7518 section 3.4), OpenSSL wants them in DER.
std::optional<std::string> to_der(std::string_view signature) {
  if (signature.size() != 2 * integer_size)
    return {};
  auto* raw = bytes_of(signature.data());
  openssl_handle<ECDSA_SIG> pair{ECDSA_SIG_new()};
  openssl_handle<BIGNUM> r{BN_bin2bn(raw, integer_size, nullptr)};
  openssl_handle<BIGNUM> s{BN_bin2bn(raw + integer_size, integer_size, nullptr)};
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return {};
  (void)r.release(); // they are the pair's now
  (void)s.release();
  std::array<unsigned char, 2 * integer_size + 16> der;
  auto* end = der.data();
  auto size = i2d_ECDSA_SIG(pair.get(), &end);
  if (size <= 0)
    return {};
  return std::string{der.begin(), der.begin() + size};
}

openssl_handle<BIGNUM> number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return openssl_handle<BIGNUM>{number};
}

/// Whether any number from 2 to `last` divides it; most damaged moduli are found by that.
bool has_small_factor(const BIGNUM* number, BN_ULONG last) {
  if (BN_is_odd(number) == 0)
    return true;
  for (BN_ULONG divisor = 3; divisor <= last; divisor += 2)
    if (BN_mod_word(number, divisor) == 0)
      return true;
  return false;
}

bool is_on_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                        nullptr)
           == 1
         && std::string_view{group.data()} == SN_X9_62_prime256v1;
}

constexpr auto damaged = "its numbers make no key: it is damaged";

/// What is wrong with it; empty: nothing. OpenSSL's own check of a public RSA key draws random
/// numbers, so that it says one thing of a damaged key now and another later.
std::string check_rsa(EVP_PKEY* key) {
  auto bits = EVP_PKEY_get_bits(key);
  if (bits < min_rsa_bits)
    return "RSA modulus has " + std::to_string(bits) + " bits, at least "
           + std::to_string(min_rsa_bits) + " are needed";
  if (bits > max_rsa_bits)
    return "RSA modulus has " + std::to_string(bits) + " bits, at most "
           + std::to_string(max_rsa_bits) + " are taken";
  auto modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  auto exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent || has_small_factor(modulus.get(), 1000)
      || BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) != 0)
    return damaged;
  if (BN_num_bits(exponent.get()) > max_exponent_bits)
    return "RSA exponent has more than 64 bits: take a key with the usual exponent, 65537";
  return {};
}

std::string check_ec(EVP_PKEY* key) {
  if (!is_on_p256(key))
    return "the curve is not P-256, the only one that is taken (for ES256)";
  openssl_handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new(key, nullptr)};
  return context && EVP_PKEY_public_check(context.get()) == 1 ? "" : damaged;
}

} // namespace

verification_key::result verification_key::from_secret(std::string secret) {
  if (secret.size() < min_secret_size)
    return "the secret has " + std::to_string(secret.size()) + " bytes, at least "
           + std::to_string(min_secret_size) + " are needed: openssl rand -hex 32";
  if (secret.size() > max_secret_size)
    return "the secret has " + std::to_string(secret.size()) + " bytes, at most "
           + std::to_string(max_secret_size) + " are taken";
  if (is_public_key(secret))
    return std::string{"the secret is a public key, which anybody may know: a public key has to be "
                       "PEM (-----BEGIN PUBLIC KEY-----) or in a JWKS"};
  return verification_key{std::move(secret)};
}

verification_key::result verification_key::from_public_key(std::shared_ptr<evp_pkey_st> key) {
  error_queue_guard guard;
  auto is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
  if (!is_rsa && EVP_PKEY_is_a(key.get(), "EC") != 1)
    return std::string{"is neither an RSA nor an EC key"};
  if (auto problem = is_rsa ? check_rsa(key.get()) : check_ec(key.get()); !problem.empty())
    return problem;
  return verification_key{is_rsa ? jws_algorithm::rs256 : jws_algorithm::es256, std::move(key)};
}

bool verification_key::verifies(std::string_view text, std::string_view signature) const {
  error_queue_guard guard;
  switch (algorithm_) {
  case jws_algorithm::hs256: return verify_hmac(secret_, text, signature);
  case jws_algorithm::rs256: return verify_digest(key_.get(), text, signature);
  case jws_algorithm::es256: {
    auto der = to_der(signature);
    return der && verify_digest(key_.get(), text, *der);
  }
  }
  return false;
}

} // namespace holdfast::auth
