#include "app/auth/public_key_bytes.hpp"

#include "app/auth/openssl_handle.hpp"

#include <openssl/x509.h>

#include <string>

namespace holdfast::auth {

namespace {

bool is_der(std::string_view bytes) {
  error_queue_guard guard;
  auto size = static_cast<long>(bytes.size());
  auto* at = bytes_of(bytes.data());
  if (openssl_handle<EVP_PKEY> key{d2i_PUBKEY(nullptr, &at, size)})
    return true;
  at = bytes_of(bytes.data());
  if (openssl_handle<EVP_PKEY> key{d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size)})
    return true;
  at = bytes_of(bytes.data());
  auto* certificate = d2i_X509(nullptr, &at, size);
  X509_free(certificate);
  return certificate != nullptr;
}

/// With line ends, as PEM has it; nothing if it is none.
std::string decode_base64(std::string_view text) {
  std::string bytes(text.size() * 3 / 4 + 3, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  int size = 0, rest = 0;
  EVP_ENCODE_CTX* context = EVP_ENCODE_CTX_new();
  EVP_DecodeInit(context);
  bool valid
    = EVP_DecodeUpdate(context, out, &size, bytes_of(text.data()), static_cast<int>(text.size()))
        >= 0
      && EVP_DecodeFinal(context, out + size, &rest) >= 0;
  EVP_ENCODE_CTX_free(context);
  bytes.resize(valid ? static_cast<std::size_t>(size + rest) : 0);
  return bytes;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

} // namespace

bool is_public_key(std::string_view bytes) {
  return bytes.find("-----BEGIN ") != std::string_view::npos || starts_with(bytes, "ssh-")
         || starts_with(bytes, "ecdsa-sha2-") || is_der(bytes) || is_der(decode_base64(bytes));
}

} // namespace holdfast::auth
