// Owners of what OpenSSL allocates.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <memory>

namespace holdfast::auth {

struct openssl_deleter {
  void operator()(BIO* x) const { BIO_free_all(x); }
  void operator()(BIGNUM* x) const { BN_clear_free(x); }
  void operator()(ECDSA_SIG* x) const { ECDSA_SIG_free(x); }
  void operator()(EVP_MD_CTX* x) const { EVP_MD_CTX_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(EVP_PKEY_CTX* x) const { EVP_PKEY_CTX_free(x); }
  void operator()(OSSL_PARAM* x) const { OSSL_PARAM_free(x); }
  void operator()(OSSL_PARAM_BLD* x) const { OSSL_PARAM_BLD_free(x); }
};

template <class T>
using openssl_handle = std::unique_ptr<T, openssl_deleter>;

/// Empties the thread's queue of errors at its end: what failed here is not for the next one who
/// asks OpenSSL.
struct error_queue_guard {
  error_queue_guard() = default;
  error_queue_guard(const error_queue_guard&) = delete;
  error_queue_guard& operator=(const error_queue_guard&) = delete;
  ~error_queue_guard() { ERR_clear_error(); }
};

/// As OpenSSL takes bytes.
inline const unsigned char* bytes_of(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

} // namespace holdfast::auth
