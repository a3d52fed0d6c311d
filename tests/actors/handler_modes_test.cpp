// Handlers of users: inline, one for each connection, one for the route.
#include "actors/handlers/handler_host.hpp"
#include "tests/support/fake_node.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;
using namespace holdfast::test;

namespace {

/// What handlers were told, by connection or route.
struct diary {
  std::vector<std::string> lines;
  std::size_t made = 0;
  std::size_t alive = 0;

  bool has(const std::string& line) const {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
};

/// Does what clients say.
class servant final : public handler {
public:
  servant(handler_context& around, diary& kept) : around_{around}, kept_{kept} {
    ++kept_.made;
    ++kept_.alive;
  }

  ~servant() override { --kept_.alive; }

  void opened(session& s) override {
    note("opened " + std::string{s.user()});
    if (!s.query("greet").empty())
      s.send(payload_kind::text, "hello " + s.query("greet"));
    if (s.query("refuse") == "yes")
      throw std::runtime_error{"not in opened()"};
  }

  void adopted(session& s) override { note("adopted " + std::string{s.user()}); }

  void inbound(session& s, const inbound_message& m) override {
    std::string text{m.payload};
    auto space = text.find(' ');
    auto verb = text.substr(0, space);
    auto rest = space == std::string::npos ? std::string{} : text.substr(space + 1);
    note("inbound " + text);
    ++handled_;
    if (verb == "throw")
      throw std::runtime_error{rest};
    if (verb == "quit")
      around_.self()->quit();
    if (verb == "close")
      s.close(close_code::normal, "as you wish");
    if (verb == "pause")
      s.pause_reading();
    if (verb == "count")
      s.send(payload_kind::text, std::to_string(handled_));
    if (verb == "say")
      s.send(payload_kind::text, rest);
    if (verb == "later")
      s.after(std::chrono::seconds{1}, [rest](session& x) { x.send(payload_kind::text, rest); });
    if (verb == "fail_later")
      s.after(std::chrono::seconds{1}, [](session&) { throw std::runtime_error{"too late"}; });
    if (verb == "note_later")
      around_.after(std::chrono::seconds{1}, [this, rest] { note(rest); });
    if (verb == "subscribe")
      s.send(payload_kind::text, s.subscribe(rest) ? "yes" : "no");
    if (verb == "join")
      s.send(payload_kind::text, s.join(rest) ? "yes" : "no");
    if (verb == "shout")
      s.publish_to_group(rest, payload_kind::text, "for a group");
    if (verb == "close_with")
      s.close(static_cast<close_code>(std::stoi(rest)), "");
    if (verb == "never")
      s.after(duration::max(), [](session& x) { x.send(payload_kind::text, "so soon"); });
    if (verb == "publish")
      s.publish(rest, payload_kind::text, "news of " + rest);
    if (verb == "attribute")
      s.set_attribute("mood", rest);
    if (verb == "mood")
      s.send(payload_kind::text, s.attribute("mood"));
    if (verb == "priority")
      s.set_priority(true);
    if (verb == "show")
      around_.show("said", rest);
    if (verb == "user")
      around_.node().send_to_user(rest, payload_kind::text, "for " + rest);
    if (verb == "everyone")
      around_.node().send_to_everyone(payload_kind::text, rest);
    if (verb == "ask")
      ask(s.id(), rest);
  }

  command_outcome subscribe(session& s, std::string_view topic, bool) override {
    if (topic == "secret")
      return command_outcome::denied;
    return s.subscribe(topic) ? command_outcome::done : command_outcome::refused;
  }

  void closing(session& s, close_code, cause why) override {
    note("closing " + std::string{s.user()} + ' ' + std::string{to_string(why)});
    s.send(payload_kind::text, "nobody hears this");
  }

  void closed(const close_receipt& receipt) override { note("closed " + receipt.user); }

