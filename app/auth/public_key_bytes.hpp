// Whether bytes that are said to be a secret are a public key.
#pragma once

#include <string_view>

namespace holdfast::auth {

/// Whether `bytes` are a public key or a certificate as it is commonly stored: PEM, DER, base64 of
/// DER, or OpenSSH's. Whoever knows it could sign with it, if it were taken for a secret.
bool is_public_key(std::string_view bytes);

} // namespace holdfast::auth
