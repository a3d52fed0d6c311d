// What the node says of itself, over a whole node in virtual time.
#include "app/admin/api/endpoints.hpp"
#include "tests/app/admin/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;
using namespace holdfast::admin;
using namespace holdfast::admin::test;
using namespace std::chrono_literals;

namespace {

std::vector<endpoint> rooms(api_context& node) {
  auto all = vitals_endpoints(node);
  for (auto* more : {node_endpoints, action_endpoints, connection_endpoints, actor_endpoints,
                     control_endpoints, stream_endpoints})
    for (auto& each : more(node))
      all.push_back(each);
  return all;
}

control_calls nothing_but_levels() {
  control_calls calls;
  calls.reload = [](auto answer) { answer(reload_result{{"pool.reserve"}, {"listen"}, {}, {}}); };
  calls.items = [](auto answer) {
    answer(std::vector<config_item>{{"pool.reserve", "0", "default", true}});
  };
  calls.set_log_level = [](log_level) {};
  return calls;
}

struct busy_node : api_node {
  busy_node() : api_node{settings(), rooms, nothing_but_levels()} {
    for (int i = 0; i < 50; ++i)
      node.connect(static_cast<std::size_t>(i % 2), "/echo?user=u" + std::to_string(i));
    node.advance(3s);
  }

  static node_settings settings() {
    auto settings = test_settings();
    settings.shards = 2;
    settings.max_total_connections = 100;
    return settings;
  }