  void phase(session&, drain_phase phase) override {
    note("phase " + std::string{to_string(phase)});
  }

private:
  void note(std::string line) { kept_.lines.push_back(std::move(line)); }

  /// An actor of its own does the work and answers.
  void ask(connection_id, const std::string& text) {
    auto worker = around_.self()->spawn([](caf::event_based_actor*) -> caf::behavior {
      return {[](const std::string& x) { return x + x; }};
    });
    around_.self()->request(worker, caf::infinite, text).then([this](const std::string& twice) {
      note("answer " + twice);
    });
  }

  handler_context& around_;
  diary& kept_;
  int handled_ = 0;
};

struct servants {
  explicit servants(handler_mode mode, std::size_t shards = 2,
                    give_up_policy on_give_up = give_up_policy::drain, unsigned max_restarts = 5)
    : node{settings(mode, shards, on_give_up, max_restarts), types(kept)} {}

  static node_settings settings(handler_mode mode, std::size_t shards, give_up_policy on_give_up,
                                unsigned max_restarts) {
    auto x = test_settings();
    x.shards = shards;
    route_config route;
    route.path = "/serve";
    route.handler = "servant";
    route.mode = mode;
    route.on_give_up = on_give_up;
    route.restarts.max_restarts = max_restarts;
    x.routes.push_back(route);
    return x;
  }

  static handler_registry types(diary& kept) {
    auto handlers = built_in_handlers();
    handlers["servant"] = handler_type{
      [&kept](handler_context& around) { return std::make_unique<servant>(around, kept); },
      handler_mode::inlined,
      {"X-Team"}};
    return handlers;
  }

  std::string answer(client& c, const std::string& order) {
    node.text(c, order);
    return last(c);
  }

  std::string last(client& c) { return c.socket.texts.empty() ? "" : c.socket.texts.back(); }

  diary kept;
  fake_node node;
};

constexpr handler_mode all_modes[]
  = {handler_mode::inlined, handler_mode::per_connection, handler_mode::shared};

} // namespace

namespace holdfast {
std::ostream& operator<<(std::ostream& out, handler_mode x) {
  return out << to_string(x);
}
} // namespace holdfast

BOOST_AUTO_TEST_SUITE(handler_modes)

BOOST_DATA_TEST_CASE(every_mode_opens_answers_and_closes, boost::unit_test::data::make(all_modes),
                     mode) {
  servants s{mode};
  auto& ann = s.node.connect(1, "/serve?user=ann&greet=you");
  BOOST_TEST(s.last(ann) == "hello you");
  s.node.text(ann, "say hi");
  BOOST_TEST(s.last(ann) == "hi");
  s.node.text(ann, "close");
  BOOST_TEST((ann.socket.sent_code == close_code::normal));
  BOOST_TEST(ann.socket.sent_reason == "as you wish");
  BOOST_TEST(s.last(ann) == "hi");
  std::vector<std::string> expected{"opened ann", "inbound say hi", "inbound close",
                                    "closing ann handler_closed", "closed ann"};
  BOOST_TEST(s.kept.lines == expected, boost::test_tools::per_element());
  auto receipts = s.node.receipts("ann");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST((receipts[0].why == cause::handler_closed));
}

BOOST_DATA_TEST_CASE(commands_are_acknowledged_when_they_are_done,
                     boost::unit_test::data::make(all_modes), mode) {
  servants s{mode};
  auto& ann = s.node.connect(1, "/serve?user=ann", "holdfast.v1");
  s.node.text(ann, R"({"type":"message","data":"say x","id":7})");
  BOOST_REQUIRE(ann.socket.texts.size() == 3); // with the welcome
  BOOST_TEST(ann.socket.texts[1] == R"({"type":"message","data":"x"})");
  BOOST_TEST(ann.socket.texts[2] == R"({"type":"ack","id":7})");
  s.node.text(ann, R"({"type":"subscribe","topic":"news","id":"s"})");
  BOOST_TEST(s.last(ann) == R"({"type":"ack","id":"s"})");
  s.node.text(ann, R"({"type":"subscribe","topic":"secret","id":"t"})");
  BOOST_TEST(s.last(ann).find(R"("code":"denied")") != std::string::npos, s.last(ann));
  s.node.text(ann, R"({"type":"publish","topic":"news","data":1,"id":9})");
  BOOST_TEST(s.last(ann).find("unsupported") != std::string::npos);
}

BOOST_DATA_TEST_CASE(timers_of_a_session_end_with_it, boost::unit_test::data::make(all_modes),
                     mode) {
  servants s{mode};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  s.node.text(ann, "later now");
  s.node.text(bob, "later never");
  s.node.peer_vanishes(bob);
  BOOST_TEST(s.last(ann).empty());
  s.node.advance(std::chrono::seconds{2});
  BOOST_TEST(s.last(ann) == "now");
  BOOST_TEST(bob.socket.texts.empty());
}

BOOST_DATA_TEST_CASE(topics_reach_across_shards, boost::unit_test::data::make(all_modes), mode) {
  servants s{mode};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(1, "/serve?user=bob");
  s.node.text(ann, "subscribe tea");
  BOOST_TEST(s.last(ann) == "yes");
  s.node.text(bob, "publish tea");
  BOOST_TEST(s.last(ann) == "news of tea");
  s.node.text(ann, "subscribe " + std::string(257, 'x'));
  BOOST_TEST(s.last(ann) == "no");
}

BOOST_DATA_TEST_CASE(attributes_stay_with_the_connection, boost::unit_test::data::make(all_modes),
                     mode) {
  servants s{mode};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "attribute glad");
  s.node.text(ann, "mood");
  BOOST_TEST(s.last(ann) == "glad");
  auto found = s.node.ask<std::vector<connection_view>>(
    s.node.peers().members[0], find_connection{s.node.at(0).slots()[ann.reply.slot].actor->id()});
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(std::string{value_of(found[0].attributes, "mood")} == "glad");
}

