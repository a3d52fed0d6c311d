#include "app/console/json.hpp"
#include "app/console/parse.hpp"
#include "app/console/plan.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::console;

namespace {

using words = std::vector<std::string>;

asked read(const words& given) {
  auto result = parse(given, place::command_line);
  if (auto* wrong = std::get_if<mistake>(&result))
    BOOST_FAIL(wrong->text);
  return std::get<asked>(result);
}

std::string target(const words& given) {
  return plan(read(given)).target;
}

std::string body(const request& of) {
  return of.method + " " + of.target + " " + of.body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_plan)

BOOST_AUTO_TEST_CASE(plain_commands_are_plain_targets) {
  BOOST_TEST(target({"status"}) == "/v1/status");
  BOOST_TEST(target({"pool"}) == "/v1/pool");
  BOOST_TEST(target({"stats"}) == "/v1/stats");
  BOOST_TEST(target({"health"}) == "/v1/health");
  BOOST_TEST(target({"health", "a-1"}) == "/v1/connections/a-1/health");
  BOOST_TEST(target({"conns", "health", "a-1"}) == "/v1/connections/a-1/health");
  BOOST_TEST(target({"conns", "show", "a-1"}) == "/v1/connections/a-1");
  BOOST_TEST(target({"actors", "show", "pool/0"}) == "/v1/actors/pool/0");
  BOOST_TEST(target({"actors", "list", "--kind", "pool"}) == "/v1/actors?kind=pool");
  BOOST_TEST(target({"users", "--near", "--limit", "5"}) == "/v1/users?near=1&limit=5");
  BOOST_TEST(target({"alerts"}) == "/v1/alerts");
  BOOST_TEST(target({"drain", "status"}) == "/v1/drain");
  BOOST_TEST(body(plan(read({"health", "--validate"}))) == "POST /v1/health/validate {}");
  BOOST_TEST(body(plan(read({"reload"}))) == "POST /v1/reload {}");
  BOOST_TEST(body(plan(read({"drain", "cancel"}))) == "POST /v1/drain/cancel {}");
}

BOOST_AUTO_TEST_CASE(selectors_become_a_query) {
  BOOST_TEST(target({"conns", "list", "--user", "u1", "--user", "u2", "--state", "open",
                     "--queue-gt", "64KiB", "--sort", "-rtt"})
             == "/v1/connections?user=u1&user=u2&state=open&queue_gt=64KiB&sort=-rtt");
  BOOST_TEST(target({"conns", "--idle-gt", "30s", "--limit", "5"})
             == "/v1/connections?idle_gt=30s&limit=5");
  BOOST_TEST(target({"zombies"}) == "/v1/connections?state=zombie&limit=1000");
  BOOST_TEST(target({"conns", "top", "--by", "rtt"}) == "/v1/connections?limit=10&sort=-rtt");
  BOOST_TEST(target({"closed", "--user", "u42", "--limit", "1"}) == "/v1/closed?user=u42&limit=1");
}

BOOST_AUTO_TEST_CASE(what_is_written_cannot_leave_its_place) {
  BOOST_TEST(target({"closed", "--user", "a&limit=9 b#/%"})
             == "/v1/closed?user=a%26limit%3D9%20b%23%2F%25");
  BOOST_TEST(target({"conns", "show", "a?b c"}) == "/v1/connections/a%3Fb%20c");
}

BOOST_AUTO_TEST_CASE(streams_ask_for_lines) {
  auto trace = plan(read({"conns", "trace", "a-1", "--for", "1m"}));
  BOOST_TEST(trace.target == "/v1/trace?for=1m&id=a-1");
  BOOST_TEST(trace.accept == "application/x-ndjson");
  BOOST_TEST(plan(read({"events", "--level", "warn"})).target == "/v1/events?level=warn");
  BOOST_TEST(plan(read({"conns", "--all", "--json"})).accept == "application/x-ndjson");
  BOOST_TEST(plan(read({"conns", "--all"})).accept == "application/json");
  BOOST_TEST(is_stream(read({"events"})));
  BOOST_TEST(!is_stream(read({"conns", "--json"})));
}

BOOST_AUTO_TEST_CASE(a_kick_is_one_object) {
  auto kick = plan(read({"conns", "kick", "--user", "u1", "--idle-gt", "1m", "--rate", "50",
                         "--reason", "over \"quota\"", "--code", "4503", "--yes"}));
  BOOST_TEST(kick.method == "POST");
  BOOST_TEST(kick.target == "/v1/connections/kick");
  BOOST_TEST((nlohmann::json::parse(kick.body)
              == nlohmann::json::parse(R"({"user":["u1"],"idle_gt":"1m","rate":50,
                                 "reason":"over \"quota\"","code":4503,"dry_run":false})")));
  auto both
    = nlohmann::json::parse(plan(read({"conns", "kick", "a", "--id", "b", "--dry-run"})).body);
  BOOST_TEST((both == nlohmann::json::parse(R"({"id":["b","a"],"dry_run":true})")));
  BOOST_TEST((nlohmann::json::parse(plan(read({"conns", "kick", "--all", "--yes"})).body)
              == nlohmann::json::parse(R"({"all":true,"dry_run":false})")));
}

BOOST_AUTO_TEST_CASE(an_actor_gets_every_argument) {
  BOOST_TEST(
    body(plan(read({"actors", "spawn", "ticker", "--arg", "text=a, b=c", "--arg", "ms=5"})))
    == "POST /v1/actors/spawn "
       R"({"type":"ticker","name":"ticker","arguments":{"text":"a, b=c","ms":"5"}})");
}

BOOST_AUTO_TEST_CASE(a_drain_takes_times_in_milliseconds) {
  auto start = plan(read(
    {"drain", "--lb-grace", "5s", "--reconnect-rate", "200", "--drain-timeout", "1m30s", "--yes"}));
  BOOST_TEST(
    (nlohmann::json::parse(start.body)
     == nlohmann::json::parse(R"({"lb_grace_ms":5000,"reconnect_rate":200,"timeout_ms":90000})")));
  BOOST_TEST(plan(read({"drain", "--plan"})).body == R"({"plan":true})");
  BOOST_TEST(plan(read({"drain", "--dry-run"})).body == R"({"plan":true})");
}

BOOST_AUTO_TEST_CASE(a_rehearsal_changes_nothing) {
  BOOST_TEST((nlohmann::json::parse(rehearsal(read({"conns", "kick", "--all"})).body)
              == nlohmann::json::parse(R"({"all":true,"dry_run":true})")));
  BOOST_TEST(rehearsal(read({"drain"})).body == R"({"plan":true})");
  BOOST_TEST(rehearsal(read({"zombies", "clean"})).method == "GET");
  BOOST_TEST(plan(read({"zombies", "clean", "--dry-run"})).method == "GET");
  BOOST_TEST(rehearsal(read({"status"})).target.empty());
}

BOOST_AUTO_TEST_CASE(only_changes_for_many_are_asked_about) {
  for (auto& given : std::vector<words>{{"conns", "kick", "--user", "u"},
                                        {"conns", "kick", "a", "b"},
                                        {"conns", "kick", "--all"},
                                        {"zombies", "clean"},
                                        {"drain"}})
    BOOST_TEST(hits_many(read(given)), given.back());
  for (auto& given : std::vector<words>{{"conns", "kick", "a"},
                                        {"conns", "kick", "--all", "--dry-run"},
                                        {"drain", "--plan"},
                                        {"drain", "cancel"},
                                        {"reload"},
                                        {"status"}})
    BOOST_TEST(!hits_many(read(given)), given.back());
}

BOOST_AUTO_TEST_SUITE_END()
