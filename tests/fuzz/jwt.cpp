// Tokens and key files, against what the harness knows: the secret, and that nobody here has the
// private keys.
//
// Input: one byte says what the rest is.
//   t  a token
//   c  header and claims, a line end between; the harness signs them. d: with another policy
//   k  a key file

#include "app/auth/jwt_verifier.hpp"
#include "app/auth/public_key_bytes.hpp"
#include "protocol/base64url.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/oracle/reference_token.hpp"
#include "tests/fuzz/require.hpp"

#include <openssl/err.h>
#include <openssl/hmac.h>

#include <set>

namespace holdfast::fuzz {

namespace {

using outcome = std::variant<token_claims, token_fault>;

constexpr std::int64_t now_s = 1700000000;
constexpr wall_time now{std::chrono::seconds{now_s}};

/// make_seeds signs with it too.
const std::string secret = "holdfast fuzzes with this secret";

/// The public keys of RFC 7515 appendix A.2 and A.3.
constexpr auto rsa_jwk
  = R"({"kid":"r","kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26m)"
    R"(PddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47so)"
    R"(MZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY)"
    R"(4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb)"
    R"(54h4FRWyuXpoQ"})";
constexpr auto ec_jwk = R"({"kid":"e","kty":"EC","crv":"P-256",)"
                        R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

/// The headers and claims of the tokens there: all that these keys have ever signed.
constexpr std::string_view rfc_signed[] = {
  "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9"
  "pc19yb290Ijp0cnVlfQ",
  "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9"
  "pc19yb290Ijp0cnVlfQ"};

std::string hmac(const std::string& key, std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(digest.data()), &size);
  digest.resize(size);
  return digest;
}

std::string sign(const std::string& key, std::string_view header, std::string_view claims) {
  auto text = encode_base64url(header) + '.' + encode_base64url(claims);
  return text + '.' + encode_base64url(hmac(key, text));
}

std::string label(const outcome& of) {
  auto* fault = std::get_if<token_fault>(&of);
  return fault == nullptr ? "" : std::string{to_string(*fault)};
}

auth::jwt_verifier make_verifier(token_policy policy) {
  auto file = std::string{R"({"keys":[)"} + rsa_jwk + ',' + ec_jwk
              + R"(,{"kid":"s","kty":"oct","k":")" + encode_base64url(secret) + "\"}]}";
  auto read = auth::parse_keys(file, "keys");
  require(read.keys.has_value(), "the harness has keys");
  return {std::move(*read.keys), std::move(policy), "vip"};
}

token_policy demanding() {
  token_policy policy;
  policy.issuer = "joe";
  policy.audience = "chat";
  return policy;
}

token_policy lenient() {
  token_policy policy;
  policy.require_expiry = false;
  return policy;
}

reference_policy as_reference(const token_policy& policy) {
  return {policy.issuer, policy.audience, policy.require_expiry,
          static_cast<double>(to_ms(policy.leeway)) / 1000, static_cast<double>(now_s)};
}

outcome verify(const auth::jwt_verifier& by, std::string_view token) {
  auto result = by.verify(token, now);
  auto again = by.verify(token, now);
  require(label(result) == label(again), "a token is judged the same again");
  require(ERR_peek_error() == 0, "nothing stays in the queue of OpenSSL");
  return result;
}

/// Whether somebody who may has signed the token.
bool is_genuine(std::string_view token) {
  auto dot = token.rfind('.');
  auto text = token.substr(0, dot);
  for (auto known : rfc_signed)
    if (text == known)
      return true;
  return token.substr(dot + 1) == encode_base64url(hmac(secret, text));
}

void check_token(std::string_view token) {
  static const auto verifier = make_verifier(lenient());
  auto result = verify(verifier, token);
  require((label(result) == "missing") == token.empty(), "no token is missing");
  require((label(result) == "too_long") == (token.size() > 8192), "long tokens are refused");
  auto* fault = std::get_if<token_fault>(&result);
  bool judged = fault == nullptr || *fault >= token_fault::bad_claim;
  require(!judged || is_genuine(token), "only the claims of genuine tokens are judged");
}