BOOST_DATA_TEST_CASE(topics_have_a_limit_and_groups_have_names,
                     boost::unit_test::data::make(all_modes), mode) {
  servants s{mode};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(1, "/serve?user=bob");
  for (auto* wrong : {"join ", "join topic:news"})
    BOOST_TEST(s.answer(ann, wrong) == "no");
  for (std::size_t i = 0; i < 63; ++i)
    BOOST_TEST(s.answer(ann, "subscribe t" + std::to_string(i)) == "yes");
  BOOST_TEST(s.answer(ann, "join staff") == "yes");
  BOOST_TEST(s.answer(ann, "subscribe t0") == "yes"); // it is there already
  BOOST_TEST(s.answer(ann, "subscribe one_more") == "no");
  BOOST_TEST(s.answer(ann, "join more") == "no");
  s.node.text(bob, "shout ");
  BOOST_TEST(s.last(ann) == "no"); // an empty name is not everybody's
  s.node.text(bob, "shout staff");
  BOOST_TEST(s.last(ann) == "for a group");
}

BOOST_DATA_TEST_CASE(a_code_that_cannot_be_sent_is_an_error_of_the_handler,
                     boost::unit_test::data::make(all_modes), mode) {
  for (auto* code : {"0", "999", "1005", "1015", "2999", "5000"}) {
    servants s{mode, 1};
    auto& ann = s.node.connect(0, "/serve?user=ann");
    s.node.text(ann, "close_with " + std::string{code});
    if (mode == handler_mode::shared)
      s.node.text(ann, "close_with 4321"); // to the next handler
    BOOST_TEST(static_cast<int>(ann.socket.sent_code)
               == (mode == handler_mode::shared ? 4321 : 1011));
  }
}

BOOST_DATA_TEST_CASE(what_is_to_be_done_never_is_not_done_now,
                     boost::unit_test::data::make(all_modes), mode) {
  servants s{mode, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "never");
  s.node.advance(std::chrono::seconds{1});
  BOOST_TEST(ann.socket.texts.empty());
}

