#include "protocol/base64url.hpp"
#include "tests/app/auth/token_fixture.hpp"

#include <atomic>
#include <openssl/err.h>
#include <thread>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

std::string header_of(const signing_key& key, const std::string& more) {
  return R"({"alg":")" + key.algorithm() + '"' + more + '}';
}

/// The verdict on a token with such a header, signed rightly.
std::string with_header(const std::string& more) {
  auto& key = secret_key();
  return verdict(verifier_of(key), signed_token(key, header_of(key, more), ada));
}

std::string with_claims(const std::string& claims, token_policy policy = {},
                        wall_time now = token_time) {
  return verdict(verifier_of(secret_key(), std::move(policy)), signed_token(secret_key(), claims),
                 now);
}

// The keys and tokens of RFC 7515 appendix A.1, A.2 and A.3. They have no `sub`.
constexpr auto rfc_claims
  = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr wall_time rfc_time{1300819379s};

constexpr auto rfc_a1_key
  = R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
constexpr auto rfc_a1_header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
constexpr auto rfc_a1_signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

constexpr auto rfc_a2_key
  = R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp)"
    R"(-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7)"
    R"(OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qC)"
    R"(o5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp)"
    R"(oQ"})";
constexpr auto rfc_a2_header = "eyJhbGciOiJSUzI1NiJ9";
constexpr auto rfc_a2_signature
  = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

constexpr auto rfc_a3_key
  = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr auto rfc_a3_header = "eyJhbGciOiJFUzI1NiJ9";
constexpr auto rfc_a3_signature
  = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// What a verifier says to a token of the RFC, and to the same with one bit of its claims changed.
