// What the readers of the formats of key files have in common.
#pragma once

#include "app/auth/verification_key.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::auth {

/// Keys as they are found in a file. Messages begin where the file's name ends.
struct key_list {
  std::vector<verification_key> keys;
  std::string error; ///< why the file is refused; empty: it is not
  std::vector<std::string> warnings;
};

/// Every block of `text` must be a public key, PEM's "PUBLIC KEY".
key_list read_pem(std::string_view text);

/// A JWK Set, RFC 7517. Keys that are for something else, or of a kind that is not taken, are left
/// out with a warning; those that are wrong refuse the file.
key_list read_jwks(std::string_view text);

/// `key 2`, or `key 2 (kid "a")`: the quotes hold at most 64 bytes of it, as JSON has them.
std::string name_of_key(std::size_t number, const std::optional<std::string>& kid = {});

} // namespace holdfast::auth