BOOST_DATA_TEST_CASE(a_user_and_everyone_can_be_reached, boost::unit_test::data::make(all_modes),
                     mode) {
  servants s{mode};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob0 = s.node.connect(0, "/echo?user=bob");
  auto& bob1 = s.node.connect(1, "/echo?user=bob");
  s.node.text(ann, "user bob");
  BOOST_TEST(s.last(bob0) == "for bob");
  BOOST_TEST(s.last(bob1) == "for bob");
  BOOST_TEST(ann.socket.texts.empty());
  s.node.text(ann, "everyone fire");
  for (auto* c : {&ann, &bob0, &bob1})
    BOOST_TEST(s.last(*c) == "fire");
}

BOOST_DATA_TEST_CASE(a_drain_is_told_and_leaves_nobody, boost::unit_test::data::make(all_modes),
                     mode) {
  servants s{mode};
  s.node.connect(0, "/serve?user=ann");
  s.node.connect(1, "/serve?user=bob");
  s.node.tell_shutdown(start_drain{});
  s.node.advance(std::chrono::seconds{60});
  BOOST_REQUIRE(s.node.ledger.has_value());
  BOOST_TEST(s.node.ledger->connections == 2);
  BOOST_TEST(s.node.ledger->unaccounted() == 0);
  BOOST_TEST(s.kept.has("phase draining"));
  BOOST_TEST(s.kept.has("closed ann"));
  BOOST_TEST(s.kept.has("closed bob"));
}

BOOST_DATA_TEST_CASE(who_has_priority_leaves_first, boost::unit_test::data::make(all_modes), mode) {
  servants s{mode, 1};
  s.node.settings.shutdown.reconnect_rate = 1;
  std::vector<client*> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(&s.node.connect(0, "/serve"));
  s.node.text(*clients.back(), "priority");
  s.node.tell_shutdown(start_drain{});
  while (!clients.back()->socket.closing)
    s.node.advance(std::chrono::milliseconds{100});
  auto closing
    = std::count_if(clients.begin(), clients.end(), [](client* c) { return c->socket.closing; });
  BOOST_TEST(closing == 1);
}

BOOST_AUTO_TEST_SUITE(inlined)

BOOST_AUTO_TEST_CASE(there_is_one_for_each_shard) {
  servants s{handler_mode::inlined};
  BOOST_TEST(s.kept.made == 2);
}

BOOST_AUTO_TEST_CASE(an_exception_costs_one_connection) {
  servants s{handler_mode::inlined};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  s.node.text(ann, "throw a tantrum");
  BOOST_TEST((ann.socket.sent_code == close_code::handler_crashed));
  s.node.text(bob, "count");
  BOOST_TEST(s.last(bob) == "2");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(per_connection)

BOOST_AUTO_TEST_CASE(each_connection_has_its_own_and_takes_it_along) {
  servants s{handler_mode::per_connection};
  BOOST_TEST(s.kept.made == 0);
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  s.node.text(ann, "count");
  s.node.text(ann, "count");
  s.node.text(bob, "count");
  BOOST_TEST(s.last(ann) == "2");
  BOOST_TEST(s.last(bob) == "1");
  BOOST_TEST(s.kept.alive == 2);
  s.node.peer_vanishes(ann);
  BOOST_TEST(s.kept.alive == 1);
  BOOST_TEST(s.kept.has("closed ann"));
}

BOOST_AUTO_TEST_CASE(an_exception_costs_its_connection_and_stands_in_the_receipt) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  s.node.text(ann, "throw a tantrum");
  BOOST_TEST((ann.socket.sent_code == close_code::handler_crashed));
  BOOST_TEST(ann.socket.sent_reason == "the handler failed");
  auto receipts = s.node.receipts("ann");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST((receipts[0].why == cause::handler_crashed));
  BOOST_TEST(receipts[0].detail == "a tantrum");
  BOOST_TEST(s.kept.alive == 1);
  BOOST_TEST(!s.kept.has("closed ann")); // it had no handler any more
  s.node.text(bob, "count");
  BOOST_TEST(s.last(bob) == "1");
}

