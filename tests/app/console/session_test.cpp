#include "app/console/names.hpp"
#include "app/console/parse.hpp"
#include "app/console/repl.hpp"
#include "app/console/session.hpp"
#include "tests/app/console/answers.hpp"
#include "tests/app/console/fake_api.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>

using namespace holdfast;
using namespace holdfast::console;

namespace {

using words = std::vector<std::string>;

asked read(const words& given) {
  auto result = parse(given, place::command_line);
  if (auto* wrong = std::get_if<mistake>(&result))
    BOOST_FAIL(wrong->text);
  return std::get<asked>(result);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs commands against a fake node and keeps what they print.
struct fixture {
  fake_api node;
  std::ostringstream out, err;
  std::vector<std::string> questions;
  std::optional<bool> reply; ///< to a question; unset: there is nobody to ask
  int rounds = 1;            ///< of --watch

  exit_code run(const words& given) {
    out.str("");
    err.str("");
    stage at{out, err, {80, false, "2026-11-23"}};
    if (reply)
      at.ask = [this](const std::string& question) {
        questions.push_back(question);
        return *reply;
      };
    at.wait = [this](duration) { return --rounds > 0; };
    return session{node, "/run/holdfast.sock", at}.carry_out(read(given));
  }
};

const std::string kick_target = "POST /v1/connections/kick";
const std::string two_matched
  = R"({"dry_run":true,"matched":2,"selected":2,"kicked":0,"items":[{"id":"a-1","user":"u"},{"id":"a-2","user":null}],"partial":[]})";
const std::string two_kicked
  = R"({"dry_run":false,"matched":2,"selected":2,"kicked":2,"items":[{"id":"a-1","user":"u"},{"id":"a-2","user":null}],"partial":[]})";

} // namespace

BOOST_FIXTURE_TEST_SUITE(console_session, fixture)

BOOST_AUTO_TEST_CASE(a_screen_goes_to_standard_output) {
  node.says("GET /v1/status", answers::status);
  BOOST_TEST((run({"status"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "8,214 of 20,000"));
  BOOST_TEST(err.str() == "");
}

BOOST_AUTO_TEST_CASE(json_is_what_the_node_says_in_its_order) {
  node.says("GET /v1/status", answers::status);
  run({"status", "--json"});
  BOOST_TEST((json::parse(out.str()) == json::parse(answers::status)));
  BOOST_TEST(out.str().find("\"node\"") < out.str().find("\"connections\""));
}

BOOST_AUTO_TEST_CASE(a_partial_answer_is_printed_and_the_silent_are_named) {
  node.says("GET /v1/status", answers::status_of_nothing);
  BOOST_TEST((run({"status"}) == exit_code::partial));
  BOOST_TEST(contains(out.str(), "node a"));
  BOOST_TEST(contains(err.str(), "pool, health did not answer in time"));
}

BOOST_AUTO_TEST_CASE(whoever_does_not_answer_gets_a_sentence_and_a_code) {
  auto with = [&](no_answer::kind why) {
    node.answers["GET /v1/status"] = {no_answer{why, "the reason"}};
    return run({"status"});
  };
  BOOST_TEST((with(no_answer::kind::unreachable) == exit_code::unreachable));
  BOOST_TEST(contains(err.str(), "no node answers on /run/holdfast.sock: the reason; start one"));
  BOOST_TEST((with(no_answer::kind::denied) == exit_code::denied));
  BOOST_TEST(contains(err.str(), "be the user that runs the node"));
  BOOST_TEST((with(no_answer::kind::timeout) == exit_code::partial));
  BOOST_TEST(contains(err.str(), "--timeout"));
  BOOST_TEST((with(no_answer::kind::nonsense) == exit_code::failed));
  BOOST_TEST((with(no_answer::kind::usage) == exit_code::usage));
  BOOST_TEST(out.str() == "");
}

BOOST_AUTO_TEST_CASE(a_refusal_gives_the_nodes_words_and_its_hint) {
  auto with = [&](int status) {
    node.answers.clear();
    node.says("GET /v1/status",
              R"({"error":{"code":"x","message":"no\u001b[2J","hint":"do that"}})", status);
    return run({"status"});
  };
  BOOST_TEST((with(403) == exit_code::denied));
  BOOST_TEST(err.str() == "holdfast: no\\x1b[2J; do that\n");
  BOOST_TEST((with(400) == exit_code::usage));
  BOOST_TEST((with(404) == exit_code::not_found));
  BOOST_TEST((with(409) == exit_code::failed));
  BOOST_TEST((with(503) == exit_code::failed));
  BOOST_TEST((with(504) == exit_code::partial));
  node.answers.clear();
  node.says("GET /v1/status", "<html>", 502);
  BOOST_TEST((run({"status"}) == exit_code::failed));
  BOOST_TEST(contains(err.str(), "status 502"));
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_no_node) {
  node.says("GET /v1/status", "<html>");
  BOOST_TEST((run({"status"}) == exit_code::failed));
  BOOST_TEST(contains(err.str(), "no node of Holdfast"));
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_closed_is_told_from_one_that_never_was) {
  node.says("GET /v1/closed?id=a-7-8f21&limit=1", answers::closed);
  BOOST_TEST((run({"conns", "show", "a-7-8f21"}) == exit_code::not_found));
  BOOST_TEST(contains(
    err.str(), "it was closed at 03:12:07: 4000 heartbeat lost; holdfast closed --id a-7-8f21"));
  node.says("GET /v1/closed?id=a-7-8f2&limit=1", R"({"items":[]})");
  node.says("GET /v1/connections?limit=1000", R"({"items":[{"id":"b-1"},{"id":"a-7-8f21"}]})");
  BOOST_TEST((run({"conns", "show", "a-7-8f2"}) == exit_code::not_found));
  BOOST_TEST(contains(err.str(), "did you mean a-7-8f21?"));
  node.says("GET /v1/actors", answers::actors);
  BOOST_TEST((run({"actors", "show", "pol/0"}) == exit_code::not_found));
  BOOST_TEST(contains(err.str(), "did you mean pool/0?"));
}

BOOST_AUTO_TEST_CASE(checks_that_fail_end_with_6) {
  node.says(
    "GET /v1/connections/a/health",
    R"({"id":"a","state":"zombie","healthy":false,"findings":["it is a zombie"],"silence_ms":130000})");
  BOOST_TEST((run({"health", "a"}) == exit_code::check_failed));
  BOOST_TEST(contains(out.str(), "it is a zombie"));
  BOOST_TEST((run({"conns", "health", "a"}) == exit_code::check_failed));
  node.says("GET /v1/health",
            R"({"healthy":true,"findings":[],"states":{"open":2},"alerts":[],"partial":[]})");
  BOOST_TEST((run({"health"}) == exit_code::ok));
  node.says(
    "POST /v1/health/validate",
    R"({"checked":2,"healthy":2,"by_state":{},"problems":[],"problem_count":0,"books":[{"check":"users","ok":false,"detail":"3 is not 2"}],"partial":[]})");
  BOOST_TEST((run({"health", "--validate"}) == exit_code::check_failed));
  BOOST_TEST(contains(out.str(), "books    WRONG  users   3 is not 2"));
  node.says(
    "GET /v1/alerts",
    R"({"items":[{"name":"zombie_ratio","active":true,"value":0.07,"threshold":0.05,"clears":0.04,"unit":"ratio"}],"partial":[]})");
  BOOST_TEST((run({"alerts"}) == exit_code::ok));
  BOOST_TEST((run({"alerts", "--check"}) == exit_code::check_failed));
  BOOST_TEST(contains(out.str(), "> 5 %"));
}

BOOST_AUTO_TEST_CASE(nothing_is_closed_without_a_yes) {
  node.says(kick_target, two_matched);
  BOOST_TEST((run({"conns", "kick", "--user", "u"}) == exit_code::usage));
  BOOST_TEST(node.asked.empty());
  BOOST_TEST(contains(err.str(), "--yes"));
  reply = false;
  BOOST_TEST((run({"conns", "kick", "--user", "u"}) == exit_code::failed));
  BOOST_TEST(node.asked.size() == 1u);
  BOOST_TEST(contains(node.asked[0], "\"dry_run\":true"));
  BOOST_TEST(contains(questions.at(0), "would close 2 connections"));
  BOOST_TEST(contains(questions.at(0), "a-1 (u), a-2"));
  BOOST_TEST(contains(err.str(), "nothing was done"));
}

BOOST_AUTO_TEST_CASE(a_yes_closes_them) {
  node.says(kick_target, two_matched);
  node.says(kick_target, two_kicked);
  reply = true;
  BOOST_TEST((run({"conns", "kick", "--user", "u"}) == exit_code::ok));
  BOOST_TEST(contains(node.asked.at(1), "\"dry_run\":false"));
  BOOST_TEST(contains(out.str(), "closed 2 connections"));
}

BOOST_AUTO_TEST_CASE(one_connection_or_a_yes_beforehand_asks_nobody) {
  node.says(kick_target, two_kicked);
  BOOST_TEST((run({"conns", "kick", "a-1"}) == exit_code::ok));
  BOOST_TEST((run({"conns", "kick", "--all", "--yes"}) == exit_code::ok));
  BOOST_TEST(node.asked.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_kick_that_hits_nobody_says_so) {
  node.says(kick_target,
            R"({"dry_run":false,"matched":0,"selected":0,"kicked":0,"items":[],"partial":[]})");
  BOOST_TEST((run({"conns", "kick", "a-1"}) == exit_code::not_found));
  BOOST_TEST(contains(err.str(), "no connection matches"));
}

BOOST_AUTO_TEST_CASE(a_drain_shows_its_plan_first) {
  reply = false;
  node.says("POST /v1/drain", answers::plan);
  BOOST_TEST((run({"drain"}) == exit_code::failed));
  BOOST_TEST(contains(questions.at(0), "drain at 500/s"));
  BOOST_TEST(node.asked.back() == "POST /v1/drain {\"plan\":true}");
  BOOST_TEST((run({"drain", "--plan"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "nothing is changed"));
}

BOOST_AUTO_TEST_CASE(zombies_are_counted_before_they_are_closed) {
  node.says("GET /v1/connections?state=zombie&limit=1000",
            R"({"items":[{"id":"a-1","user":"u"}],"total":3})");
  node.says("POST /v1/zombies/clean",
            R"({"cleaned":3,"items":[{"id":"a-1","user":"u","silence_ms":1}],"partial":[]})");
  BOOST_TEST((run({"zombies", "clean"}) == exit_code::usage));
  BOOST_TEST((run({"zombies", "clean", "--dry-run"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "would close 3 zombies (nothing is changed)"));
  reply = true;
  BOOST_TEST((run({"zombies", "clean"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "closed 3 zombies"));
}

BOOST_AUTO_TEST_CASE(more_than_a_page_is_asked_for_page_by_page) {
  node.says("GET /v1/connections?limit=1000",
            R"({"items":[{"id":"a"},{"id":"b"}],"next":"c&1","total":3,"partial":[]})");
  node.says("GET /v1/connections?limit=1000&cursor=c%261",
            R"({"items":[{"id":"c"}],"next":null,"total":3,"partial":[]})");
  BOOST_TEST((run({"conns", "--all"}) == exit_code::ok));
  for (auto* id : {"a  ", "b  ", "c  "})
    BOOST_TEST(contains(out.str(), id));
  BOOST_TEST(err.str() == "");
  node.says("GET /v1/connections?limit=1000",
            R"({"items":[{"id":"a"},{"id":"b"}],"next":"c&1","total":3000,"partial":[]})");
}

BOOST_AUTO_TEST_CASE(a_page_says_of_how_many_it_is) {
  node.says("GET /v1/connections?limit=1",
            R"({"items":[{"id":"a"}],"next":"x","total":8214,"partial":[]})");
  BOOST_TEST((run({"conns", "--limit", "1"}) == exit_code::ok));
  BOOST_TEST(contains(err.str(), "1 of 8,214"));
  node.says("GET /v1/connections?user=nobody",
            R"({"items":[],"next":null,"total":0,"partial":[]})");
  BOOST_TEST((run({"conns", "--user", "nobody"}) == exit_code::ok));
  BOOST_TEST(out.str() == "");
  BOOST_TEST(contains(err.str(), "nothing matches"));
  node.says("GET /v1/connections", R"({"items":[],"next":null,"total":0,"open":0,"partial":[]})");
  BOOST_TEST((run({"conns"}) == exit_code::ok));
  BOOST_TEST(contains(err.str(), "nobody is connected"));
}

BOOST_AUTO_TEST_CASE(fields_and_sorting_are_the_consoles) {
  node.says("GET /v1/actors", answers::actors);
  run({"actors", "list", "--fields", "name,mailbox", "--sort", "-mailbox"});
  auto items = json::parse(out.str())["items"];
  BOOST_TEST((items[0] == json::parse(R"({"name":"pool/0","mailbox":2})")));
  BOOST_TEST(items.size() == 3u);
  node.says("GET /v1/connections",
            R"({"items":[{"id":"a","in":{"bytes":7}}],"next":null,"total":1,"partial":[]})");
  run({"conns", "--fields", "in.bytes,nonsense"});
  BOOST_TEST(
    (json::parse(out.str())["items"][0] == json::parse(R"({"in.bytes":7,"nonsense":null})")));
}

BOOST_AUTO_TEST_CASE(streams_are_lines_as_they_come) {
  node.lines = {R"({"at":"2026-11-23T03:12:07.119Z","event":"ping","id":"a-1","user":"u"})",
                R"({"end":"limit"})"};
  BOOST_TEST((run({"conns", "trace", "--user", "u"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "03:12:07.119  ping"));
  BOOST_TEST(contains(err.str(), "--limit N shows more"));
  run({"conns", "trace", "--user", "u", "--json"});
  BOOST_TEST(out.str() == node.lines[0] + "\n" + node.lines[1] + "\n");
  node.lines = {R"({"end":"too_many","told":0})"};
  BOOST_TEST((run({"conns", "trace", "--user", "u"}) == exit_code::failed));
  BOOST_TEST(contains(err.str(), "as many traces run already"));
  node.lines
    = {": nothing", "event: zombie", R"(data: {"at":"x","level":"warn","event":"zombie","id":"a"})",
       "", "data: broken{"};
  run({"events", "--json"});
  BOOST_TEST(out.str() == "{\"at\":\"x\",\"level\":\"warn\",\"event\":\"zombie\",\"id\":\"a\"}\n");
  node.says("STREAM", R"({"error":{"code":"denied","message":"no","hint":""}})", 403);
  BOOST_TEST((run({"events"}) == exit_code::denied));
}

BOOST_AUTO_TEST_CASE(watch_goes_on_until_it_is_enough_or_fails) {
  node.says("GET /v1/pool", R"({"connections":1,"partial":[]})");
  node.says("GET /v1/pool", R"({"connections":2,"partial":["pool/1"]})");
  rounds = 3;
  BOOST_TEST((run({"pool", "--watch", "--json"}) == exit_code::partial));
  auto printed = out.str();
  BOOST_TEST(std::count(printed.begin(), printed.end(), '\n') == 3);
  node.answers["GET /v1/pool"] = {no_answer{no_answer::kind::unreachable, "gone"}};
  rounds = 3;
  BOOST_TEST((run({"pool", "--watch=1s"}) == exit_code::unreachable));
  BOOST_TEST(rounds == 3);
}

BOOST_AUTO_TEST_CASE(a_reload_with_errors_has_failed) {
  node.says(
    "POST /v1/reload",
    R"({"taken":[],"needs_restart":[],"errors":["t.toml:2:1: unknown key"],"keys_read":null})");
  BOOST_TEST((run({"reload"}) == exit_code::failed));
  BOOST_TEST(contains(out.str(), "t.toml:2:1: unknown key"));
  node.answers.clear();
  node.says(
    "POST /v1/reload",
    R"({"taken":["pool.reserve"],"needs_restart":["listen"],"errors":[],"keys_read":"2 keys"})");
  BOOST_TEST((run({"reload"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(),
                      "taken          pool.reserve\nneeds restart  listen\nkeys           2 keys"));
}

BOOST_AUTO_TEST_CASE(the_tree_asks_each_actor_what_it_publishes) {
  node.says("GET /v1/actors", answers::actors);
  node.says("GET /v1/actors/pool", R"({"name":"pool","state":{"connections":8214}})");
  BOOST_TEST((run({"tree"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "8,214 connections"));
  BOOST_TEST((run({"tree", "-o", "dot"}) == exit_code::ok));
  BOOST_TEST(contains(out.str(), "digraph"));
}

BOOST_AUTO_TEST_CASE(names_to_complete_are_the_nodes) {
  node.says("GET /v1/connections?limit=1000", R"({"items":[{"id":"a-1"},{"id":7}]})");
  auto names = names_from(node);
  BOOST_TEST(names(value::connection) == (words{"a-1"}), boost::test_tools::per_element());
  BOOST_TEST(names(value::user).empty()); // a 404
}

BOOST_AUTO_TEST_CASE(a_script_stops_at_the_first_failure) {
  std::istringstream script{"# a comment\n\nstatus\nhelp conns kick\npool 'x\nstats\n"};
  words run_commands;
  auto code = run_script(
    script,
    [&](const asked& what) {
      run_commands.push_back(what.command->words);
      return exit_code::ok;
    },
    out, err);
  BOOST_TEST((code == exit_code::usage));
  BOOST_TEST(run_commands == (words{"status"}), boost::test_tools::per_element());
  BOOST_TEST(contains(out.str(), "--dry-run"));
  BOOST_TEST(contains(err.str(), "line 5 failed"));
}

BOOST_AUTO_TEST_CASE(exit_leaves_the_console) {
  auto left = false;
  auto none = [](const asked&) { return exit_code::failed; };
  BOOST_TEST((run_line("exit", none, out, err, left) == exit_code::ok));
  BOOST_TEST(left);
  left = false;
  BOOST_TEST((run_line("status", none, out, err, left) == exit_code::failed));
  BOOST_TEST(!left);
}

BOOST_AUTO_TEST_SUITE_END()
