// Looking at a shard's connections a part at a time, and at its books.
#include "actors/shard_look.hpp"
#include "actors/validation.hpp"
#include "tests/actors/two_shards.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

/// Two shards without a limit for users.
node_settings roomy() {
  auto settings = two_shards();
  settings.admission.max_connections_per_user = 0;
  return settings;
}

connection_id id_of(fake_node& node, const client& c) {
  return node.at(c.shard).slots()[c.reply.slot].actor->id();
}

/// Asks shard 0 for one part after the other; `between` happens after each.
template <class F>
std::vector<connection_id> scan_all(fake_node& node, scan_connections question, F&& between) {
  std::vector<connection_id> seen;
  for (int rounds = 0; rounds < 1000; ++rounds) {
    auto page = node.ask<connection_page>(node.peers().members[0], question);
    for (auto& row : page.rows)
      seen.push_back(row.view.id);
    if (page.done)
      return seen;
    question.from = page.next;
    between();
  }
  throw std::runtime_error{"a scan has no end"};
}

scan_connections in_parts_of(std::uint32_t slots) {
  scan_connections question;
  question.slots = slots;
  return question;
}

validation_report validate_all(fake_node& node, const services& peers) {
  std::optional<validation_report> report;
  auto limits = limits_of(node.settings.heartbeat, {}, 10s);
  validate(node.context().unit, peers, limits, [&](const validation_report& x) {
    BOOST_TEST(!report.has_value());
    report = x;
  });
  node.advance(1100ms);
  BOOST_REQUIRE(report);
  return *report;
}

