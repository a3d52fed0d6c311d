// What people have tried against other verifiers (RFC 8725 section 2), one by one.

#include "protocol/base64url.hpp"
#include "tests/app/auth/token_fixture.hpp"

using namespace holdfast;
using namespace holdfast::test;

namespace {

/// A token that says HS256 and is signed with these bytes as the secret.
std::string hs256_with(const std::string& bytes) {
  return signed_token(signing_key{bytes}, ada);
}

std::string hs256_with(const std::string& bytes, std::string_view kid) {
  return named_token(signing_key{bytes}, ada, kid);
}

/// The parts of a token that is genuine for `key`.
struct taken_apart {
  explicit taken_apart(const signing_key& key) {
    auto token = signed_token(key, ada);
    auto first = token.find('.'), second = token.rfind('.');
    header = token.substr(0, first);
    payload = token.substr(first + 1, second - first - 1);
    signature = token.substr(second + 1);
    bytes = decode_base64url(signature).value_or("");
  }

  std::string signed_text() const { return header + '.' + payload; }
  std::string with_signature(std::string_view other) const {
    return signed_text() + '.' + encode_base64url(other);
  }

  std::string header, payload, signature, bytes;
};

} // namespace

BOOST_AUTO_TEST_SUITE(jwt_attacks)