BOOST_AUTO_TEST_CASE(one_that_throws_at_once_is_closed_as_well) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann&refuse=yes");
  BOOST_TEST((ann.socket.sent_code == close_code::handler_crashed));
  BOOST_TEST(s.kept.alive == 0);
}

BOOST_AUTO_TEST_CASE(an_actor_that_ends_by_itself_takes_its_connection_along) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "quit");
  BOOST_TEST((ann.socket.sent_code == close_code::handler_crashed));
  auto receipts = s.node.receipts("ann");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST(receipts[0].detail == "the handler's actor has ended");
}

BOOST_AUTO_TEST_CASE(a_timer_that_throws_costs_its_connection) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "fail_later");
  s.node.advance(std::chrono::seconds{2});
  BOOST_TEST((ann.socket.sent_code == close_code::handler_crashed));
  BOOST_REQUIRE(s.node.receipts("ann").size() == 1);
  BOOST_TEST(s.node.receipts("ann")[0].detail == "too late");
}

BOOST_AUTO_TEST_CASE(it_can_do_what_any_actor_can) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "ask ha");
  BOOST_TEST(s.kept.has("answer haha"));
}

BOOST_AUTO_TEST_CASE(what_it_shows_is_seen_at_its_connection) {
  servants s{handler_mode::per_connection};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "show me");
  auto found = s.node.ask<std::vector<connection_view>>(
    s.node.peers().members[0], find_connection{s.node.at(0).slots()[ann.reply.slot].actor->id()});
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(std::string{value_of(found[0].shown, "said")} == "me");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shared)

BOOST_AUTO_TEST_CASE(there_is_one_for_all_shards) {
  servants s{handler_mode::shared};
  BOOST_TEST(s.kept.made == 1);
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(1, "/serve?user=bob");
  s.node.text(ann, "count");
  s.node.text(bob, "count");
  BOOST_TEST(s.last(bob) == "2");
}

BOOST_AUTO_TEST_CASE(one_that_throws_is_made_anew_and_nobody_is_closed) {
  servants s{handler_mode::shared};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(1, "/serve?user=bob");
  s.node.text(ann, "throw a tantrum");
  BOOST_TEST(!ann.socket.closing);
  BOOST_TEST(s.kept.made == 2);
  BOOST_TEST(s.kept.alive == 1);
  BOOST_TEST(s.kept.has("adopted ann"));
  BOOST_TEST(s.kept.has("adopted bob"));
  s.node.text(ann, "say still there");
  BOOST_TEST(s.last(ann) == "still there");
  s.node.text(bob, "count");
  BOOST_TEST(s.last(bob) == "2"); // of the new one
  auto probe = s.node.context().registry.at("handler:/serve").probe->read();
  BOOST_TEST(probe.restarts == 1);
  BOOST_TEST(probe.last_failure == "a tantrum");
}

BOOST_AUTO_TEST_CASE(the_router_does_not_begin_anew_with_it) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto heard = [&] { return s.node.context().registry.at("router").probe->read().messages; };
  auto before = heard();
  s.node.text(ann, "throw a tantrum");
  BOOST_TEST(s.kept.made == 2u);
  BOOST_TEST(heard() == before);
}

BOOST_AUTO_TEST_CASE(what_was_set_and_joined_is_there_for_the_next) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  for (auto* text : {"attribute glad", "subscribe news", "throw a tantrum", "mood"})
    s.node.text(ann, text);
  BOOST_TEST(s.last(ann) == "glad");
  for (std::size_t i = 0; i < 63; ++i)
    s.node.text(ann, "subscribe t" + std::to_string(i));
  BOOST_TEST(s.last(ann) == "yes");
  s.node.text(ann, "subscribe one_more");
  BOOST_TEST(s.last(ann) == "no");
}