bool all_ok(const std::vector<book_check>& books) {
  return std::all_of(books.begin(), books.end(), [](const book_check& x) { return x.ok; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(looking_at_a_shard)

BOOST_AUTO_TEST_CASE(who_stays_is_seen_exactly_once_while_others_come_and_go) {
  fake_node node{roomy()};
  std::set<std::string> stay;
  std::vector<client*> leaving;
  for (int i = 0; i < 40; ++i) {
    auto& c = node.connect(0, "/echo");
    if (i % 3 == 0)
      leaving.push_back(&c);
    else
      stay.insert(to_string(id_of(node, c)));
  }
  auto seen = scan_all(node, in_parts_of(7), [&] {
    if (leaving.empty())
      return;
    node.peer_vanishes(*leaving.back());
    leaving.pop_back();
    node.connect(0, "/echo"); // in the slot that has become free, or in a new one
    node.connect(0, "/echo");
  });
  std::multiset<std::string> times;
  for (auto& id : seen)
    times.insert(to_string(id));
  for (auto& id : stay)
    BOOST_TEST(times.count(id) == 1);
  BOOST_TEST(std::set<std::string>(times.begin(), times.end()).size() == times.size());
}

BOOST_AUTO_TEST_CASE(a_part_counts_everyone_and_hands_out_the_first_of_the_order) {
  fake_node node{roomy()};
  for (int i = 0; i < 10; ++i)
    node.connect(0, i % 2 == 0 ? "/echo?user=ann" : "/echo?user=bob").socket.queued_bytes
      = static_cast<std::size_t>(100 - i);
  scan_connections question;
  question.which.users = {"bob"};
  question.order = {connection_key::queue, true};
  question.rows = 2;
  auto page = node.ask<connection_page>(node.peers().members[0], question);
  BOOST_TEST(page.scanned == 10);
  BOOST_TEST(page.matched == 5);
  BOOST_TEST(page.done);
  std::multiset<std::uint64_t> queues;
  for (auto& row : page.rows)
    queues.insert(row.view.queued_bytes);
  BOOST_TEST(queues == (std::multiset<std::uint64_t>{97, 99}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_order_has_two_directions) {
  auto settings = roomy();
  settings.heartbeat.ping_interval = 2s;
  fake_node node{settings};
  auto& old = node.connect(0, "/echo?user=ann");
  node.advance(2s);
  node.pong(old);
  auto& young = node.connect(0, "/echo?user=bob");
  young.socket.queued_bytes = 9;
  node.text(old, "busy");
  node.advance(20ms);
  auto first = [&](connection_key key, bool descending) {
    scan_connections question;
    question.order = {key, descending};
    question.rows = 1;
    auto page = node.ask<connection_page>(node.peers().members[0], question);
    BOOST_REQUIRE(page.rows.size() == 1);
    return page.rows[0].view.user;
  };
  // Of the state both have the same, and then the older one is first either way.
  struct expected {
    connection_key key;
    const char* least;
    const char* most;
  };
  for (auto& x :
       {expected{connection_key::id, "ann", "bob"}, expected{connection_key::age, "bob", "ann"},
        expected{connection_key::queue, "ann", "bob"}, expected{connection_key::rtt, "bob", "ann"},
        expected{connection_key::user, "ann", "bob"},
        expected{connection_key::state, "ann", "ann"}})
    BOOST_TEST_CONTEXT(to_string(x.key)) {
      BOOST_TEST(first(x.key, false) == x.least);
      BOOST_TEST(first(x.key, true) == x.most);
    }
  node.advance(40ms);
  node.text(young, "busy later");
  BOOST_TEST(first(connection_key::idle, false) == "bob");
  BOOST_TEST(first(connection_key::idle, true) == "ann");
}

BOOST_AUTO_TEST_CASE(a_scan_that_begins_behind_the_last_slot_is_done) {
  fake_node node{roomy()};
  node.connect(0, "/echo");
  scan_connections question;
  question.from = UINT32_MAX;
  auto page = node.ask<connection_page>(node.peers().members[0], question);
  BOOST_TEST(page.done);
  BOOST_TEST(page.rows.empty());
}

BOOST_AUTO_TEST_CASE(a_connection_is_found_with_its_history_and_a_list_has_none) {
  fake_node node{roomy()};
  auto& c = node.connect(0, "/?user=ann&topic=news");
  auto id = id_of(node, c);
  node.at(0).slots()[c.reply.slot].actor->as_session().join("staff");
  auto found = node.ask<std::vector<connection_view>>(node.peers().members[0], find_connection{id});
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].user == "ann");
  BOOST_TEST(found[0].history.size() == 1);
  BOOST_TEST((found[0].topics == std::vector<std::string>{"news"}));
  BOOST_TEST((found[0].groups == std::vector<std::string>{"staff"}));
  auto page = node.ask<connection_page>(node.peers().members[0], scan_connections{});
  BOOST_REQUIRE(page.rows.size() == 1);
  BOOST_TEST(page.rows[0].view.history.empty());
  node.peer_vanishes(c);
  BOOST_TEST(
    node.ask<std::vector<connection_view>>(node.peers().members[0], find_connection{id}).empty());
}

BOOST_AUTO_TEST_CASE(a_kick_closes_its_connection_alone_with_its_reason_and_the_receipt_says_so) {
  fake_node node{roomy()};
  auto& c = node.connect(0, "/echo?user=ann");
  auto& other = node.connect(0, "/echo?user=ann");
  caf::anon_send(node.peers().members[0],
                 close_by_id{id_of(node, c), {close_code::kicked, cause::kicked, "go away"}});
  node.run();
  BOOST_TEST((c.socket.sent_code == close_code::kicked));
  BOOST_TEST(c.socket.sent_reason == "go away");
  BOOST_TEST(!other.socket.closing);
  auto receipts = node.receipts("ann");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST((receipts[0].why == cause::kicked));
}

BOOST_AUTO_TEST_CASE(a_node_that_is_well_is_found_to_be_and_its_books_agree) {
  fake_node node{roomy()};
  for (int i = 0; i < 600; ++i) // more than one part
    node.connect(0, "/echo?user=ann");
  node.connect(1, "/echo");
  node.peer_vanishes(*node.clients.front());
  auto report = validate_all(node, node.peers());
  BOOST_TEST(report.checked == 600);
  BOOST_TEST(report.healthy == 600);
  BOOST_TEST(report.by_state[static_cast<std::size_t>(connection_state::open)] == 600);
  BOOST_TEST(report.problem_count == 0);
  BOOST_TEST(report.silent.empty());
  BOOST_TEST(all_ok(report.books));
  BOOST_TEST(report.books.back().check == "places taken of the node's total");
  BOOST_TEST(report.books.back().detail == "600");
}

BOOST_AUTO_TEST_CASE(who_is_not_well_is_named_and_wrong_books_are_told) {
  auto settings = roomy();
  settings.heartbeat.ping_interval = 5s;
  settings.heartbeat.pong_timeout = 1s;
  settings.heartbeat.max_missed_pongs = 100;
  fake_node node{settings};
  auto& c = node.connect(1, "/echo?user=ann");
  node.advance(7s);
  auto suspect = validate_all(node, node.peers());
  BOOST_TEST(suspect.healthy == 0);
  BOOST_REQUIRE(suspect.problems.size() == 1);
  BOOST_TEST((suspect.problems[0].id == id_of(node, c)));
  BOOST_TEST(suspect.problems[0].user == "ann");
  BOOST_TEST(suspect.problems[0].problem.find("suspect: ") == 0);
  BOOST_TEST(all_ok(suspect.books));

  ++node.at(1).counters().in_state[static_cast<std::size_t>(connection_state::open)];
  ++node.at(0).counters().ended;
  auto wrong = validate_all(node, node.peers());
  std::vector<std::string> bad;
  for (auto& check : wrong.books)
    if (!check.ok)
      bad.push_back(check.check + ": " + check.detail);
  BOOST_REQUIRE(bad.size() == 2);
  BOOST_TEST(bad[0].find("pool/0: admitted and not ended: 0, not ") == 0);
  BOOST_TEST(bad[1] == "pool/1: connections open: 0, not 1");
  --node.at(1).counters().in_state[static_cast<std::size_t>(connection_state::open)];
  --node.at(0).counters().ended;
}

BOOST_AUTO_TEST_CASE(a_place_that_nobody_holds_is_told) {
  fake_node node{roomy()};
  node.connect(0, "/echo");
  BOOST_REQUIRE(node.context().total.take(false));
  auto report = validate_all(node, node.peers());
  BOOST_TEST(!report.books.back().ok);
  BOOST_TEST(report.books.back().detail == "1, not 2");
  BOOST_TEST(node.context().total.give());
}

BOOST_AUTO_TEST_CASE(a_member_that_dies_or_says_nothing_is_named_and_the_others_are_checked) {
  fake_node node{roomy()};
  node.connect(0, "/echo");
  node.connect(1, "/echo");
  auto deaf = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor* self) {
    return caf::behavior{[self](const validate_connections&) {
      return self->make_response_promise<validated_connections>();
    }};
  });
  auto peers = node.peers();
  peers.members[1] = caf::actor_cast<pool_member_actor>(deaf);
  auto report = validate_all(node, peers);
  BOOST_TEST(report.checked == 1);
  BOOST_TEST(report.silent == std::vector<std::string>{"pool/1"}, boost::test_tools::per_element());

  auto before = node.peers();
  node.kill(node.peers().members[0]); // whoever had the old handle
  auto half = validate_all(node, before);
  BOOST_TEST(half.checked == 1);
  BOOST_TEST(half.silent == std::vector<std::string>{"pool/0"}, boost::test_tools::per_element());
  caf::anon_send_exit(deaf, caf::exit_reason::user_shutdown);
  node.run();
}

BOOST_AUTO_TEST_SUITE_END()
