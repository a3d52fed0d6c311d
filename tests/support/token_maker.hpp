// Keys and signed tokens for tests, right ones and wrong ones, made by OpenSSL as they are needed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st; // OpenSSL's EVP_PKEY

namespace holdfast::test {

/// What an issuer signs with. Copies share the key.
class signing_key {
public:
  /// For HS256; its bytes are `secret`.
  explicit signing_key(std::string secret) : secret_{std::move(secret)} {}

  static signing_key rsa(unsigned bits = 2048);
  static signing_key ec(const char* curve = "P-256");

  /// As `alg` has it.
  std::string algorithm() const;

  /// The raw bytes of a JWS signature with SHA-256. P-256 writes r and s side by side.
  std::string sign(std::string_view text) const;

  /// As OpenSSL writes it; with P-256 that is DER.
  std::string sign_as_openssl(std::string_view text) const;

  std::string public_pem() const;
  std::string public_der() const;
  std::string public_pkcs1() const; ///< in DER; of RSA only
  std::string certificate_der() const;
  std::string private_pem() const;

  /// The public key (or the secret) as a JWK. `more` is put behind its members: `,"use":"sig"`.
  std::string jwk(std::string_view kid = {}, std::string_view more = {}) const;

private:
  explicit signing_key(evp_pkey_st* key);

  std::string secret_;
  std::shared_ptr<evp_pkey_st> key_;
};

/// One PEM block with that label around any bytes.
std::string pem_of(const std::string& label, const std::string& bytes);

/// `{"keys":[...]}`
std::string jwks(const std::vector<std::string>& keys);

/// The compact form of those texts.
std::string token_of(std::string_view header, std::string_view payload, std::string_view signature);

/// A token with that header and payload, whatever they are, signed rightly.
std::string signed_token(const signing_key& key, std::string_view header, std::string_view payload);

/// The same, with the usual header.
std::string signed_token(const signing_key& key, std::string_view payload);

/// The same, with the usual header and a `kid`.
std::string named_token(const signing_key& key, std::string_view payload, std::string_view kid);

} // namespace holdfast::test
