// The keys that tokens are verified with, from one file.
#pragma once

#include "app/auth/verification_key.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::auth {

/// The most keys in a file, which bounds what a token without a `kid` costs.
inline constexpr std::size_t max_keys = 32;

/// One key or more. Does not change, and is safe to use from several threads.
class key_set {
public:
  /// `keys` is not empty and has no `kid` twice.
  explicit key_set(std::vector<verification_key> keys) : keys_{std::move(keys)} {}

  const std::vector<verification_key>& keys() const { return keys_; }

  /// Whether any key has a `kid`. If none has, that of a token says nothing.
  bool has_names() const;

  /// Null if there is none of that `kid`.
  const verification_key* find(std::string_view kid) const;

private:
  std::vector<verification_key> keys_;
};

/// Keys, or why there are none.
struct key_set_result {
  std::optional<key_set> keys;
  std::string error;                 ///< a sentence that begins with the file's name
  std::vector<std::string> warnings; ///< the same, of keys that were left out
};

enum class key_file {
  any,
  jwks, ///< anything else is an error: a page that says why there is no JWKS is no secret
};

/// Reads a file (read_file.hpp), blocking. What it holds is seen from its content: PEM public keys
/// (`-----BEGIN PUBLIC KEY-----`, one or more), a JWKS (RFC 7517, begins with `{`), or else the
/// bytes of a secret for HS256, of which one line end behind the last is dropped.
key_set_result load_keys(const std::string& path, key_file kind = key_file::any);

/// The same for what was read; `name` is what messages call it.
key_set_result parse_keys(std::string_view content, std::string_view name);

} // namespace holdfast::auth