  nlohmann::ordered_json get(const std::string& path) { return ask("GET", path)->body(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_vitals, busy_node)

BOOST_AUTO_TEST_CASE(the_status_has_the_node_at_a_glance) {
  auto status = get("/v1/status");
  BOOST_TEST(status["connections"]["open"] == 50);
  BOOST_TEST(status["connections"]["utilisation"] == 0.5);
  BOOST_TEST(status["connections"]["states"]["open"] == 50);
  BOOST_TEST(status["node"]["phase"] == "serving");
  BOOST_TEST(status["actors"]["live"].get<int>() > 50);
  BOOST_TEST(status["alerts"].empty());
  BOOST_TEST(status["partial"].empty());
}

BOOST_AUTO_TEST_CASE(statistics_come_in_three_groups) {
  auto stats = get("/v1/stats");
  BOOST_TEST(stats["lifecycle"]["admitted"] == 50);
  BOOST_TEST(stats["pool"]["open"] == 50);
  BOOST_TEST(stats["heartbeat"].contains("pings"));
}

BOOST_AUTO_TEST_CASE(all_five_alerts_are_listed) {
  BOOST_TEST(get("/v1/alerts")["items"].size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_healthy_node_has_no_findings_and_a_draining_one_has) {
  BOOST_TEST(get("/v1/health")["healthy"] == true);
  node.tell_shutdown(start_drain{});
  node.advance(20ms);
  BOOST_TEST(get("/v1/health")["healthy"] == false);
}

BOOST_AUTO_TEST_CASE(who_does_not_answer_is_named_and_the_rest_is_told) {
  peers.health = silent<health_actor>();
  auto status = get("/v1/status");
  BOOST_TEST(status["partial"] == nlohmann::ordered_json::array({"health"}));
  BOOST_TEST(status["connections"]["open"] == 50);
  BOOST_TEST(get("/v1/health")["healthy"] == false);
  BOOST_TEST(ask("GET", "/livez")->status == 503);
}

BOOST_AUTO_TEST_CASE(a_live_node_that_drains_is_not_ready) {
  BOOST_TEST(ask("GET", "/livez")->status == 200);
  BOOST_TEST(ask("GET", "/readyz")->status == 200);
  node.tell_shutdown(start_drain{});
  node.run();
  BOOST_TEST(ask("GET", "/readyz")->status == 503);
}

BOOST_AUTO_TEST_CASE(metrics_are_text) {
  auto answer = ask("GET", "/metrics");
  BOOST_TEST(answer->text.find("holdfast_connections{state=\"open\"} 50\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_validation_checks_everyone_and_the_books) {
  auto report = ask("POST", "/v1/health/validate")->body();
  BOOST_TEST(report["checked"] == 50);
  BOOST_TEST(report["problem_count"] == 0);
  BOOST_TEST(!report["books"].empty());
  for (auto& book : report["books"])
    BOOST_TEST(book["ok"] == true, book.dump());
}

BOOST_AUTO_TEST_CASE(one_connection_is_judged) {
  auto id = get("/v1/connections")["items"][0]["id"].get<std::string>();
  auto health = get("/v1/connections/" + id + "/health");
  BOOST_TEST(health["healthy"] == true);
  BOOST_TEST(health["findings"].empty());
}

BOOST_AUTO_TEST_CASE(an_actor_shows_what_it_publishes) {
  auto pool = get("/v1/actors/pool");
  BOOST_TEST(pool["kind"] == "pool");
  BOOST_TEST(!pool["state"].empty());
  BOOST_TEST(get("/v1/actors/heartbeat/0")["state"]["watched"] == 25);
  BOOST_TEST(ask("GET", "/v1/actors/nobody")->status == 404);
}

BOOST_AUTO_TEST_CASE(a_reload_and_the_keys_are_told) {
  BOOST_TEST(ask("POST", "/v1/reload")->body()["taken"][0] == "pool.reserve");
  BOOST_TEST(get("/v1/config")["items"][0]["key"] == "pool.reserve");
  BOOST_TEST(ask("POST", "/v1/log", R"({"level":"debug"})")->body()["level"] == "debug");
  BOOST_TEST(ask("POST", "/v1/log", R"({"level":"loud"})")->error() == "bad_request");
  BOOST_TEST(ask("POST", "/v1/log", "{}")->error() == "bad_request");
}

BOOST_AUTO_TEST_CASE(a_trace_tells_and_ends) {
  auto traced = asked("GET", "/v1/trace", {}, {{"user", "u7"}, {"for", "2s"}});
  served.answer(traced);
  node.run();
  node.peer_closes(*node.clients[7]);
  node.peer_closes(*node.clients[8]);
  node.advance(3s);
  BOOST_TEST(traced->finished);
  BOOST_TEST(traced->text.find("\"user\":\"u7\"") != std::string::npos);
  BOOST_TEST(traced->text.find("\"user\":\"u8\"") == std::string::npos);
  BOOST_TEST(traced->text.find("{\"end\":\"time\"") != std::string::npos);
  for (auto& query : {std::pair<std::string, std::string>{"for", "1d"},
                      {"for", "0s"},
                      {"limit", "0"},
                      {"usr", "u7"}})
    BOOST_TEST(ask("GET", "/v1/trace", {}, {query})->error() == "bad_request");
}

BOOST_AUTO_TEST_CASE(events_are_told_until_the_reader_has_gone) {
  auto reader = asked("GET", "/v1/events");
  served.answer(reader);
  node.run();
  events.write(log_level::info, "phase", {{"phase", "notify"}});
  events.write(log_level::debug, "admitted", {});
  io.run();
  BOOST_TEST(reader->text.find("event: phase\ndata: {") != std::string::npos);
  BOOST_TEST(reader->text.find("admitted") == std::string::npos);
  node.advance(31s);
  BOOST_TEST(reader->text.find("\n:\n\n") != std::string::npos);
  reader->left();
  node.run();
  auto before = reader->text;
  events.write(log_level::info, "later", {});
  io.restart();
  io.run();
  node.advance(31s);
  BOOST_TEST(reader->text == before);
  BOOST_TEST(ask("GET", "/v1/events", {}, {{"level", "loud"}})->error() == "bad_request");
}

BOOST_AUTO_TEST_SUITE_END()
