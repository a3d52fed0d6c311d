#include "protocol/token.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <set>
#include <string>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1700000000; // seconds

wall_time at(std::int64_t seconds, std::chrono::milliseconds more = 0ms) {
  return wall_time{std::chrono::seconds{seconds} + more};
}

/// `claims` as a label: "read", or the fault.
std::string reading(const std::string& claims) {
  auto result = read_claims(claims, "vip");
  auto* fault = std::get_if<token_fault>(&result);
  return fault == nullptr ? "read" : std::string{to_string(*fault)};
}

token_claims read(const std::string& claims, std::string_view priority_claim = "vip") {
  auto result = read_claims(claims, priority_claim);
  BOOST_REQUIRE(std::holds_alternative<token_claims>(result));
  return std::get<token_claims>(result);
}

token_claims valid_claims() {
  token_claims claims;
  claims.subject = "ada";
  claims.expires = noon + 60;
  return claims;
}

token_policy without_leeway() {
  token_policy policy;
  policy.leeway = 0s;
  return policy;
}

std::string verdict(const token_claims& claims, const token_policy& policy, wall_time now) {
  auto fault = check(claims, policy, now);
  return fault ? std::string{to_string(*fault)} : "holds";
}

} // namespace

BOOST_AUTO_TEST_SUITE(token)

BOOST_AUTO_TEST_CASE(claims_that_are_asked_for_become_attributes) {
  auto result = read_claims(R"({"sub":"ada","role":"admin","org":{"id":7},"n":1,"mail":"a@b"})", "",
                            {"role", "org", "n", "none"});
  BOOST_REQUIRE(std::holds_alternative<token_claims>(result));
  named_texts expected{{"role", "admin"}, {"org", R"({"id":7})"}, {"n", "1"}};
  BOOST_TEST((std::get<token_claims>(result).attributes == expected));
}

BOOST_AUTO_TEST_CASE(claims_are_read) {
  auto claims = read(R"({"sub":"ada","iss":"https://id.example","aud":"chat","exp":1700000060,)"
                     R"("nbf":1700000000,"iat":1699999999,"vip":true,"name":"Ada","x":[{}]})");
  BOOST_TEST(claims.subject == "ada");
  BOOST_TEST((claims.issuer == "https://id.example"));
  BOOST_TEST((claims.audience == std::vector<std::string>{"chat"}));
  BOOST_TEST((claims.expires == 1700000060));
  BOOST_TEST((claims.not_before == 1700000000));
  BOOST_TEST((claims.issued_at == 1699999999));
  BOOST_TEST(claims.priority);
}

BOOST_AUTO_TEST_CASE(claims_that_are_absent_are_no_fault_of_reading) {
  auto claims = read("{}");
  BOOST_TEST(claims.subject.empty());
  BOOST_TEST(!claims.issuer.has_value());
  BOOST_TEST(claims.audience.empty());
  BOOST_TEST(!claims.expires.has_value());
  BOOST_TEST(!claims.priority);
}

