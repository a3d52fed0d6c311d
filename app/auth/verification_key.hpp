// One key that signatures are verified with, and the one algorithm that it is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

struct evp_pkey_st; // OpenSSL's EVP_PKEY

namespace holdfast::auth {

/// RFC 7518 section 3.1.
enum class jws_algorithm : std::uint8_t { hs256, rs256, es256 };

/// As `alg` has it: "HS256".
std::string_view to_string(jws_algorithm algorithm);

/// Names are compared by their bytes; nothing for any other algorithm, "none" among them.
std::optional<jws_algorithm> parse_algorithm(std::string_view name);

/// Sizes of keys. RFC 7518 demands the smallest ones (sections 3.2 and 3.3); the largest bound what
/// one verification costs.
inline constexpr std::size_t min_secret_size = 32; ///< bytes
inline constexpr std::size_t max_secret_size = 4096;
inline constexpr int min_rsa_bits = 2048;
inline constexpr int max_rsa_bits = 8192;

/// Copies share the key. Safe to use from several threads.
class verification_key {
public:
  /// A key, or what is wrong with it: the end of a sentence.
  using result = std::variant<verification_key, std::string>;

  /// For HS256. Bytes that are a public key, which anybody may know, are refused.
  static result from_secret(std::string secret);

  /// For RS256 or ES256, as its type says. RSA, or EC on P-256, the key without its private part.
  static result from_public_key(std::shared_ptr<evp_pkey_st> key);

  jws_algorithm algorithm() const { return algorithm_; }

  /// What tokens call it by.
  const std::optional<std::string>& kid() const { return kid_; }
  void set_kid(std::string kid) { kid_ = std::move(kid); }

  /// Whether `signature`, its raw bytes as JWS has them, is this key's over `text`. Any bytes will
  /// do for both. Leaves nothing in OpenSSL's queue of errors.
  bool verifies(std::string_view text, std::string_view signature) const;

private:
  explicit verification_key(std::string secret)
    : algorithm_{jws_algorithm::hs256},
      secret_{std::move(secret)} {}
  verification_key(jws_algorithm algorithm, std::shared_ptr<evp_pkey_st> key)
    : algorithm_{algorithm},
      key_{std::move(key)} {}

  jws_algorithm algorithm_;
  std::optional<std::string> kid_;
  std::string secret_;               // of HS256
  std::shared_ptr<evp_pkey_st> key_; // of the others
};

} // namespace holdfast::auth
