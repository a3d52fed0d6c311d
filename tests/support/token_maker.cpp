#include "tests/support/token_maker.hpp"

#include "protocol/base64url.hpp"
#include "protocol/json_string.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace holdfast::test {

namespace {

void demand(bool holds) {
  if (!holds)
    throw std::runtime_error{"OpenSSL makes no key or no signature"};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_bytes(const BIGNUM* number, int size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  demand(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
  return bytes;
}

/// A number of the key; `size` 0: as long as it is.
std::string number_of(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  demand(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  auto text = encode_base64url(to_bytes(number, size > 0 ? size : BN_num_bytes(number)));
  BN_free(number);
  return text;
}

/// What `write` puts into memory.
template <class Write>
std::string written(Write write) {
  BIO* to = BIO_new(BIO_s_mem());
  demand(to != nullptr && write(to) == 1);
  char* data = nullptr;
  auto size = BIO_get_mem_data(to, &data);
  std::string text{data, static_cast<std::size_t>(size)};
  BIO_free(to);
  return text;
}

/// r and s of a signature in DER, 32 bytes each.
std::string side_by_side(const std::string& der) {
  auto* at = bytes_of(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  demand(pair != nullptr);
  auto raw = to_bytes(ECDSA_SIG_get0_r(pair), 32) + to_bytes(ECDSA_SIG_get0_s(pair), 32);
  ECDSA_SIG_free(pair);
  return raw;
}

} // namespace

signing_key::signing_key(evp_pkey_st* key) : key_{key, EVP_PKEY_free} {
  demand(key != nullptr);
}

signing_key signing_key::rsa(unsigned bits) {
  return signing_key{EVP_RSA_gen(bits)};
}

signing_key signing_key::ec(const char* curve) {
  return signing_key{EVP_EC_gen(curve)};
}

std::string signing_key::algorithm() const {
  if (!key_)
    return "HS256";
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1 ? "RS256" : "ES256";
}

std::string signing_key::sign(std::string_view text) const {
  auto signature = sign_as_openssl(text);
  return algorithm() == "ES256" ? side_by_side(signature) : signature;
}

std::string signing_key::sign_as_openssl(std::string_view text) const {
  if (!key_) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    demand(HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes_of(text),
                text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size)
           != nullptr);
    digest.resize(size);
    return digest;
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free};
  demand(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  auto size = signature.size();
  demand(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                        bytes_of(text), text.size())
         == 1);
  signature.resize(size);
  return signature;
}

std::string signing_key::public_pem() const {
  return written([&](BIO* to) { return PEM_write_bio_PUBKEY(to, key_.get()); });
}

std::string signing_key::public_der() const {
  return written([&](BIO* to) { return i2d_PUBKEY_bio(to, key_.get()); });
}

std::string signing_key::public_pkcs1() const {
  unsigned char* der = nullptr;
  auto size = i2d_PublicKey(key_.get(), &der);
  demand(size > 0);
  std::string bytes{reinterpret_cast<char*>(der), static_cast<std::size_t>(size)};
  OPENSSL_free(der);
  return bytes;
}

std::string signing_key::certificate_der() const {
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
  demand(X509_set_pubkey(certificate.get(), key_.get()) == 1
         && X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0) != nullptr
         && X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600) != nullptr
         && X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return written([&](BIO* to) { return i2d_X509_bio(to, certificate.get()); });
}

std::string signing_key::private_pem() const {
  return written([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string signing_key::jwk(std::string_view kid, std::string_view more) const {
  std::string text = "{";
  if (!kid.empty()) {
    text += "\"kid\":";
    append_json_string(text, kid);
    text += ',';
  }
  if (!key_)
    text += R"("kty":"oct","k":")" + encode_base64url(secret_);
  else if (algorithm() == "RS256")
    text += R"("kty":"RSA","n":")" + number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")"
            + number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
  else
    text += R"("kty":"EC","crv":"P-256","x":")"
            + number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")"
            + number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32);
  return text.append("\"").append(more).append("}");
}

std::string pem_of(const std::string& label, const std::string& bytes) {
  return written([&](BIO* to) {
    return PEM_write_bio(to, label.c_str(), "", bytes_of(bytes), static_cast<long>(bytes.size()))
               > 0
             ? 1
             : 0;
  });
}

std::string jwks(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (auto& key : keys)
    text.append(&key == &keys.front() ? "" : ",").append(key);
  return text + "]}";
}

std::string token_of(std::string_view header, std::string_view payload,
                     std::string_view signature) {
  return encode_base64url(header) + '.' + encode_base64url(payload) + '.'
         + encode_base64url(signature);
}

std::string signed_token(const signing_key& key, std::string_view header,
                         std::string_view payload) {
  auto text = encode_base64url(header) + '.' + encode_base64url(payload);
  return text + '.' + encode_base64url(key.sign(text));
}

std::string signed_token(const signing_key& key, std::string_view payload) {
  return signed_token(key, R"({"alg":")" + key.algorithm() + R"(","typ":"JWT"})", payload);
}

std::string named_token(const signing_key& key, std::string_view payload, std::string_view kid) {
  auto header = R"({"alg":")" + key.algorithm() + R"(","typ":"JWT","kid":)";
  append_json_string(header, kid);
  return signed_token(key, header + '}', payload);
}

} // namespace holdfast::test