BOOST_AUTO_TEST_CASE(an_unsigned_token_is_refused_however_none_is_written) {
  for (auto& key : all_keys()) {
    auto verifier = verifier_of(key);
    for (auto name : {"none", "None", "NONE", "nOnE", "none ", "", "null"}) {
      auto header = std::string{R"({"alg":")"} + name + R"(","typ":"JWT"})";
      BOOST_TEST(verdict(verifier, token_of(header, ada, "")) == "(algorithm_refused)", name);
      BOOST_TEST(verdict(verifier, signed_token(key, header, ada)) == "(algorithm_refused)", name);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_algorithm_that_is_not_offered_is_refused) {
  for (auto name : {"HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES256K", "EdDSA",
                    "hs256", "rs256", "HS256 ", "HS256\\u0000", "RSA-OAEP", "dir"})
    for (auto& key : all_keys())
      BOOST_TEST(
        verdict(verifier_of(key), signed_token(key, std::string{R"({"alg":")"} + name + "\"}", ada))
          == "(algorithm_refused)",
        name);
}

BOOST_AUTO_TEST_CASE(a_public_rsa_key_is_no_secret) {
  auto verifier = verifier_of(rsa_key().public_pem());
  auto pem = rsa_key().public_pem();
  BOOST_TEST(verdict(verifier, hs256_with(pem)) == "(algorithm_refused)");
  BOOST_TEST(verdict(verifier, hs256_with(pem.substr(0, pem.size() - 1))) == "(algorithm_refused)");
  BOOST_TEST(verdict(verifier, hs256_with(rsa_key().public_der())) == "(algorithm_refused)");
  BOOST_TEST(verdict(verifier, hs256_with("")) == "(algorithm_refused)");
}

BOOST_AUTO_TEST_CASE(a_public_key_is_no_secret_beside_a_real_secret_either) {
  auto verifier = verifier_of(jwks({rsa_key().jwk("r"), secret_key().jwk("s")}));
  for (auto& bytes : {rsa_key().public_pem(), rsa_key().public_der(), rsa_key().jwk("r")}) {
    BOOST_TEST(verdict(verifier, hs256_with(bytes, "r")) == "(algorithm_refused)");
    BOOST_TEST(verdict(verifier, hs256_with(bytes, "s")) == "(bad_signature)");
    BOOST_TEST(verdict(verifier, hs256_with(bytes)) == "(bad_signature)");
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_used_with_its_own_algorithm_only) {
  for (auto& key : all_keys())
    for (auto& other : all_keys()) {
      if (key.algorithm() == other.algorithm())
        continue;
      auto header = R"({"alg":")" + other.algorithm() + "\"}";
      BOOST_TEST(verdict(verifier_of(key), signed_token(other, ada)) == "(algorithm_refused)");
      BOOST_TEST(verdict(verifier_of(key), signed_token(key, header, ada))
                 == "(algorithm_refused)");
    }
}

BOOST_AUTO_TEST_CASE(the_kid_of_another_key_does_not_help) {
  const signing_key other{std::string(32, 'x')};
  auto verifier = verifier_of(jwks({secret_key().jwk("a"), other.jwk("b"), ec_key().jwk("e")}));
  BOOST_TEST(verdict(verifier, named_token(secret_key(), ada, "b")) == "(bad_signature)");
  BOOST_TEST(verdict(verifier, named_token(secret_key(), ada, "e")) == "(algorithm_refused)");
}

BOOST_AUTO_TEST_CASE(a_kid_is_compared_and_never_used_for_anything) {
  auto verifier = verifier_of(jwks({secret_key().jwk("a")}));
  for (auto kid : {"b", "A", "a ", "aa", "../../../../dev/null", "/etc/passwd", "file:///dev/null",
                   "' OR '1'='1", "a\" UNION SELECT 'x", "$(id)", "https://evil.example/k", "0"})
    BOOST_TEST(verdict(verifier, named_token(secret_key(), ada, kid)) == "(unknown_key)", kid);
  for (auto kid : {"", "a\\u0000", "\\u0000"}) {
    auto header = std::string{R"({"alg":"HS256","kid":")"} + kid + "\"}";
    BOOST_TEST(verdict(verifier, signed_token(secret_key(), header, ada)) == "(unknown_key)", kid);
  }
  // Signed with the empty contents of the file that such a kid would name.
  BOOST_TEST(verdict(verifier, hs256_with("", "../../../../dev/null")) == "(unknown_key)");
}

BOOST_AUTO_TEST_CASE(a_key_that_the_token_brings_is_not_believed) {
  const auto attacker = signing_key::ec();
  auto jwk = attacker.jwk();
  for (auto& more : {",\"jwk\":" + jwk, std::string{R"(,"jku":"https://evil.example/keys.json")"},
                     std::string{R"(,"x5u":"https://evil.example/cert.pem")"},
                     R"(,"x5c":[")" + encode_base64url(attacker.public_der()) + "\"]",
                     ",\"keys\":[" + jwk + "]"}) {
    auto header = R"({"alg":"ES256")" + more + "}";
    BOOST_TEST(verdict(verifier_of(ec_key()), signed_token(attacker, header, ada))
                 == "(bad_signature)",
               more);
    // And it does no harm where the token is genuine.
    BOOST_TEST(verdict(verifier_of(ec_key()), signed_token(ec_key(), header, ada)) == "ada", more);
  }
}

BOOST_AUTO_TEST_CASE(another_issuers_key_of_the_same_kind_is_refused) {
  const signing_key others[]
    = {signing_key{std::string(32, 'x')}, signing_key::rsa(), signing_key::ec()};
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST(verdict(verifier_of(all_keys()[i]), signed_token(others[i], ada))
               == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(claims_cannot_be_exchanged) {
  for (auto& key : all_keys()) {
    taken_apart token{key};
    auto forged = token.header + '.' + encode_base64url(R"({"sub":"eve","exp":1700003600})") + '.'
                  + token.signature;
    BOOST_TEST(verdict(verifier_of(key), forged) == "(bad_signature)");
    auto other_header = encode_base64url("{ \"alg\":\"" + key.algorithm() + "\"}") + '.'
                        + token.payload + '.' + token.signature;
    BOOST_TEST(verdict(verifier_of(key), other_header) == "(bad_signature)");
  }
}

BOOST_AUTO_TEST_CASE(every_bit_of_a_signature_counts) {
  for (auto& key : all_keys()) {
    auto verifier = verifier_of(key);
    taken_apart token{key};
    for (std::size_t bit = 0; bit < token.bytes.size() * 8; ++bit) {
      auto flipped = token.bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      BOOST_TEST(verdict(verifier, token.with_signature(flipped)) == "(bad_signature)");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_signature_that_is_cut_or_stretched_is_refused) {
  for (auto& key : all_keys()) {
    auto verifier = verifier_of(key);
    taken_apart token{key};
    for (std::size_t size = 0; size < token.bytes.size(); ++size)
      BOOST_TEST(verdict(verifier, token.with_signature(token.bytes.substr(0, size)))
                 == "(bad_signature)");
    for (auto& longer : {token.bytes + '\0', '\0' + token.bytes, token.bytes + token.bytes})
      BOOST_TEST(verdict(verifier, token.with_signature(longer)) == "(bad_signature)");
  }
}

BOOST_AUTO_TEST_CASE(an_es256_signature_in_der_is_refused) {
  taken_apart token{ec_key()};
  auto der = ec_key().sign_as_openssl(token.signed_text());
  BOOST_TEST(verdict(verifier_of(ec_key()), token.with_signature(der)) == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(an_es256_signature_of_zeros_is_refused) {
  auto verifier = verifier_of(ec_key());
  taken_apart token{ec_key()};
  const std::string zero(32, '\0'), r = token.bytes.substr(0, 32), s = token.bytes.substr(32);
  // The order of the group is zero as well, modulo itself.
  const std::string order = "\xff\xff\xff\xff" + std::string(4, '\0') + std::string(8, '\xff')
                            + "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
  BOOST_REQUIRE(order.size() == 32u);
  for (auto& forged : {zero + zero, zero + s, r + zero, order + order, order + s, r + order,
                       zero + order, std::string(64, '\xff')})
    BOOST_TEST(verdict(verifier, token.with_signature(forged)) == "(bad_signature)");
  BOOST_TEST(verdict(verifier, token.with_signature(r + s)) == "ada");
}

BOOST_AUTO_TEST_CASE(an_rs256_signature_of_small_numbers_is_refused) {
  auto verifier = verifier_of(rsa_key());
  taken_apart token{rsa_key()};
  for (auto last : {'\0', '\1', '\2'})
    BOOST_TEST(verdict(verifier, token.with_signature(std::string(255, '\0') + last))
               == "(bad_signature)");
  BOOST_TEST(verdict(verifier, token.with_signature(std::string(256, '\xff')))
             == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(a_token_has_three_parts) {
  taken_apart token{secret_key()};
  auto verifier = verifier_of(secret_key());
  auto& [header, payload, signature, bytes] = token;
  BOOST_TEST(verdict(verifier, header + '.' + payload + '.' + signature) == "ada");
  for (auto& other :
       {header, header + '.' + payload, header + '.' + payload + '.' + signature + '.',
        header + '.' + payload + '.' + signature + '.' + signature,
        header + "..." + payload + '.' + signature, '.' + header + '.' + payload + '.' + signature,
        header + '.' + payload + "..." + signature, std::string{"."}, std::string{".."},
        std::string{"...."}, ".." + signature, '.' + payload + '.' + signature, std::string{"x"},
        std::string(8192, '.')})
    BOOST_TEST(verdict(verifier, other) == "(malformed)", other);
  BOOST_TEST(verdict(verifier, header + '.' + payload + '.') == "(bad_signature)");
  BOOST_TEST(verdict(verifier, header + ".." + signature) == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(each_part_is_base64url_without_padding_and_written_in_one_way_only) {
  auto verifier = verifier_of(secret_key());
  // In each, 41 bytes of header and claims that leave bits over, as a signature of 32 bytes does.
  auto header = encode_base64url(R"({"alg":"HS256","kid":"xxxxx","typ":"JWT"})");
  auto payload = encode_base64url(R"({"sub":"ada","exp":1700003600,"x":"xxxx"})");
  auto resigned = [](const std::string& h, const std::string& p) {
    return h + '.' + p + '.' + encode_base64url(secret_key().sign(h + '.' + p));
  };
  auto signature = encode_base64url(secret_key().sign(header + '.' + payload));
  BOOST_REQUIRE(verdict(verifier, resigned(header, payload)) == "ada");
  auto wrong_forms = [](const std::string& part) {
    auto loose = part;
    ++loose.back(); // set bits behind the last byte
    auto inside = part;
    inside[4] = '+';
    return std::vector<std::string>{part + "=",  part + "==",
                                    ' ' + part,  part + '\n',
                                    part + "\r", part + std::string(1, '\0'),
                                    part + "AA", part + "AA/",
                                    inside,      part.substr(0, 4) + '\t' + part.substr(4),
                                    loose};
  };
  for (auto& part : wrong_forms(header))
    BOOST_TEST(verdict(verifier, resigned(part, payload)) == "(malformed)", part);
  for (auto& part : wrong_forms(payload))
    BOOST_TEST(verdict(verifier, resigned(header, part)) == "(malformed)", part);
  for (auto& part : wrong_forms(signature))
    BOOST_TEST(verdict(verifier, header + '.' + payload + '.' + part) == "(malformed)", part);
}

BOOST_AUTO_TEST_CASE(a_token_is_not_trimmed) {
  auto verifier = verifier_of(secret_key());
  auto token = signed_token(secret_key(), ada);
  for (auto& other : {' ' + token, token + ' ', token + "\r\n", "Bearer " + token,
                      '"' + token + '"', token + '\0'})
    BOOST_TEST(verdict(verifier, other) == "(malformed)", other);
}

BOOST_AUTO_TEST_CASE(a_header_of_a_thousand_names_is_refused_for_what_it_is) {
  std::string header = R"({"alg":"HS256")";
  for (int i = 0; header.size() < 5900; ++i)
    header += ",\"" + std::to_string(i) + "\":1";
  BOOST_TEST(verdict(verifier_of(secret_key()), signed_token(secret_key(), header + '}', ada))
             == "ada");
  BOOST_TEST(
    verdict(verifier_of(secret_key()), signed_token(secret_key(), header + ",\"7\":1}", ada))
    == "(malformed)");
}

BOOST_AUTO_TEST_SUITE_END()
