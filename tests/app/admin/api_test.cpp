// Which endpoint answers, and what is said when none does.
#include "app/admin/api/api.hpp"
#include "tests/app/admin/fake_exchange.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::admin;
using holdfast::admin::test::asked;

namespace {

/// Endpoints that answer with their own name and what was in the place of the braces.
api sample() {
  auto named = [](std::string name) {
    return [name](const exchange_ptr& to, const std::string& rest) {
      reply(*to, {{"name", name}, {"rest", rest}});
    };
  };
  return api{{{"GET", "/v1/drain", named("drain")},
              {"POST", "/v1/drain", named("begin")},
              {"POST", "/v1/drain/cancel", named("cancel")},
              {"GET", "/v1/actors/{}", named("actor")},
              {"GET", "/v1/connections/{}", named("connection")},
              {"GET", "/v1/connections/{}/health", named("health")},
              {"POST", "/v1/connections/kick", named("kick")}}};
}

nlohmann::ordered_json answer_of(const std::string& method, const std::string& path) {
  auto exchange = asked(method, path);
  sample().answer(exchange);
  BOOST_TEST(exchange->answers == 1);
  return exchange->body();
}

} // namespace

BOOST_AUTO_TEST_SUITE(admin_api)

BOOST_AUTO_TEST_CASE(method_and_path_choose_who_answers) {
  BOOST_TEST(answer_of("GET", "/v1/drain")["name"] == "drain");
  BOOST_TEST(answer_of("POST", "/v1/drain")["name"] == "begin");
  BOOST_TEST(answer_of("POST", "/v1/drain/cancel")["name"] == "cancel");
}

BOOST_AUTO_TEST_CASE(a_name_in_the_path_may_have_slashes) {
  BOOST_TEST(answer_of("GET", "/v1/actors/pool/0")["rest"] == "pool/0");
  BOOST_TEST(answer_of("GET", "/v1/actors/pool")["rest"] == "pool");
}

BOOST_AUTO_TEST_CASE(what_stands_behind_the_name_counts) {
  auto health = answer_of("GET", "/v1/connections/a-1/health");
  BOOST_TEST(health["name"] == "health");
  BOOST_TEST(health["rest"] == "a-1");
}

BOOST_AUTO_TEST_CASE(another_method_is_405_with_those_that_are_allowed) {
  auto exchange = asked("DELETE", "/v1/drain");
  sample().answer(exchange);
  BOOST_TEST(exchange->status == 405);
  BOOST_TEST(exchange->error() == "method_not_allowed");
  BOOST_REQUIRE(exchange->sent_headers.size() == 1);
  BOOST_TEST(exchange->sent_headers[0].first == "Allow");
  BOOST_TEST(exchange->sent_headers[0].second == "GET, HEAD, POST");
}

BOOST_AUTO_TEST_CASE(an_unknown_path_is_404_and_names_the_nearest) {
  auto exchange = asked("GET", "/v1/drian");
  sample().answer(exchange);
  BOOST_TEST(exchange->status == 404);
  BOOST_TEST(exchange->error() == "not_found");
  BOOST_TEST(exchange->text.find("did you mean /v1/drain?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_in_the_place_of_a_name_is_404) {
  BOOST_TEST(answer_of("GET", "/v1/actors/")["error"]["code"] == "not_found");
}

BOOST_AUTO_TEST_CASE(a_body_is_one_object_with_known_fields) {
  auto fields = [](const std::string& body) {
    auto exchange = asked("POST", "/", body);
    auto read = fields_of(*exchange, {"rate", "limit"});
    BOOST_TEST(read.has_value() == (exchange->answers == 0));
    return read ? read->dump() : std::to_string(exchange->status) + exchange->text;
  };
  BOOST_TEST(fields("") == "{}");
  BOOST_TEST(fields(R"({"rate":5})") == R"({"rate":5})");
  for (auto* wrong : {"[]", "7", "null", "{", "{\"rate\":5}x", "{\"rate\":\"\xff\"}", "nonsense"})
    BOOST_TEST(fields(wrong).substr(0, 3) == "400", wrong);
  BOOST_TEST(fields(std::string(100'000, '[')).substr(0, 3) == "400");
  auto mistyped = fields(R"({"rat":5})");
  BOOST_TEST(mistyped.find("did you mean rate?") != std::string::npos);
  BOOST_TEST(mistyped.find("taken are rate, limit") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_parameter_is_400) {
  auto exchange = asked("GET", "/", {}, {{"limit", "1"}, {"sorted", "age"}});
  BOOST_TEST(!knows_parameters(*exchange, {"limit", "sort"}));
  BOOST_TEST(exchange->status == 400);
  BOOST_TEST(exchange->text.find("did you mean sort?") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