BOOST_AUTO_TEST_CASE(whom_it_throws_for_as_he_opens_is_closed_alone) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bad = s.node.connect(0, "/serve?user=bad&refuse=yes");
  BOOST_TEST((bad.socket.sent_code == close_code::handler_crashed));
  BOOST_TEST(!s.kept.has("adopted bad"));
  BOOST_TEST(s.kept.has("adopted ann"));
  BOOST_TEST(s.kept.made == 2u);
  BOOST_TEST(!ann.socket.closing);
  auto receipts = s.node.receipts("bad");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST(receipts[0].detail == "not in opened()");
}

BOOST_AUTO_TEST_CASE(what_was_under_way_to_one_that_fails_is_handled_by_the_next) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& shard = s.node.at(0);
  for (auto* text : {"say one", "throw a tantrum", "say two", "say three"})
    shard.message(ann.reply.slot, frame_opcode::text, text);
  s.node.run();
  std::vector<std::string> expected{"one", "two", "three"};
  BOOST_TEST(ann.socket.texts == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_it_says_to_one_in_a_row_leaves_in_one_go) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  auto ann_before = ann.socket.writes, bob_before = bob.socket.writes;
  for (auto* text : {"say one", "say two", "say three"})
    s.node.at(0).message(ann.reply.slot, frame_opcode::text, text);
  s.node.at(0).message(bob.reply.slot, frame_opcode::text, "say four");
  s.node.at(0).message(ann.reply.slot, frame_opcode::text, "say five");
  s.node.run();
  std::vector<std::string> expected{"one", "two", "three", "five"};
  BOOST_TEST(ann.socket.texts == expected, boost::test_tools::per_element());
  BOOST_TEST(ann.socket.writes == ann_before + 2);
  BOOST_TEST(bob.socket.writes == bob_before + 1);
  BOOST_TEST(!ann.socket.corked);
}

BOOST_AUTO_TEST_CASE(what_it_says_before_it_closes_one_arrives) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.at(0).message(ann.reply.slot, frame_opcode::text, "say one");
  s.node.at(0).message(ann.reply.slot, frame_opcode::text, "close");
  s.node.at(0).message(ann.reply.slot, frame_opcode::text, "say two");
  s.node.run();
  BOOST_TEST(ann.socket.texts == std::vector<std::string>{"one"}, boost::test_tools::per_element());
  BOOST_TEST(ann.socket.closing);
  BOOST_TEST(!ann.socket.corked);
}

BOOST_AUTO_TEST_CASE(one_that_is_killed_loses_nothing_either) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto address = s.node.context().registry.at("handler:/serve").address;
  caf::anon_send_exit(caf::actor_cast<caf::actor>(address), caf::exit_reason::kill);
  s.node.at(0).message(ann.reply.slot, frame_opcode::text, "say it all the same");
  s.node.run();
  BOOST_TEST(s.last(ann) == "it all the same");
  BOOST_TEST(s.kept.made == 2);
}

BOOST_AUTO_TEST_CASE(who_has_left_meanwhile_is_not_adopted) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(0, "/serve?user=bob");
  s.node.peer_vanishes(bob);
  s.node.text(ann, "throw a tantrum");
  BOOST_TEST(s.kept.has("adopted ann"));
  BOOST_TEST(!s.kept.has("adopted bob"));
}

BOOST_AUTO_TEST_CASE(one_that_keeps_failing_ends_the_node_by_a_drain) {
  servants s{handler_mode::shared, 1, give_up_policy::drain, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "throw one");
  s.node.text(ann, "throw two");
  s.node.advance(std::chrono::seconds{60});
  BOOST_REQUIRE(s.node.ledger.has_value());
  BOOST_TEST(s.node.context().given_up == "handler:/serve");
}

