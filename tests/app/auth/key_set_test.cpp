#include "app/auth/key_set.hpp"

#include "protocol/base64url.hpp"
#include "tests/app/auth/token_fixture.hpp"

#include <cstdio>
#include <fstream>
#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace holdfast;
using namespace holdfast::test;
using auth::parse_keys;

namespace {

/// Why a file is refused; "HS256 RS256": the algorithms of its keys if it is not.
std::string reading(std::string_view content) {
  auto result = parse_keys(content, "keys");
  BOOST_TEST(result.keys.has_value() == result.error.empty());
  BOOST_TEST(ERR_peek_error() == 0u);
  if (!result.keys)
    return result.error;
  std::string text;
  for (auto& key : result.keys->keys())
    text.append(text.empty() ? "" : " ").append(to_string(key.algorithm()));
  return text;
}

/// The only warning about a file that also has a good key.
std::string warning_about(const std::string& jwk) {
  auto result = parse_keys(jwks({jwk, ec_key().jwk("good")}), "keys");
  BOOST_TEST(result.error == "");
  BOOST_REQUIRE(result.keys.has_value());
  BOOST_TEST(result.keys->keys().size() == 1u);
  BOOST_REQUIRE(result.warnings.size() == 1u);
  return result.warnings[0];
}

std::string refusal_of(const std::string& jwk) {
  return reading(jwks({ec_key().jwk("good"), jwk}));
}

/// A file that goes away with the test.
class key_file {
public:
  explicit key_file(const std::string& content)
    : path_{"/tmp/holdfast-key-test-" + std::to_string(::getpid())} {
    std::ofstream{path_, std::ios::binary} << content;
  }
  ~key_file() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

std::string block(const std::string& label) {
  return "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n";
}

std::string base64_of_pem(std::string pem) {
  pem.erase(0, pem.find('\n') + 1);
  return pem.substr(0, pem.find("-----"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(key_set)

BOOST_AUTO_TEST_CASE(a_pem_public_key_is_for_the_algorithm_of_its_type) {
  BOOST_TEST(reading(rsa_key().public_pem()) == "RS256");
  BOOST_TEST(reading(ec_key().public_pem()) == "ES256");
  BOOST_TEST(reading("The key of our issuer\n\n" + ec_key().public_pem() + "\n") == "ES256");
}

BOOST_AUTO_TEST_CASE(a_pem_file_may_hold_several_keys) {
  auto file = rsa_key().public_pem() + ec_key().public_pem();
  BOOST_TEST(reading(file) == "RS256 ES256");
  auto verifier = verifier_of(file);
  BOOST_TEST(verdict(verifier, signed_token(rsa_key(), ada)) == "ada");
  BOOST_TEST(verdict(verifier, named_token(ec_key(), ada, "any")) == "ada");
}

BOOST_AUTO_TEST_CASE(a_secret_is_the_bytes_of_the_file_without_the_last_line_end) {
  const std::string secret(32, 's');
  auto token = signed_token(signing_key{secret}, ada);
  for (auto& file : {secret, secret + "\n", secret + "\r\n"})
    BOOST_TEST(verdict(verifier_of(file), token) == "ada");
  for (auto& file : {secret + "\n\n", secret + " ", "\n" + secret})
    BOOST_TEST(verdict(verifier_of(file), token) == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(a_secret_may_be_any_bytes) {
  std::string secret = "\x01\x02\x03\xff" + std::string(32, '\0');
  BOOST_TEST(verdict(verifier_of(secret), signed_token(signing_key{secret}, ada)) == "ada");
}

BOOST_AUTO_TEST_CASE(a_secret_has_32_to_4096_bytes) {
  BOOST_TEST(reading(std::string(31, 's') + "\n")
             == "keys: the secret has 31 bytes, at least 32 are needed: openssl rand -hex 32");
  BOOST_TEST(reading(std::string(32, 's')) == "HS256");
  BOOST_TEST(reading(std::string(4096, 's')) == "HS256");
  BOOST_TEST(reading(std::string(4097, 's'))
             == "keys: the secret has 4097 bytes, at most 4096 are taken");
}

BOOST_AUTO_TEST_CASE(a_public_key_in_any_dress_is_no_secret) {
  const std::string sentence
    = "keys: the secret is a public key, which anybody may know: a public key has to be PEM "
      "(-----BEGIN PUBLIC KEY-----) or in a JWKS";
  for (auto* key : {&rsa_key(), &ec_key()}) {
    BOOST_TEST(reading(key->public_der()) == sentence);
    BOOST_TEST(reading(key->public_der() + "\n") == sentence);
    BOOST_TEST(reading(key->certificate_der()) == sentence);
    BOOST_TEST(reading(base64_of_pem(key->public_pem())) == sentence);
  }
  auto ends_like_a_line = signing_key::ec();
  while (ends_like_a_line.public_der().back() != '\n')
    ends_like_a_line = signing_key::ec();
  BOOST_TEST(reading(ends_like_a_line.public_der()) == sentence);
  BOOST_TEST(reading(rsa_key().public_pkcs1()) == sentence);
  BOOST_TEST(reading("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI ada@example")
             == sentence);
  BOOST_TEST(reading("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFixed0000 ada@example") == sentence);
  // Also inside of a JWKS.
  BOOST_TEST(refusal_of(signing_key{rsa_key().public_pem()}.jwk("s"))
             == "keys: key 2 (kid \"s\")" + sentence.substr(4));
  BOOST_TEST(refusal_of(signing_key{rsa_key().public_der()}.jwk("s"))
             == "keys: key 2 (kid \"s\")" + sentence.substr(4));
}

BOOST_AUTO_TEST_CASE(a_jwks_holds_keys_of_every_kind) {
  auto file = jwks({rsa_key().jwk("r", R"(,"use":"sig","alg":"RS256","x5t":"abc")"),
                    ec_key().jwk("e", R"(,"key_ops":["verify"])"), secret_key().jwk("s")});
  BOOST_TEST(reading(file) == "RS256 ES256 HS256");
  BOOST_TEST(reading(" \r\n\t" + file + "\n") == "RS256 ES256 HS256");
  BOOST_TEST(parse_keys(file, "keys").warnings.empty());
}

BOOST_AUTO_TEST_CASE(keys_of_a_jwks_that_are_not_for_us_are_left_out_with_a_warning) {
  BOOST_TEST(warning_about(R"({"kty":"OKP","crv":"Ed25519","x":"AA","kid":"o"})")
             == "keys: key 1 (kid \"o\") is left out: its kty is not RSA, EC or oct");
  BOOST_TEST(warning_about(rsa_key().jwk("r", R"(,"use":"enc")"))
             == "keys: key 1 (kid \"r\") is left out: its use is not sig");
  BOOST_TEST(warning_about(rsa_key().jwk("r", R"(,"key_ops":["encrypt"])"))
             == "keys: key 1 (kid \"r\") is left out: its key_ops are without verify");
  BOOST_TEST(warning_about(R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})")
             == "keys: key 1 is left out: its crv is not P-256");
  BOOST_TEST(warning_about(rsa_key().jwk("r", R"(,"alg":"PS256")"))
             == "keys: key 1 (kid \"r\") is left out: its alg is not RS256, which is what a key of "
                "this kty is taken for");
  BOOST_TEST(warning_about(rsa_key().jwk("r", R"(,"alg":"HS256")"))
             == "keys: key 1 (kid \"r\") is left out: its alg is not RS256, which is what a key of "
                "this kty is taken for");
}

BOOST_AUTO_TEST_CASE(a_file_without_a_key_that_can_be_used_is_refused_and_says_why) {
  BOOST_TEST(reading(jwks({})) == "keys: there is no key that can be used");
  BOOST_TEST(reading(jwks({R"({"kty":"OKP","kid":"o"})"}))
             == "keys: there is no key that can be used: key 1 (kid \"o\") is left out: its kty is "
                "not RSA, EC or oct");
}

BOOST_AUTO_TEST_CASE(an_rsa_key_has_2048_to_8192_bits) {
  auto small = signing_key::rsa(1024);
  BOOST_TEST(reading(small.public_pem())
             == "keys: key 1: RSA modulus has 1024 bits, at least 2048 are needed");
  BOOST_TEST(refusal_of(small.jwk("a"))
             == "keys: key 2 (kid \"a\"): RSA modulus has 1024 bits, at least 2048 are needed");
  auto large = encode_base64url(std::string(1025, '\xff'));
  BOOST_TEST(refusal_of(R"({"kty":"RSA","n":")" + large + R"(","e":"AQAB"})")
             == "keys: key 2: RSA modulus has 8200 bits, at most 8192 are taken");
}

BOOST_AUTO_TEST_CASE(numbers_that_make_no_rsa_key_are_refused) {
  auto n = encode_base64url(std::string(256, '\xff'));
  auto damaged = "keys: key 2: its numbers make no key: it is damaged";
  auto rsa = [](const std::string& modulus, const std::string& exponent) {
    return R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + exponent + "\"}";
  };
  // Divisible by 3; even; below, exponents of 0, 1 and 2.
  BOOST_TEST(refusal_of(rsa(n, "AQAB")) == damaged);
  BOOST_TEST(refusal_of(rsa(encode_base64url('\x80' + std::string(255, '\0')), "AQAB")) == damaged);
  auto jwk = rsa_key().jwk();
  auto good = jwk.substr(jwk.find("\"n\":\"") + 5);
  good.resize(good.find('"'));
  BOOST_TEST(refusal_of(rsa(good, "AQAB")) == "ES256 RS256");
  for (auto exponent : {"AA", "AQ", "Ag"})
    BOOST_TEST(refusal_of(rsa(good, exponent)) == damaged, exponent);
  BOOST_TEST(refusal_of(rsa(good, encode_base64url(std::string(9, '\x01'))))
             == "keys: key 2: RSA exponent has more than 64 bits: take a key with the usual "
                "exponent, 65537");
}

BOOST_AUTO_TEST_CASE(another_curve_or_a_point_beside_the_curve_is_refused) {
  BOOST_TEST(reading(signing_key::ec("P-384").public_pem())
             == "keys: key 1: the curve is not P-256, the only one that is taken (for ES256)");
  auto ec = [](std::size_t x, std::size_t y) {
    return R"({"kty":"EC","crv":"P-256","x":")" + encode_base64url(std::string(x, '\x01'))
           + R"(","y":")" + encode_base64url(std::string(y, '\x02')) + "\"}";
  };
  BOOST_TEST(refusal_of(ec(32, 32)) == "keys: key 2: its numbers make no key: it is damaged");
  BOOST_TEST(refusal_of(ec(32, 31))
             == "keys: key 2: \"x\" and \"y\" of P-256 have 32 bytes each, not 32 and 31");
  BOOST_TEST(refusal_of(ec(33, 32))
             == "keys: key 2: \"x\" and \"y\" of P-256 have 32 bytes each, not 33 and 32");
}

BOOST_AUTO_TEST_CASE(a_pem_key_of_another_kind_is_refused) {
  // The example of RFC 8410 section 10.1.
  BOOST_TEST(reading("-----BEGIN PUBLIC KEY-----\n"
                     "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                     "-----END PUBLIC KEY-----\n")
             == "keys: key 1 is neither an RSA nor an EC key");
}

BOOST_AUTO_TEST_CASE(a_member_that_is_missing_or_badly_written_is_named) {
  auto sentence = [](const std::string& name) {
    return "keys: key 2: \"" + name + "\" is not there, or not base64url without padding";
  };
  BOOST_TEST(refusal_of(R"({"kty":"RSA","e":"AQAB"})") == sentence("n"));
  BOOST_TEST(refusal_of(R"({"kty":"RSA","n":"AQAB","e":65537})") == sentence("e"));
  BOOST_TEST(refusal_of(R"({"kty":"RSA","n":"AQAB==","e":"AQAB"})") == sentence("n"));
  BOOST_TEST(refusal_of(R"({"kty":"EC","crv":"P-256","x":"a+/b","y":"AA"})") == sentence("x"));
  BOOST_TEST(refusal_of(R"({"kty":"EC","crv":"P-256","x":"AA"})") == sentence("y"));
  BOOST_TEST(refusal_of(R"({"kty":"oct","k":""})") == sentence("k"));
  BOOST_TEST(
    refusal_of(R"({"kty":"oct","k":"c2hvcnQ"})")
    == "keys: key 2: the secret has 5 bytes, at least 32 are needed: openssl rand -hex 32");
}

BOOST_AUTO_TEST_CASE(a_private_key_is_refused) {
  auto pem = [](int number) {
    return "keys: key " + std::to_string(number)
           + " is a private key, which belongs to the issuer alone; its public part is enough: "
             "openssl pkey -in KEY -pubout";
  };
  BOOST_TEST(reading(rsa_key().private_pem()) == pem(1));
  BOOST_TEST(reading(ec_key().public_pem() + ec_key().private_pem()) == pem(2));
  for (auto label :
       {"EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"})
    BOOST_TEST(reading(block("EC PARAMETERS") + block(label)) == pem(1), label);
  auto jwk
    = R"(keys: key 2 (kid "a") is a private key, which belongs to the issuer alone: leave out )"
      R"("d", "p", "q", "dp", "dq", "qi" and "oth")";
  BOOST_TEST(refusal_of(ec_key().jwk("a", R"(,"d":"AAAA")")) == jwk);
  BOOST_TEST(refusal_of(rsa_key().jwk("a", R"(,"d":"AAAA")")) == jwk);
  BOOST_TEST(refusal_of(rsa_key().jwk("a", R"(,"p":"AAAA")")) == jwk);
}

BOOST_AUTO_TEST_CASE(other_pem_blocks_are_refused_with_what_to_do) {
  BOOST_TEST(reading(block("CERTIFICATE"))
             == "keys: key 1 is a certificate; its key is enough: "
                "openssl x509 -in CERTIFICATE -pubkey -noout");
  BOOST_TEST(reading(block("RSA PUBLIC KEY"))
             == "keys: key 1 is in the form of PKCS #1; this writes the other one: "
                "openssl rsa -RSAPublicKey_in -in KEY -pubout");
  BOOST_TEST(reading(block("X509 CRL"))
             == "keys: key 1 is a PEM block of another kind, not a PUBLIC KEY");
}

BOOST_AUTO_TEST_CASE(bytes_behind_a_key_in_its_pem_block_are_refused) {
  BOOST_TEST(reading(pem_of("PUBLIC KEY", ec_key().public_der())) == "ES256");
  BOOST_TEST(reading(pem_of("PUBLIC KEY", ec_key().public_der() + "x"))
             == "keys: key 1: holds no public key that OpenSSL can read: it is damaged");
}

BOOST_AUTO_TEST_CASE(the_point_at_infinity_is_no_key) {
  // As ec_key(), with the point's 65 bytes replaced by the one that stands for infinity.
  const std::string algorithm = ec_key().public_der().substr(2, 21);
  const std::string infinity = "\x30\x19" + algorithm + std::string("\x03\x02\x00\x00", 4);
  BOOST_TEST(reading(pem_of("PUBLIC KEY", infinity)).find("it is damaged") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_pem_file_is_refused) {
  auto pem = ec_key().public_pem();
  auto damaged = "keys: key 1: the PEM block is damaged";
  BOOST_TEST(reading(pem.substr(0, pem.size() - 10)) == damaged);
  auto other = pem;
  other[40] = '!';
  BOOST_TEST(reading(other) == damaged);
  BOOST_TEST(reading(block("PUBLIC KEY"))
             == "keys: key 1: holds no public key that OpenSSL can read: it is damaged");
  BOOST_TEST(reading("see -----BEGIN PUBLIC KEY----- below")
             == "keys: there is no key that can be used");
}

BOOST_AUTO_TEST_CASE(what_looks_like_json_and_is_no_jwks_is_no_secret) {
  auto no_json = "keys: the file looks like JSON but is no JSON object with each name once";
  for (auto file : {"{", "{\"keys\":[}", "{\"keys\":[],\"keys\":[]}", "[{\"kty\":\"oct\"}]",
                    "{this is a long secret that begins badly}"})
    BOOST_TEST(reading(file) == no_json, file);
  BOOST_TEST(reading("\xef\xbb\xbf{\"keys\":[]}") == no_json);
  for (auto file : {"{}", "{\"keys\":{}}", "{\"keys\":null}", "{\"Keys\":[]}"})
    BOOST_TEST(reading(file) == "keys: there is no array \"keys\", so it is no JWKS (RFC 7517)",
               file);
  BOOST_TEST(reading(ec_key().jwk())
             == "keys: this is one JWK; a JWKS is wanted: put it into {\"keys\":[...]}");
}

BOOST_AUTO_TEST_CASE(an_element_that_is_no_jwk_is_refused) {
  for (auto element : {"1", "null", "[]", "\"key\"", R"({"kty":"oct","kty":"RSA"})"})
    BOOST_TEST(refusal_of(element) == "keys: key 2: is no JSON object with each name once",
               element);
  for (auto element : {"{}", R"({"kty":1})", R"({"kty":""})"})
    BOOST_TEST(refusal_of(element) == "keys: key 2: \"kty\" is not there, or no string", element);
  for (auto element : {R"({"kty":"oct","kid":1})", R"({"kty":"OKP","kid":null})"})
    BOOST_TEST(refusal_of(element) == "keys: key 2: \"kid\" is no string", element);
}

BOOST_AUTO_TEST_CASE(a_kid_must_not_come_twice) {
  BOOST_TEST(
    refusal_of(secret_key().jwk("good"))
    == "keys: two keys have the kid \"good\": a token could mean either, give each its own");
  BOOST_TEST(reading(jwks({ec_key().jwk(), secret_key().jwk()})) == "ES256 HS256");
}

BOOST_AUTO_TEST_CASE(a_kid_in_a_message_is_short_and_of_one_line) {
  BOOST_TEST(warning_about(R"({"kty":"OKP","kid":"a\nb"})")
             == "keys: key 1 (kid \"a\\nb\") is left out: its kty is not RSA, EC or oct");
  BOOST_TEST(warning_about(R"({"kty":"OKP","kid":")" + std::string(999, 'k') + "\"}").size()
             < 150u);
}

BOOST_AUTO_TEST_CASE(there_are_at_most_32_keys) {
  std::vector<std::string> keys;
  for (int i = 0; i < 32; ++i)
    keys.push_back(secret_key().jwk(std::to_string(i)));
  BOOST_TEST(parse_keys(jwks(keys), "keys").keys.has_value());
  keys.push_back(secret_key().jwk("32"));
  BOOST_TEST(reading(jwks(keys))
             == "keys: there are 33 keys, at most 32 are taken: leave out those "
                "that sign nothing any more");
}

BOOST_AUTO_TEST_CASE(a_file_is_read_and_named) {
  key_file file{ec_key().public_pem()};
  auto result = auth::load_keys(file.path());
  BOOST_TEST(result.error == "");
  BOOST_REQUIRE(result.keys.has_value());
  BOOST_TEST(result.keys->keys().size() == 1u);
  key_file other{"short"};
  BOOST_TEST(auth::load_keys(other.path()).error
             == other.path()
                  + ": the secret has 5 bytes, at least 32 are needed: openssl rand -hex 32");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_says_why) {
  BOOST_TEST(auth::load_keys("/nowhere/keys.pem").error
             == "/nowhere/keys.pem: cannot be read: No such file or directory");
  BOOST_TEST(auth::load_keys("/tmp").error == "/tmp: cannot be read: Is a directory");
}

BOOST_AUTO_TEST_CASE(a_file_is_neither_empty_nor_above_1_mib) {
  key_file empty{""};
  BOOST_TEST(auth::load_keys(empty.path()).error == empty.path() + ": the file is empty");
  BOOST_TEST(reading("\n")
             == "keys: the secret has 0 bytes, at least 32 are needed: openssl rand -hex 32");
  auto padded = jwks({ec_key().jwk()});
  padded.resize(1024 * 1024, ' ');
  key_file largest{padded};
  BOOST_TEST(auth::load_keys(largest.path()).error == "");
  key_file larger{padded + ' '};
  BOOST_TEST(auth::load_keys(larger.path()).error
             == larger.path() + ": cannot be read: it is larger than 1 MiB");
}

BOOST_AUTO_TEST_SUITE_END()