BOOST_AUTO_TEST_CASE(an_audience_may_be_several) {
  auto claims = read(R"({"aud":["chat","news"]})");
  BOOST_TEST((claims.audience == std::vector<std::string>{"chat", "news"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_object_with_each_name_once_is_malformed) {
  for (auto claims : {"", "[]", "null", "\"ada\"", "{\"sub\":\"a\",\"sub\":\"b\"}",
                      "{\"exp\":1,\"\\u0065xp\":2}", "{\"sub\":\"\xff\"}", "{\"sub\":\"a\"}}"})
    BOOST_TEST(reading(claims) == "malformed", claims);
}

BOOST_AUTO_TEST_CASE(claims_may_nest_32_levels) {
  auto nested = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  BOOST_TEST(reading(nested(32)) == "read");
  BOOST_TEST(reading(nested(33)) == "malformed");
}

BOOST_AUTO_TEST_CASE(a_subject_that_cannot_be_is_refused) {
  for (auto subject : {"\"\"", "1", "null", "true", "[\"ada\"]", "{}", R"("a\nb")", R"("\u0000")",
                       R"("a\u007f")", R"("\u001b[2J")"})
    BOOST_TEST(reading(std::string{"{\"sub\":"} + subject + "}") == "bad_claim", subject);
  BOOST_TEST(reading("{\"sub\":\"" + std::string(256, 'a') + "\"}") == "read");
  BOOST_TEST(reading("{\"sub\":\"" + std::string(257, 'a') + "\"}") == "bad_claim");
  BOOST_TEST(read(R"({"sub":"J\u00fcrgen \ud83d\ude00"})").subject
             == "J\xc3\xbcrgen \xf0\x9f\x98\x80");
}

BOOST_AUTO_TEST_CASE(an_issuer_or_audience_of_another_type_is_refused) {
  for (auto claims : {R"({"iss":1})", R"({"iss":null})", R"({"iss":["a"]})", R"({"aud":1})",
                      R"({"aud":null})", R"({"aud":{}})", R"({"aud":[]})", R"({"aud":["a",1]})",
                      R"({"aud":[["a"]]})", R"({"aud":[null]})"})
    BOOST_TEST(reading(claims) == "bad_claim", claims);
}

BOOST_AUTO_TEST_CASE(a_time_that_cannot_be_is_refused) {
  for (auto name : {"exp", "nbf", "iat"})
    for (auto value : {"-1", "-0.5", "\"1700000000\"", "null", "true", "[1]", "{}", "253402300800",
                       "1700000000000", "9223372036854775808", "1e18", "1e308", "1e309", "-1e309",
                       "123456789012345678901234567890"})
      BOOST_TEST(reading(std::string{"{\""} + name + "\":" + value + "}") == "bad_claim",
                 name << " " << value);
  for (auto word : {"NaN", "Infinity", "nan", "inf", "0x10", "+1", "01", ".5", "1."})
    BOOST_TEST(reading(std::string{"{\"exp\":"} + word + "}") == "malformed", word);
}

BOOST_AUTO_TEST_CASE(a_fraction_of_a_second_counts_against_the_token) {
  auto claims = read(R"({"exp":1700000000.9,"nbf":1700000000.1,"iat":1.7e9})");
  BOOST_TEST((claims.expires == 1700000000));
  BOOST_TEST((claims.not_before == 1700000001));
  BOOST_TEST((claims.issued_at == 1700000000));
}

BOOST_AUTO_TEST_CASE(the_first_and_the_last_time_can_be_named) {
  auto claims = read(R"({"exp":253402300799,"nbf":0})");
  BOOST_TEST((claims.expires == 253402300799));
  BOOST_TEST((claims.not_before == 0));
}

BOOST_AUTO_TEST_CASE(priority_is_the_value_true_and_nothing_else) {
  BOOST_TEST(read(R"({"vip":true})").priority);
  for (auto value : {"false", "1", "\"true\"", "\"yes\"", "null", "[true]", "{}"})
    BOOST_TEST(!read(std::string{"{\"vip\":"} + value + "}").priority, value);
  BOOST_TEST(!read(R"({"VIP":true,"vip ":true})").priority);
}

BOOST_AUTO_TEST_CASE(without_a_name_no_claim_gives_priority) {
  BOOST_TEST(!read(R"({"":true,"vip":true})", "").priority);
}

BOOST_AUTO_TEST_CASE(a_token_holds_up_to_its_expiry_and_not_at_it) {
  auto policy = without_leeway();
  auto claims = valid_claims();
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
  BOOST_TEST(verdict(claims, policy, at(noon + 59, 999ms)) == "holds");
  BOOST_TEST(verdict(claims, policy, at(noon + 60)) == "expired");
  BOOST_TEST(verdict(claims, policy, at(noon + 61)) == "expired");
}

BOOST_AUTO_TEST_CASE(a_token_holds_from_not_before_on) {
  auto policy = without_leeway();
  auto claims = valid_claims();
  claims.not_before = noon;
  BOOST_TEST(verdict(claims, policy, at(noon - 1, 999ms)) == "not_yet_valid");
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
}

BOOST_AUTO_TEST_CASE(the_leeway_stretches_both_ends) {
  token_policy policy;
  policy.leeway = 30s;
  auto claims = valid_claims();
  claims.not_before = noon;
  BOOST_TEST(verdict(claims, policy, at(noon - 31, 999ms)) == "not_yet_valid");
  BOOST_TEST(verdict(claims, policy, at(noon - 30)) == "holds");
  BOOST_TEST(verdict(claims, policy, at(noon + 60 + 29, 999ms)) == "holds");
  BOOST_TEST(verdict(claims, policy, at(noon + 60 + 30)) == "expired");
}

BOOST_AUTO_TEST_CASE(a_token_without_an_expiry_is_refused_unless_it_may_have_none) {
  auto claims = valid_claims();
  claims.expires.reset();
  token_policy policy;
  BOOST_TEST(verdict(claims, policy, at(noon)) == "no_expiry");
  policy.require_expiry = false;
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
}

BOOST_AUTO_TEST_CASE(the_issuer_must_be_the_one_that_is_asked_for) {
  auto claims = valid_claims();
  token_policy policy;
  policy.issuer = "https://id.example";
  BOOST_TEST(verdict(claims, policy, at(noon)) == "wrong_issuer");
  claims.issuer = "https://id.example/";
  BOOST_TEST(verdict(claims, policy, at(noon)) == "wrong_issuer");
  claims.issuer = "https://id.example";
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
  policy.issuer.clear();
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
}

BOOST_AUTO_TEST_CASE(the_audience_must_be_among_those_of_the_token) {
  auto claims = valid_claims();
  token_policy policy;
  policy.audience = "chat";
  BOOST_TEST(verdict(claims, policy, at(noon)) == "wrong_audience");
  claims.audience = {"news", "Chat"};
  BOOST_TEST(verdict(claims, policy, at(noon)) == "wrong_audience");
  claims.audience = {"news", "chat"};
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
}

BOOST_AUTO_TEST_CASE(without_an_audience_of_ours_a_token_for_anyone_else_is_refused) {
  auto claims = valid_claims();
  claims.audience = {"chat"};
  BOOST_TEST(verdict(claims, {}, at(noon)) == "wrong_audience");
  claims.audience = {""};
  BOOST_TEST(verdict(claims, {}, at(noon)) == "wrong_audience");
  claims.audience = {};
  BOOST_TEST(verdict(claims, {}, at(noon)) == "holds");
}

BOOST_AUTO_TEST_CASE(a_token_without_a_subject_is_refused) {
  auto claims = valid_claims();
  claims.subject.clear();
  BOOST_TEST(verdict(claims, {}, at(noon)) == "no_subject");
}

BOOST_AUTO_TEST_CASE(expired_is_said_only_if_a_newer_token_would_do) {
  auto claims = valid_claims();
  token_policy policy;
  policy.audience = "chat";
  BOOST_TEST(verdict(claims, policy, at(noon + 3600)) == "wrong_audience");
  claims.subject.clear();
  BOOST_TEST(verdict(claims, {}, at(noon + 3600)) == "no_subject");
}

BOOST_AUTO_TEST_CASE(the_ends_of_every_clock_are_no_trouble) {
  token_policy policy;
  policy.leeway = duration::max();
  auto claims = valid_claims();
  claims.not_before = 0;
  BOOST_TEST(verdict(claims, policy, at(noon + 3600)) == "holds");
  policy.leeway = 0s;
  claims.expires = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST(verdict(claims, policy, at(noon)) == "holds");
  claims.expires = std::numeric_limits<std::int64_t>::min();
  BOOST_TEST(verdict(claims, policy, at(noon)) == "expired");
  BOOST_TEST(verdict(valid_claims(), policy, wall_time::max()) == "expired");
  claims = valid_claims();
  claims.not_before = 1;
  BOOST_TEST(verdict(claims, policy, wall_time::min()) == "not_yet_valid");
}

BOOST_AUTO_TEST_CASE(every_fault_has_a_label_and_a_sentence_of_its_own) {
  std::set<std::string_view> labels, sentences;
  int faults = 0;
  for (auto fault = token_fault::missing; fault <= token_fault::not_yet_valid;
       fault = static_cast<token_fault>(static_cast<int>(fault) + 1), ++faults) {
    labels.insert(to_string(fault));
    sentences.insert(explain(fault));
  }
  BOOST_TEST(labels.size() == static_cast<std::size_t>(faults));
  BOOST_TEST(sentences.size() == static_cast<std::size_t>(faults));
  BOOST_TEST(labels.count("unknown") == 0u);
  BOOST_TEST(sentences.count("unknown") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
