#include "app/console/screen.hpp"

#include "app/console/listing.hpp"
#include "app/console/text.hpp"
#include "app/console/tree.hpp"
#include "tests/app/console/answers.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast::console;

namespace {

json parsed_json(const char* text) {
  return json::parse(text);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const style wide{92, false, "2026-11-23"};
const style narrow{80, false, "2026-11-23"};

void fits(const std::string& screen, std::size_t width) {
  for (std::size_t at = 0; at < screen.size();) {
    auto end = std::min(screen.find('\n', at), screen.size());
    BOOST_TEST(display_width(screen.substr(at, end - at)) <= width, screen.substr(at, end - at));
    at = end + 1;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_screen)

BOOST_AUTO_TEST_CASE(status_is_one_line_a_subject) {
  BOOST_TEST(
    status_screen(parsed_json(answers::status), wide)
    == "node a  127.0.0.1:8080  serving  up 3h12m                                     holdfast "
       "0.4.0\n"
       "connections  8,214 of 20,000 (41 %)   +112/s -98/s   users 7,930, 14 at their limit\n"
       "heartbeat    99.8 % answered   rtt p50 23 ms p99 310 ms   12 suspect, 3 zombies (0.04 %)\n"
       "traffic      in 14.2k msg/s 3.1 MiB/s   out 48.9k msg/s 11.8 MiB/s   2 slow consumers\n"
       "actors       8,231 live   longest mailbox 3 (pool)   0 restarts   loop lag p99 0.4 ms\n"
       "alerts       none\n");
}

BOOST_AUTO_TEST_CASE(a_narrow_status_goes_on_below) {
  auto screen = status_screen(parsed_json(answers::status), narrow);
  fits(screen, 80);
  BOOST_TEST(contains(screen, "+112/s -98/s\n             users 7,930"));
  fits(status_screen(parsed_json(answers::status), {60, false, ""}), 60);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_a_question_mark) {
  auto screen = status_screen(parsed_json(answers::status_of_nothing), narrow);
  BOOST_TEST(contains(screen, "draining  up 0.9 s"));
  BOOST_TEST(contains(screen, "connections  ? of ? (?)"));
  BOOST_TEST(contains(screen, "no pings yet"));
  BOOST_TEST(contains(screen, "rtt not known yet"));
  BOOST_TEST(contains(screen, "alerts       zombie_ratio 7 %"));
  BOOST_TEST(silent_in_words(parsed_json(answers::status_of_nothing)) == "pool, health");
}

BOOST_AUTO_TEST_CASE(a_connection_comes_with_its_history) {
  BOOST_TEST(
    connection_screen(parsed_json(answers::connection), {104, false, ""})
    == "a-7-8f21  user u42  open  rtt 21 ms +-4  age 41m07s  idle 3 s                       shard "
       "1  route /chat\n"
       "from 203.0.113.9:51234   handler chat   in 312 msg 41 KiB   out 4,120 msg 1.2 MiB   queued "
       "0\n"
       "history   -41:07  handshaking -> open     admitted, 2 of 5 for u42\n"
       "          -12:31  open -> suspect         no frame for 40 s\n"
       "          -12:29  suspect -> open         pong, rtt 1.9 s\n");
  fits(connection_screen(parsed_json(answers::connection), narrow), 80);
}

BOOST_AUTO_TEST_CASE(a_receipt_says_when_why_and_what_was_lost) {
  auto items = parsed_json(answers::closed)["items"];
  BOOST_TEST(closed_screen(items, false, {130, false, "2026-11-23"})
             == "03:12:07  a-7-8f21  u42  4000 heartbeat lost  after 2h11m   by the node: 3 pongs "
                "missed (last frame 61 s before)\n"
                "          sent 4,120   acknowledged 4,118   never written 2   received 312   from "
                "203.0.113.9:51234   route /chat\n");
  BOOST_TEST(
    contains(closed_screen(items, false, {80, false, "2026-11-23"}),
             "after 2h11m\n          by the node: 3 pongs missed (last frame 61 s before)\n"));
  BOOST_TEST(
    contains(closed_screen(items, false, {130, false, "2026-11-24"}), "2026-11-23 03:12:07"));
  BOOST_TEST(contains(closed_screen(items, true, narrow), "handshaking -> open"));
  fits(closed_screen(items, true, narrow), 80);
}

BOOST_AUTO_TEST_CASE(a_plan_says_what_a_drain_would_do) {
  BOOST_TEST(
    plan_screen(parsed_json(answers::plan), {104, false, ""})
    == "plan for node a (nothing is changed)\n"
       "  t+0      unready, stop accepting    2 shards; load balancer grace 0 s\n"
       "  t+0      notify                     6,010 clients get a lease; 2,204 plain ones are "
       "closed in "
       "their\n"
       "                                      slot\n"
       "  t+0-17s  drain at 500/s             8,214 connections; fits into drain_timeout 30 s\n"
       "  t+17s    stop heartbeats, cleanup   2 callbacks: flush-audit, close-db\n"
       "  arrivals 290/s at b, 210/s at c\n"
       "  forced   0 expected (3 zombies and 1 slow consumer may be)\n"
       "  longest possible 1m05s: keep systemd's and Kubernetes' grace above it\n");
  auto with_grace = parsed_json(answers::plan);
  with_grace["lb_grace_ms"] = 5000;
  auto begins = plan_screen(with_grace, {120, false, ""});
  BOOST_TEST(contains(begins, "  t-5s     unready                    load balancer grace 5 s"));
  BOOST_TEST(contains(begins, "  t+0      stop accepting             2 shards\n"));
  auto late = parsed_json(answers::plan);
  late["fits"] = false;
  late["overflow"] = 1200;
  late["targets"] = json::array();
  late["undirected_per_second"] = 500;
  auto screen = plan_screen(late, {120, false, ""});
  BOOST_TEST(contains(screen, "1,200 too many for drain_timeout 30 s"));
  BOOST_TEST(contains(screen, "500/s at this address"));
}

BOOST_AUTO_TEST_CASE(a_drain_says_where_it_stands) {
  auto drain
    = parsed_json(R"({"drain": 1, "phase": "draining", "reason": "SIGTERM", "phase_age_ms": 3000,
    "t_ms": 3000, "left_ms": 27000, "planned_end_ms": 17000, "waiting_for": "1,204 connections",
    "open": 1204, "ledger": null})");
  BOOST_TEST(drain_screen(drain, wide)
             == "drain   draining   for 3 s, 27 s at most to go   1,204 connections open\n"
                "        waits for 1,204 connections   t+3s, planned t+17s   because of SIGTERM\n");
  drain["phase"] = "serving";
  BOOST_TEST(drain_screen(drain, wide) == "no drain  the node serves   1,204 connections open\n");
  drain["phase"] = "finished";
  drain["ledger"]
    = parsed_json(R"({"connections": 8214, "left": 6000, "closed_in_slot": 2210, "forced": 4,
    "aborted": 0, "otherwise": 0, "cleanups": 2, "cleanups_failed": 0, "planned_ms": 16430,
    "actual_ms": 17000})");
  auto screen = drain_screen(drain, wide);
  BOOST_TEST(contains(screen, "drained in 17 s, planned 16 s"));
  BOOST_TEST(contains(screen, "4 forced"));
}

BOOST_AUTO_TEST_CASE(tables_line_up_and_clip_what_is_too_wide) {
  auto items = json::array({parsed_json(answers::connection), parsed_json(answers::connection)});
  items[1]["user"] = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";
  items[1]["rtt_ms"] = nullptr;
  items[1]["state"] = "zombie";
  BOOST_TEST(listed(verb::conns_list, items, {"id", "user", "state", "rtt", "in"}, wide)
             == "id        user    state     rtt      in\n"
                "a-7-8f21  u42     open    21 ms  41 KiB\n"
                "a-7-8f21  \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e  zombie      -  41 KiB\n");
  items[0]["user"] = std::string(300, 'x');
  items[0]["id"] = "mwybmoux-4294967295";
  for (std::size_t width : {120u, 80u, 40u}) {
    auto screen = listed(verb::conns_list, items, {}, {width, false, ""});
    fits(screen, width);
    BOOST_TEST(contains(screen, "x~"), screen);
    BOOST_TEST(contains(screen, "mwybmoux-4294967295"), screen); // to be typed
  }
}

BOOST_AUTO_TEST_CASE(what_others_have_chosen_cannot_draw) {
  auto hostile = parsed_json(answers::connection);
  for (auto* name : {"user", "route", "address", "handler", "id", "state"})
    hostile[name] = "\x1b]0;owned\x07\x1b[2J\r\nfake  root";
  auto receipt = parsed_json(answers::closed)["items"];
  for (auto* name : {"user", "route", "detail", "explanation", "code_name"})
    receipt[0][name] = "\x1b[2J\n\xc2\x9b";
  auto actor = json{{"name", "\x1b[1m"}, {"state", {{"\x1b[k", "\x1b[v"}}}, {"kind", "\n"}};
  auto all = connection_screen(hostile, narrow)
             + listed(verb::conns_list, json::array({hostile}), {}, narrow)
             + closed_screen(receipt, true, narrow) + actor_screen(actor, narrow)
             + event_line({{"at", "x"}, {"event", "\x1b[2J"}, {"\x1b[f", "\x1b[g"}}, narrow)
             + status_screen(json{{"node", {{"name", "\x1b[2J"}}}}, narrow)
             + tree_text(tree_of(json::array({actor})), json::object(), narrow);
  BOOST_TEST(!contains(all, "\x1b"), all);
  BOOST_TEST(!contains(all, "\r"));
  BOOST_TEST(!contains(all, "\xc2\x9b"));
  auto row = listed(verb::conns_list, json::array({hostile}), {"user"}, narrow);
  BOOST_TEST(std::count(row.begin(), row.end(), '\n') == 2);
}

BOOST_AUTO_TEST_CASE(answers_of_another_shape_are_no_harm) {
  for (auto* text : {"null", "[]", "{}", "7", "\"x\"", R"({"items":7,"node":[],"history":{}})"}) {
    auto odd = parsed_json(text);
    status_screen(odd, narrow);
    pool_screen(odd, narrow);
    stats_screen(odd, narrow);
    health_screen(odd, narrow);
    validation_screen(odd, narrow);
    connection_screen(odd, narrow);
    connection_health_screen(odd, narrow);
    kicked_screen(odd, narrow);
    cleaned_screen(odd, narrow);
    closed_screen(json::array({odd}), true, narrow);
    plan_screen(odd, narrow);
    drain_screen(odd, narrow);
    reload_screen(odd, narrow);
    actor_screen(odd, narrow);
    tree_text(tree_of(json::array({odd})), odd, narrow);
    BOOST_TEST(!listed(verb::conns_list, json::array({odd}), {}, narrow).empty());
  }
}

BOOST_AUTO_TEST_CASE(colour_changes_no_widths) {
  auto items = json::array({parsed_json(answers::connection), parsed_json(answers::connection)});
  items[1]["state"] = "zombie";
  auto coloured = listed(verb::conns_list, items, {}, {120, true, ""});
  BOOST_TEST(contains(coloured, "\x1b[31mzombie"));
  std::string plain;
  for (std::size_t at = 0; at < coloured.size(); ++at) {
    if (coloured[at] == '\x1b')
      at = coloured.find('m', at);
    else
      plain += coloured[at];
  }
  BOOST_TEST(plain == listed(verb::conns_list, items, {}, {120, false, ""}));
}

BOOST_AUTO_TEST_CASE(the_tree_shows_who_looks_after_whom) {
  auto items = parsed_json(answers::actors)["items"];
  auto root = tree_of(items);
  auto details
    = parsed_json(R"({"pool": {"state": {"connections": 8214, "phase": "idle", "age_ms": 100}},
                      "pool/0": {"state": {"shard": 0, "users": 1, "pinging": "yes",
                                           "rebuilding": "no", "reserve": 0}}})");
  BOOST_TEST(
    tree_text(root, details, {120, false, ""})
    == "node a\n"
       "|- pool        8,214 connections   idle   age 0.1 s   mailbox 0   1.2M messages\n"
       "|  `- pool/0   1 user   pinging   mailbox 2   42 messages   1 restart, last: out of luck\n"
       "`- health      dead   mailbox 0   7 messages\n");
  auto dot = tree_dot(root);
  BOOST_TEST(contains(dot, "\"node a\" -> \"pool\";"));
  BOOST_TEST(contains(dot, "\"pool\" -> \"pool/0\";"));
  BOOST_TEST(contains(dot, "\"health\" [style=dashed];"));
  BOOST_TEST(tree_json(root)["children"][0]["children"][0]["actor"]["mailbox"] == 2);
}

BOOST_AUTO_TEST_CASE(actors_in_a_circle_are_drawn_once_each) {
  auto actors = parsed_json(R"([{"name": "a", "parent": "b"}, {"name": "b", "parent": "a"},
                          {"name": "c", "parent": "c"}, {"name": "a", "parent": ""}])");
  auto root = tree_of(actors); // points into them
  auto text = tree_text(root, json::object(), narrow);
  BOOST_TEST(std::count(text.begin(), text.end(), '-') == 3, text);
}

BOOST_AUTO_TEST_CASE(an_event_is_one_line) {
  auto event = parsed_json(R"({"at": "2026-11-23T03:12:07.119Z", "level": "warn", "event": "zombie",
                         "id": "a-7-8f21", "user": null, "misses": 3, "why": "no pong"})");
  BOOST_TEST(event_line(event, narrow)
             == "03:12:07.119  warn   zombie              a-7-8f21  misses=3  why=\"no pong\"\n");
}

BOOST_AUTO_TEST_SUITE_END()