std::pair<std::string, std::string> on_rfc_token(const char* key, const std::string& header,
                                                 const std::string& signature) {
  auto verifier = verifier_of(jwks({key}));
  auto token = header + '.' + rfc_claims + '.' + signature;
  auto forged = token;
  ++forged[header.size() + 9];
  return {verdict(verifier, token, rfc_time), verdict(verifier, forged, rfc_time)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(jwt_verifier)

BOOST_AUTO_TEST_CASE(a_token_of_each_algorithm_says_who_it_is_for) {
  for (auto& key : all_keys())
    BOOST_TEST(verdict(verifier_of(key), signed_token(key, ada)) == "ada");
}

BOOST_AUTO_TEST_CASE(the_claims_are_handed_on) {
  token_policy policy;
  policy.issuer = "https://id.example";
  policy.audience = "chat";
  auto result
    = verifier_of(ec_key(), policy)
        .verify(signed_token(ec_key(), R"({"sub":"ada","iss":"https://id.example","vip":true,)"
                                       R"("aud":["news","chat"],"exp":1700003600})"),
                token_time);
  BOOST_REQUIRE(std::holds_alternative<token_claims>(result));
  auto& claims = std::get<token_claims>(result);
  BOOST_TEST((claims.expires == 1700003600));
  BOOST_TEST(claims.priority);
  BOOST_TEST(claims.audience.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_hs256_example_of_rfc_7515_verifies) {
  auto [genuine, forged] = on_rfc_token(rfc_a1_key, rfc_a1_header, rfc_a1_signature);
  BOOST_TEST(genuine == "(no_subject)");
  BOOST_TEST(forged == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(the_rs256_example_of_rfc_7515_verifies) {
  auto [genuine, forged] = on_rfc_token(rfc_a2_key, rfc_a2_header, rfc_a2_signature);
  BOOST_TEST(genuine == "(no_subject)");
  BOOST_TEST(forged == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(the_es256_example_of_rfc_7515_verifies) {
  auto [genuine, forged] = on_rfc_token(rfc_a3_key, rfc_a3_header, rfc_a3_signature);
  BOOST_TEST(genuine == "(no_subject)");
  BOOST_TEST(forged == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(no_token_is_missing_and_a_long_one_is_not_looked_at) {
  auto verifier = verifier_of(secret_key());
  BOOST_TEST(verdict(verifier, "") == "(missing)");
  auto padded = [](std::size_t by) {
    return signed_token(secret_key(),
                        R"({"sub":"ada","exp":1700003600,"x":")" + std::string(by, 'x') + "\"}");
  };
  std::size_t most = 0;
  while (padded(most + 1).size() <= max_token_size)
    ++most;
  BOOST_TEST(padded(most).size() >= max_token_size - 1);
  BOOST_TEST(verdict(verifier, padded(most)) == "ada");
  BOOST_TEST(verdict(verifier, padded(most + 3)) == "(too_long)");
}

BOOST_AUTO_TEST_CASE(a_kid_chooses_the_key_among_several) {
  auto verifier = verifier_of(jwks({rsa_key().jwk("r"), ec_key().jwk("e"), secret_key().jwk("s")}));
  BOOST_TEST(verdict(verifier, named_token(rsa_key(), ada, "r")) == "ada");
  BOOST_TEST(verdict(verifier, named_token(ec_key(), ada, "e")) == "ada");
  BOOST_TEST(verdict(verifier, named_token(secret_key(), ada, "s")) == "ada");
}

BOOST_AUTO_TEST_CASE(without_a_kid_every_key_of_the_algorithm_is_tried) {
  const signing_key other{std::string(32, 'x')}, third{std::string(32, 'y')};
  auto verifier = verifier_of(
    jwks({other.jwk("o"), rsa_key().jwk("r"), secret_key().jwk("s"), ec_key().jwk()}));
  BOOST_TEST(verdict(verifier, signed_token(secret_key(), ada)) == "ada");
  BOOST_TEST(verdict(verifier, signed_token(other, ada)) == "ada");
  BOOST_TEST(verdict(verifier, signed_token(third, ada)) == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(keys_without_names_serve_tokens_with_any_kid) {
  auto verifier = verifier_of(rsa_key().public_pem());
  BOOST_TEST(verdict(verifier, named_token(rsa_key(), ada, "of-the-issuer")) == "ada");
}

BOOST_AUTO_TEST_CASE(the_type_of_a_token_may_be_left_out_or_be_one_of_jwt) {
  for (auto type : {R"("JWT")", R"("jwt")", R"("at+jwt")", R"("AT+JWT")", R"("application/jwt")",
                    R"("application/at+jwt")"})
    BOOST_TEST(with_header(std::string{",\"typ\":"} + type) == "ada", type);
  BOOST_TEST(with_header("") == "ada");
  for (auto type : {R"("dpop+jwt")", R"("logout+jwt")", R"("JWT ")", R"("")", R"("JOSE")", "null",
                    "1", R"(["JWT"])"})
    BOOST_TEST(with_header(std::string{",\"typ\":"} + type) == "(unsupported_header)", type);
}

BOOST_AUTO_TEST_CASE(an_extension_that_must_be_understood_is_refused) {
  for (auto more : {R"(,"crit":["exp"],"exp":1)", R"(,"crit":[])", R"(,"crit":null)",
                    R"(,"b64":false,"crit":["b64"])", R"(,"b64":false)", R"(,"b64":true)"})
    BOOST_TEST(with_header(more) == "(unsupported_header)", more);
}

BOOST_AUTO_TEST_CASE(what_else_a_header_says_is_ignored) {
  BOOST_TEST(with_header(R"(,"cty":"x","zip":"DEF","x5t":"abc","anything":[{"a":1}])") == "ada");
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_object_with_each_name_once_is_malformed) {
  auto verifier = verifier_of(secret_key());
  for (auto header :
       {"", "null", "[]", "\"HS256\"", "{}", "{\"alg\":null}", "{\"alg\":[\"HS256\"]}",
        R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","\u0061lg":"HS256"})",
        R"({"alg":"HS256","kid":1})", R"({"alg":"HS256","kid":null})", R"({"alg":"HS256"},)",
        "{\"alg\":\"HS256\",\"kid\":\"\xff\"}"})
    BOOST_TEST(verdict(verifier, signed_token(secret_key(), header, ada)) == "(malformed)", header);
}

BOOST_AUTO_TEST_CASE(a_header_may_nest_32_levels) {
  BOOST_TEST(with_header(",\"a\":" + nested(31)) == "ada");
  BOOST_TEST(with_header(",\"a\":" + nested(32)) == "(malformed)");
  BOOST_TEST(with_header(",\"a\":" + nested(2900)) == "(malformed)");
}

BOOST_AUTO_TEST_CASE(claims_that_are_no_object_with_each_name_once_are_malformed) {
  for (auto claims :
       {"", "null", "[]", "\"ada\"", "7", R"({"sub":"ada","sub":"eve","exp":1700003600})",
        R"({"sub":"ada","exp":1,"\u0065xp":1700003600})", "{\"sub\":\"\xc3\x28\"}"})
    BOOST_TEST(with_claims(claims) == "(malformed)", claims);
  BOOST_TEST(with_claims(R"({"sub":"ada","exp":1700003600,"x":)" + nested(31) + "}") == "ada");
  BOOST_TEST(with_claims(R"({"sub":"ada","exp":1700003600,"x":)" + nested(32) + "}")
             == "(malformed)");
}

BOOST_AUTO_TEST_CASE(a_claim_that_cannot_be_is_refused) {
  for (auto claims :
       {R"({"sub":"ada","exp":"1700003600"})", R"({"sub":"ada","exp":-1})",
        R"({"sub":"ada","exp":1e300})", R"({"sub":"ada","exp":1700003600000})",
        R"({"sub":"","exp":1700003600})", R"({"sub":7,"exp":1700003600})",
        R"({"sub":"a\u0000b","exp":1700003600})", R"({"sub":"ada","exp":1700003600,"aud":7})"})
    BOOST_TEST(with_claims(claims) == "(bad_claim)", claims);
}

BOOST_AUTO_TEST_CASE(the_policy_is_asked) {
  using namespace std::chrono;
  constexpr wall_time expiry{seconds{1700003600}};
  BOOST_TEST(with_claims(ada, {}, expiry - 1ms) == "ada");
  BOOST_TEST(with_claims(ada, {}, expiry) == "(expired)");
  BOOST_TEST(with_claims(R"({"sub":"ada"})") == "(no_expiry)");
  BOOST_TEST(with_claims(R"({"exp":1700003600})") == "(no_subject)");
  BOOST_TEST(with_claims(R"({"sub":"ada","exp":1700003600,"nbf":1700000001})")
             == "(not_yet_valid)");
  BOOST_TEST(with_claims(R"({"sub":"ada","exp":1700003600,"nbf":1700000000})") == "ada");
  token_policy lenient;
  lenient.leeway = 30s;
  BOOST_TEST(with_claims(ada, lenient, expiry + 30s - 1ms) == "ada");
  BOOST_TEST(with_claims(ada, lenient, expiry + 30s) == "(expired)");
  token_policy policy;
  policy.issuer = "https://id.example";
  policy.audience = "chat";
  auto claims
    = [](const std::string& more) { return R"({"sub":"ada","exp":1700003600,)" + more + '}'; };
  BOOST_TEST(with_claims(claims(R"("iss":"https://id.example","aud":"chat")"), policy) == "ada");
  BOOST_TEST(with_claims(claims(R"("iss":"https://evil.example","aud":"chat")"), policy)
             == "(wrong_issuer)");
  BOOST_TEST(with_claims(claims(R"("aud":"chat")"), policy) == "(wrong_issuer)");
  BOOST_TEST(with_claims(claims(R"("iss":"https://id.example","aud":"news")"), policy)
             == "(wrong_audience)");
  BOOST_TEST(with_claims(claims(R"("iss":"https://id.example","aud":["news","chats"])"), policy)
             == "(wrong_audience)");
  BOOST_TEST(with_claims(claims(R"("iss":"https://id.example")"), policy) == "(wrong_audience)");
}

BOOST_AUTO_TEST_CASE(claims_of_a_token_that_nobody_signed_are_not_judged) {
  auto token = signed_token(secret_key(), R"({"sub":"ada","exp":1})");
  auto last = token.find_last_of('.') + 5;
  token[last] = token[last] == 'A' ? 'B' : 'A';
  BOOST_TEST(verdict(verifier_of(secret_key()), token) == "(bad_signature)");
}

BOOST_AUTO_TEST_CASE(nothing_stays_in_the_queue_of_openssl) {
  ERR_clear_error();
  for (auto& key : all_keys()) {
    auto token = signed_token(key, ada);
    token.resize(token.size() - 4);
    verdict(verifier_of(key), token);
    BOOST_TEST(ERR_peek_error() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(several_threads_verify_at_the_same_time) {
  auto verifier = verifier_of(jwks({rsa_key().jwk("r"), ec_key().jwk("e"), secret_key().jwk("s")}));
  const std::string tokens[] = {named_token(rsa_key(), ada, "r"), named_token(ec_key(), ada, "e"),
                                named_token(secret_key(), ada, "s")};
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        for (auto& token : tokens)
          accepted += std::holds_alternative<token_claims>(verifier.verify(token, token_time));
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(accepted == 4 * 50 * 3);
}

BOOST_AUTO_TEST_SUITE_END()