void check_claims(std::string_view text, const token_policy& policy,
                  const auth::jwt_verifier& verifier) {
  auto line_end = text.find('\n');
  auto header = text.substr(0, line_end);
  auto claims = line_end == std::string_view::npos ? "" : text.substr(line_end + 1);
  auto token = sign(secret, header, claims);
  auto result = verify(verifier, token);
  if (token.size() > 8192) {
    require(label(result) == "too_long", "long tokens are refused");
    return;
  }
  auto expected = reference_token::judge(header, claims, as_reference(policy));
  if (expected && *expected != label(result)) {
    std::fprintf(stderr, "holdfast: \"%s\", not \"%s\"\n", label(result).c_str(),
                 expected->c_str());
    fail("a token is judged as the reference does it");
  }
  if (auto* accepted = std::get_if<token_claims>(&result); accepted != nullptr && expected) {
    auto document = nlohmann::json::parse(claims.begin(), claims.end());
    require(accepted->subject == document["sub"], "the subject is that of the claims");
    require(accepted->priority == (document.value("vip", nlohmann::json{}) == true),
            "priority is that of the claims");
  }
}

bool is_secret(std::string_view file) {
  if (file.substr(0, 3) == "\xef\xbb\xbf")
    file.remove_prefix(3);
  auto first = file.find_first_not_of(" \t\r\n");
  return file.find("-----BEGIN ") == std::string_view::npos
         && (first == std::string_view::npos || (file[first] != '{' && file[first] != '['));
}

/// The secrets of a JWKS that are plainly for us work, under their names.
void check_secrets(std::string_view file, const auth::jwt_verifier& verifier) {
  auto document = nlohmann::json::parse(file.begin(), file.end(), nullptr, false);
  if (document.is_discarded()) // a number that is no double
    return;
  for (auto& key : document["keys"]) {
    if (key["kty"] != "oct" || key.contains("use") || key.contains("alg")
        || key.contains("key_ops"))
      continue;
    require(key.contains("k") && key["k"].is_string(), "a key without its bytes is refused");
    auto bytes = decode_base64url(key["k"].get<std::string>());
    require(bytes && bytes->size() >= 32 && !auth::is_public_key(*bytes),
            "a bad secret is refused");
    nlohmann::json header{{"alg", "HS256"}};
    if (key.contains("kid"))
      header["kid"] = key["kid"];
    auto token = sign(*bytes, header.dump(), R"({"sub":"ada"})");
    if (token.size() <= 8192)
      require(label(verify(verifier, token)).empty(), "the secrets of a file work");
  }
}

void check_key_file(std::string_view file) {
  auto read = auth::parse_keys(file, "file");
  auto again = auth::parse_keys(file, "file");
  require(read.error == again.error && read.warnings == again.warnings, "a file is read the same");
  require(ERR_peek_error() == 0, "nothing stays in the queue of OpenSSL");
  require(read.keys.has_value() == read.error.empty(), "there are keys or a reason");
  if (!read.keys) {
    require(read.error.compare(0, 6, "file: ") == 0, "the reason names the file");
    return;
  }
  auto& keys = read.keys->keys();
  require_between(1, keys.size(), auth::max_keys, "the keys are bounded");
  std::set<std::string> names;
  for (auto& key : keys)
    require(!key.kid() || names.insert(*key.kid()).second, "no kid comes twice");
  const auth::jwt_verifier verifier{*read.keys, lenient(), ""};
  auto trimmed = std::string{file.substr(0, file.find_last_not_of('\n') + 1)};
  if (!is_secret(file)) {
    for (auto& known : {std::string{file}, trimmed, std::string{}})
      require(
        !label(verify(verifier, sign(known, R"({"alg":"HS256"})", R"({"sub":"eve"})"))).empty(),
        "what is public signs nothing");
    if (file.find("-----BEGIN ") == std::string_view::npos)
      check_secrets(file, verifier);
  } else {
    require_same(1, keys.size(), "a secret is one key");
    require(keys[0].algorithm() == auth::jws_algorithm::hs256, "a secret is for HS256");
  }
}

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  static const auto strict = make_verifier(demanding()), loose = make_verifier(lenient());
  input in{data, size};
  auto kind = in.byte();
  auto rest = in.bytes(size);
  switch (kind) {
  case 't': check_token(rest); break;
  case 'c': check_claims(rest, demanding(), strict); break;
  case 'd': check_claims(rest, lenient(), loose); break;
  case 'k': check_key_file(rest); break;
  default: break;
  }
  return 0;
}