BOOST_AUTO_TEST_CASE(or_closes_its_connections_as_configured) {
  servants s{handler_mode::shared, 2, give_up_policy::close, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  auto& bob = s.node.connect(1, "/serve?user=bob");
  auto& other = s.node.connect(1, "/echo?user=cat");
  s.node.text(ann, "throw one");
  BOOST_TEST(!ann.socket.closing);
  s.node.text(ann, "throw two");
  for (auto* c : {&ann, &bob})
    BOOST_TEST((c->socket.sent_code == close_code::handler_crashed));
  BOOST_TEST(!other.socket.closing);
  BOOST_TEST(!s.node.ledger.has_value());
  auto receipts = s.node.receipts("bob");
  BOOST_REQUIRE(receipts.size() == 1);
  BOOST_TEST(receipts[0].detail == "the route's handler keeps failing: two");
  auto& late = s.node.connect(0, "/serve?user=dan");
  BOOST_TEST((late.socket.sent_code == close_code::handler_crashed));
}

BOOST_AUTO_TEST_CASE(who_sends_faster_than_it_handles_is_not_read_from_meanwhile) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  std::string much(60'000, 'x');
  for (int i = 0; i < 30 && !ann.socket.paused; ++i)
    s.node.at(0).message(ann.reply.slot, frame_opcode::text, much);
  BOOST_TEST(ann.socket.paused);
  s.node.run();
  BOOST_TEST(!ann.socket.paused);
}

BOOST_AUTO_TEST_CASE(what_it_shows_is_seen_at_its_actor) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "show me");
  auto all = s.node.ask<std::vector<actor_view>>(s.node.peers().inspector, list_actors{});
  auto found
    = std::find_if(all.begin(), all.end(), [](auto& x) { return x.name == "handler:/serve"; });
  BOOST_REQUIRE((found != all.end()));
  BOOST_TEST(std::string{value_of(found->shown, "said")} == "me");
}

BOOST_AUTO_TEST_CASE(it_can_do_what_any_actor_can) {
  servants s{handler_mode::shared, 1};
  auto& ann = s.node.connect(0, "/serve?user=ann");
  s.node.text(ann, "ask ha");
  BOOST_TEST(s.kept.has("answer haha"));
  s.node.text(ann, "note_later noted");
  s.node.advance(std::chrono::seconds{2});
  BOOST_TEST(s.kept.has("noted"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(handlers_on_trial)

namespace {

handler_type makes(handler_factory factory) {
  return handler_type{std::move(factory)};
}

route_config shared_route() {
  route_config route;
  route.handler = "mine";
  route.mode = handler_mode::shared;
  return route;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_that_wants_its_actor_is_tried_no_further) {
  try_handler(makes([](handler_context& around) -> std::unique_ptr<handler> {
                around.self()->quit();
                throw std::invalid_argument{"not reached"};
              }),
              shared_route());
  try_handler(makes([](handler_context& around) -> std::unique_ptr<handler> {
                around.node().system();
                throw std::invalid_argument{"not reached"};
              }),
              shared_route());
}

BOOST_AUTO_TEST_CASE(whatever_is_wrong_is_said) {
  auto is = [](const char* text) {
    return [text](const std::exception& e) { return std::string{e.what()} == text; };
  };
  auto fails = [&](const handler_factory& factory, const char* text) {
    BOOST_CHECK_EXCEPTION(try_handler(makes(factory), shared_route()), std::exception, is(text));
  };
  fails([](handler_context&) -> std::unique_ptr<handler> { throw std::string{"a text"}; },
        "a text");
  fails([](handler_context&) -> std::unique_ptr<handler> { throw "letters"; }, "letters");
  fails([](handler_context&) { return std::unique_ptr<handler>{}; },
        "the factory of the handler \"mine\" has made none");
  fails({}, "the handler \"mine\" has no factory");
}

BOOST_AUTO_TEST_SUITE_END()
