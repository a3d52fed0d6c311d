#include "app/auth/key_list.hpp"
#include "app/auth/openssl_handle.hpp"

#include <openssl/pem.h>

namespace holdfast::auth {

namespace {

struct openssl_free {
  void operator()(void* x) const { OPENSSL_free(x); }
};

/// One block between BEGIN and END.
struct pem_block {
  std::string label;
  std::string data;
};

/// The next one; nothing at the end, and where one is damaged.
std::optional<pem_block> next_block(BIO* from) {
  char *label = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(from, &label, &header, &data, &size) != 1)
    return {};
  std::unique_ptr<void, openssl_free> owners[]
    = {std::unique_ptr<void, openssl_free>{label}, std::unique_ptr<void, openssl_free>{header},
       std::unique_ptr<void, openssl_free>{data}};
  return pem_block{label, {reinterpret_cast<char*>(data), static_cast<std::size_t>(size)}};
}

bool at_end() {
  auto error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/// Why such a block is not taken; empty: it is.
std::string refuse_label(const std::string& label) {
  if (label == "PUBLIC KEY")
    return {};
  if (label.find("PRIVATE KEY") != std::string::npos)
    return "is a private key, which belongs to the issuer alone; its public part is enough: "
           "openssl pkey -in KEY -pubout";
  if (label == "CERTIFICATE")
    return "is a certificate; its key is enough: openssl x509 -in CERTIFICATE -pubkey -noout";
  if (label == "RSA PUBLIC KEY")
    return "is in the form of PKCS #1; this writes the other one: "
           "openssl rsa -RSAPublicKey_in -in KEY -pubout";
  return "is a PEM block of another kind, not a PUBLIC KEY";
}

verification_key::result read_key(const pem_block& block) {
  if (auto problem = refuse_label(block.label); !problem.empty())
    return problem;
  auto* begin = bytes_of(block.data.data());
  auto* at = begin;
  std::shared_ptr<EVP_PKEY> key{d2i_PUBKEY(nullptr, &at, static_cast<long>(block.data.size())),
                                openssl_deleter{}};
  if (!key || at != begin + block.data.size())
    return std::string{"holds no public key that OpenSSL can read: it is damaged"};
  return verification_key::from_public_key(std::move(key));
}

} // namespace

key_list read_pem(std::string_view text) {
  error_queue_guard guard;
  key_list list;
  openssl_handle<BIO> from{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  while (auto block = next_block(from.get())) {
    if (block->label == "EC PARAMETERS") // openssl ecparam writes them before a key
      continue;
    auto key = read_key(*block);
    auto number = list.keys.size() + 1;
    if (auto* problem = std::get_if<std::string>(&key)) {
      list.error
        = name_of_key(number) + (problem->compare(0, 3, "is ") == 0 ? " " : ": ") + *problem;
      return list;
    }
    list.keys.push_back(std::get<verification_key>(std::move(key)));
  }
  if (!at_end())
    list.error = name_of_key(list.keys.size() + 1) + ": the PEM block is damaged";
  return list;
}

} // namespace holdfast::auth
