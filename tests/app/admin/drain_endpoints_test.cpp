// Drains by the admin API, over a whole node in virtual time.
#include "app/admin/api/endpoints.hpp"
#include "tests/app/admin/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace holdfast::admin;
using namespace holdfast::admin::test;
using namespace std::chrono_literals;

namespace {

struct draining_node : api_node {
  draining_node() : api_node{slow_drain(), drain_endpoints} {
    for (std::size_t i = 0; i < 40; ++i)
      node.connect(i % 2, "/echo");
  }

  static node_settings slow_drain() {
    auto settings = test_settings();
    settings.shards = 2;
    settings.shutdown.reconnect_rate = 10;
    settings.shutdown.drain_timeout = 20s;
    settings.shutdown.force_close_timeout = 30s;
    return settings;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_drain, draining_node)

BOOST_AUTO_TEST_CASE(a_plan_is_shown_and_nothing_is_changed) {
  auto plan = ask("POST", "/v1/drain", R"({"plan":true})");
  BOOST_TEST(plan->status == 200);
  BOOST_TEST(plan->body()["population"]["plain"] == 40);
  BOOST_TEST(plan->body()["planned_end_ms"] == 4000);
  BOOST_TEST(plan->body()["fits"] == true);
  BOOST_TEST(ask("GET", "/v1/drain")->body()["phase"] == "serving");
  BOOST_TEST(node.open() == 40);
}

BOOST_AUTO_TEST_CASE(a_plan_may_be_for_another_rate) {
  auto plan = ask("POST", "/v1/drain", R"({"plan":true,"reconnect_rate":20})");
  BOOST_TEST(plan->body()["planned_end_ms"] == 2000);
}

BOOST_AUTO_TEST_CASE(a_drain_begins_is_followed_and_cancelled) {
  BOOST_TEST(ask("GET", "/v1/drain")->body()["ledger"].is_null());
  auto begun = ask("POST", "/v1/drain", "{}");
  BOOST_TEST(begun->status == 202);
  BOOST_TEST(begun->body()["reason"] == "admin");
  node.advance(1s);
  auto status = ask("GET", "/v1/drain")->body();
  BOOST_TEST(status["phase"] == "draining");
  BOOST_TEST(status["open"] == node.open());
  BOOST_TEST(status["ledger"]["connections"] == 40);
  BOOST_TEST(ask("POST", "/v1/drain", "{}")->status == 409);
  auto cancelled = ask("POST", "/v1/drain/cancel");
  BOOST_TEST(cancelled->status == 200);
  BOOST_TEST(cancelled->body()["phase"] == "serving");
  BOOST_TEST(cancelled->body()["reason"].is_null());
  BOOST_TEST(cancelled->body()["ledger"]["connections"] == 40);
  BOOST_TEST(node.open() > 0);
  BOOST_TEST(ask("POST", "/v1/drain/cancel")->error() == "conflict");
}

BOOST_AUTO_TEST_CASE(numbers_out_of_range_begin_nothing) {
  for (auto* wrong :
       {R"({"reconnect_rate":0})", R"({"reconnect_rate":-1})", R"({"reconnect_rate":1.5})",
        R"({"reconnect_rate":"500"})", R"({"timeout_ms":0})", R"({"lb_grace_ms":99999999999})",
        R"({"plan":"yes"})", R"({"rate":5})", "[]"}) {
    BOOST_TEST(ask("POST", "/v1/drain", wrong)->error() == "bad_request", wrong);
    BOOST_TEST(ask("GET", "/v1/drain")->body()["phase"] == "serving");
  }
}

BOOST_AUTO_TEST_CASE(a_shutdown_actor_that_does_not_answer_is_504) {
  peers.shutdown = silent<shutdown_actor>();
  BOOST_TEST(ask("GET", "/v1/drain")->error() == "timeout");
  BOOST_TEST(ask("POST", "/v1/drain", "{}")->error() == "timeout");
  BOOST_TEST(ask("POST", "/v1/drain/cancel")->error() == "timeout");
}

BOOST_AUTO_TEST_SUITE_END()
