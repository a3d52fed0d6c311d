#include "app/auth/key_list.hpp"
#include "app/auth/openssl_handle.hpp"
#include "protocol/base64url.hpp"
#include "protocol/json_object.hpp"

#include <openssl/core_names.h>

#include <algorithm>

namespace holdfast::auth {

namespace {

constexpr std::size_t max_jwks_depth = 32;
constexpr std::size_t coordinate_size = 32; // on P-256

/// The members that only a private key has (RFC 7518 sections 6.2.2 and 6.3.2).
constexpr const char* private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth"};

/// A key that is not for us: no fault of the file.
struct left_out {
  std::string why;
};

using outcome = std::variant<verification_key, left_out, std::string>;

/// A member that has to be a string; empty if it is absent or none.
std::string text_of(const json_object& jwk, std::string_view name) {
  auto value = jwk.find(name);
  return value ? read_json_string(*value).value_or("") : "";
}

std::optional<std::string> bytes_of_member(const json_object& jwk, std::string_view name) {
  auto bytes = decode_base64url(text_of(jwk, name));
  return bytes && !bytes->empty() ? bytes : std::nullopt;
}

std::string bad_member(std::string_view name) {
  return std::string{"\""}.append(name).append("\" is not there, or not base64url without padding");
}

/// Makes a public key of `type` from the parameters that `add` puts in.
template <class Add>
verification_key::result make_key(const char* type, Add add) {
  openssl_handle<OSSL_PARAM_BLD> builder{OSSL_PARAM_BLD_new()};
  openssl_handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* key = nullptr;
  if (builder && context && add(builder.get())) {
    openssl_handle<OSSL_PARAM> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    if (parameters && EVP_PKEY_fromdata_init(context.get()) == 1)
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  if (key == nullptr)
    return std::string{"its numbers make no key: it is damaged"};
  return verification_key::from_public_key({key, openssl_deleter{}});
}

openssl_handle<BIGNUM> to_number(const std::string& bytes) {
  return openssl_handle<BIGNUM>{
    BN_bin2bn(bytes_of(bytes.data()), static_cast<int>(bytes.size()), nullptr)};
}

verification_key::result read_rsa(const json_object& jwk) {
  auto modulus = bytes_of_member(jwk, "n");
  auto exponent = bytes_of_member(jwk, "e");
  if (!modulus || !exponent)
    return bad_member(modulus ? "e" : "n");
  auto n = to_number(*modulus), e = to_number(*exponent);
  return make_key("RSA", [&](OSSL_PARAM_BLD* to) {
    return n && e && OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_RSA_N, n.get()) == 1
           && OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  });
}

verification_key::result read_p256(const json_object& jwk) {
  auto x = bytes_of_member(jwk, "x");
  auto y = bytes_of_member(jwk, "y");
  if (!x || !y)
    return bad_member(x ? "y" : "x");
  if (x->size() != coordinate_size || y->size() != coordinate_size)
    return std::string{"\"x\" and \"y\" of P-256 have 32 bytes each, not "}.append(
      std::to_string(x->size()) + " and " + std::to_string(y->size()));
  auto point = "\x04" + *x + *y; // uncompressed
  return make_key("EC", [&](OSSL_PARAM_BLD* to) {
    return OSSL_PARAM_BLD_push_utf8_string(to, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0)
             == 1
           && OSSL_PARAM_BLD_push_octet_string(to, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size())
                == 1;
  });
}

verification_key::result read_secret(const json_object& jwk) {
  auto secret = bytes_of_member(jwk, "k");
  if (!secret)
    return bad_member("k");
  return verification_key::from_secret(std::move(*secret));
}

/// Whether `key_ops`, if there is one, lets us verify.
bool may_verify(const json_object& jwk) {
  auto operations = jwk.find("key_ops");
  if (!operations)
    return true;
  auto all = read_json_array(*operations).value_or(std::vector<std::string_view>{});
  return std::any_of(all.begin(), all.end(),
                     [](std::string_view x) { return read_json_string(x) == "verify"; });
}

/// Why the key is for somebody else; empty: it may be ours.
std::string not_for_us(const json_object& jwk, const std::string& type) {
  if (type != "RSA" && type != "EC" && type != "oct")
    return "its kty is not RSA, EC or oct";
  if (jwk.has("use") && text_of(jwk, "use") != "sig")
    return "its use is not sig";
  if (!may_verify(jwk))
    return "its key_ops are without verify";
  if (type == "EC" && text_of(jwk, "crv") != "P-256")
    return "its crv is not P-256";
  auto expected = type == "RSA" ? "RS256" : type == "EC" ? "ES256" : "HS256";
  if (jwk.has("alg") && text_of(jwk, "alg") != expected)
    return "its alg is not " + std::string{expected}
           + ", which is what a key of this kty is taken for";
  return {};
}

outcome read_key(const json_object& jwk) {
  auto type = text_of(jwk, "kty");
  if (type.empty())
    return std::string{"\"kty\" is not there, or no string"};
  if (auto why = not_for_us(jwk, type); !why.empty())
    return left_out{std::move(why)};
  if (type != "oct"
      && std::any_of(std::begin(private_members), std::end(private_members),
                     [&](const char* name) { return jwk.has(name); }))
    return std::string{"is a private key, which belongs to the issuer alone: leave out "
                       "\"d\", \"p\", \"q\", \"dp\", \"dq\", \"qi\" and \"oth\""};
  auto key = type == "RSA" ? read_rsa(jwk) : type == "EC" ? read_p256(jwk) : read_secret(jwk);
  if (auto* problem = std::get_if<std::string>(&key))
    return std::move(*problem);
  return std::get<verification_key>(std::move(key));
}

/// Adds one element of "keys" to `list`, or the reason why not.
void take_key(std::string_view element, std::size_t number, key_list& list) {
  auto jwk = json_object::read(element, max_jwks_depth);
  if (!jwk) {
    list.error = name_of_key(number) + ": is no JSON object with each name once";
    return;
  }
  std::optional<std::string> kid;
  if (auto value = jwk->find("kid")) {
    kid = read_json_string(*value);
    if (!kid) {
      list.error = name_of_key(number) + ": \"kid\" is no string";
      return;
    }
  }
  auto name = name_of_key(number, kid);
  auto result = read_key(*jwk);
  if (auto* problem = std::get_if<std::string>(&result)) {
    list.error = name + (problem->compare(0, 3, "is ") == 0 ? " " : ": ") + *problem;
  } else if (auto* skipped = std::get_if<left_out>(&result)) {
    list.warnings.push_back(name + " is left out: " + skipped->why);
  } else {
    list.keys.push_back(std::get<verification_key>(std::move(result)));
    if (kid)
      list.keys.back().set_kid(std::move(*kid));
  }
}

} // namespace

key_list read_jwks(std::string_view text) {
  error_queue_guard guard;
  key_list list;
  auto document = json_object::read(text, max_jwks_depth);
  if (!document) {
    list.error = "the file looks like JSON but is no JSON object with each name once";
    return list;
  }
  auto keys = document->find("keys");
  if (!keys && document->has("kty")) {
    list.error = "this is one JWK; a JWKS is wanted: put it into {\"keys\":[...]}";
    return list;
  }
  auto elements = keys ? read_json_array(*keys) : std::nullopt;
  if (!elements) {
    list.error = "there is no array \"keys\", so it is no JWKS (RFC 7517)";
    return list;
  }
  for (std::size_t i = 0; i < elements->size() && list.error.empty(); ++i)
    take_key((*elements)[i], i + 1, list);
  return list;
}

} // namespace holdfast::auth
