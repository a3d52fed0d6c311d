// Watching what happens to connections, across shards.
#include "actors/connection_trace.hpp"
#include "tests/actors/two_shards.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

/// Everything that one trace was told.
struct told {
  std::vector<trace_event> events;
  std::optional<trace_summary> end;
  caf::actor watcher;

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (auto& event : events)
      result.emplace_back(to_string(event.what));
    return result;
  }

  std::size_t count(trace_kind what) const {
    auto same = [what](const trace_event& x) { return x.what == what; };
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), same));
  }

  const trace_event& last(trace_kind what) const {
    auto same = [what](const trace_event& x) { return x.what == what; };
    auto found = std::find_if(events.rbegin(), events.rend(), same);
    if (found == events.rend())
      throw std::runtime_error{"there was no event " + std::string{to_string(what)}};
    return *found;
  }
};

/// Watches from now on. What is returned outlives the node's last turn.
void watch(fake_node& node, told& into, selector which = {}, std::uint64_t limit = 100,
           duration span = 10s) {
  into.watcher = trace_connections(
    node.context().unit, node.peers(), {std::move(which), limit, span},
    [&into](std::vector<trace_event> events) {
      into.events.insert(into.events.end(), events.begin(), events.end());
    },
    [&into](const trace_summary& end) { into.end = end; });
  node.run();
}

/// Two shards whose heartbeats say nothing meanwhile.
node_settings quiet() {
  auto settings = two_shards();
  settings.heartbeat.ping_interval = 1h;
  settings.heartbeat.zombie_detection_threshold = 2h;
  return settings;
}

selector of_user(const std::string& user) {
  selector which;
  which.users = {user};
  return which;
}

bool someone_is_watched(fake_node& node) {
  return node.at(0).traced || node.at(1).traced;
}

} // namespace

BOOST_AUTO_TEST_SUITE(trace)

BOOST_AUTO_TEST_CASE(the_life_of_a_users_connections_is_told_on_every_shard) {
  told heard;
  fake_node node{quiet()};
  watch(node, heard, of_user("ann"));
  auto& a = node.connect(0, "/echo?user=ann");
  auto& other = node.connect(0, "/echo?user=bob");
  auto& b = node.connect(1, "/echo?user=ann");
  node.text(a, "four");
  node.text(other, "not told");
  node.peer_closes(a);
  node.peer_vanishes(b);
  BOOST_TEST(heard.names()
               == (std::vector<std::string>{"admitted", "admitted", "message_in", "message_out",
                                            "moved", "ended", "ended"}),
             boost::test_tools::per_element());
  for (auto& event : heard.events)
    BOOST_TEST(event.user == "ann");
  BOOST_TEST(heard.events[1].number == 2);
  BOOST_TEST(heard.events[2].bytes == 4);
  BOOST_TEST((heard.events[4].to == connection_state::closing));
  BOOST_TEST((heard.events[5].why == cause::peer_closed));
  BOOST_TEST(heard.events[5].in.messages == 1);
  BOOST_TEST((heard.events[6].why == cause::peer_vanished));
  BOOST_TEST(heard.events[0].address == "192.0.2.1:50000");
}

BOOST_AUTO_TEST_CASE(pings_pongs_and_doubts_are_told_with_their_round_trip) {
  told heard;
  auto settings = two_shards();
  settings.heartbeat.ping_interval = 5s;
  settings.heartbeat.pong_timeout = 1s;
  settings.heartbeat.max_missed_pongs = 2;
  fake_node node{settings};
  auto& c = node.connect(0, "/echo?user=ann");
  watch(node, heard, {}, 100, 60s);
  while (c.socket.pings.empty())
    node.advance(20ms);
  node.advance(40ms);
  node.pong(c);
  BOOST_TEST(heard.count(trace_kind::ping_sent) == 1);
  BOOST_TEST((heard.last(trace_kind::pong).rtt >= 40ms));
  BOOST_TEST((heard.last(trace_kind::pong).rtt <= 60ms));
  node.advance(10s);
  BOOST_TEST((heard.last(trace_kind::close_queued).code == close_code::heartbeat_lost));
  auto moved = heard.count(trace_kind::moved);
  BOOST_TEST(moved == 3); // suspect, zombie, closing
  BOOST_TEST((heard.last(trace_kind::ended).why == cause::zombie_count));
}

BOOST_AUTO_TEST_CASE(a_handlers_pauses_are_told) {
  told heard;
  class pausing final : public handler {
  public:
    void inbound(session& s, const inbound_message&) override {
      s.pause_reading();
      s.resume_reading();
    }
  };
  auto settings = two_shards();
  settings.routes.push_back({"/pause", "pausing", {}});
  auto handlers = built_in_handlers();
  handlers["pausing"] = [](const route_config&) { return std::make_unique<pausing>(); };
  fake_node node{settings, handlers};
  watch(node, heard);
  node.text(node.connect(0, "/pause"), "now");
  BOOST_TEST(heard.count(trace_kind::paused) == 1);
  BOOST_TEST(heard.count(trace_kind::resumed) == 1);
}

BOOST_AUTO_TEST_CASE(who_is_refused_is_told_of_by_user_and_by_address) {
  told user;
  told address;
  fake_node node{quiet()};
  selector from;
  from.from = parse_cidr_block("198.51.100.0/24");
  watch(node, user, of_user("ann"));
  watch(node, address, from);
  node.connect(0, "/echo?user=ann");
  node.connect(1, "/echo?user=ann");
  node.connect(0, "/echo?user=ann"); // two are allowed
  BOOST_TEST((user.last(trace_kind::refused).refused_for == refusal::user_limit));
  node.connect(0, "/nowhere", {}, "198.51.100.7");
  BOOST_REQUIRE(address.events.size() == 1);
  BOOST_TEST((address.events[0].refused_for == refusal::not_found));
  BOOST_TEST(address.events[0].address == "198.51.100.7:50000");
  BOOST_TEST((address.events[0].id == connection_id{}));
}

BOOST_AUTO_TEST_CASE(it_ends_after_its_limit_over_all_shards_and_leaves_nothing_behind) {
  told heard;
  fake_node node{quiet()};
  watch(node, heard, {}, 3);
  BOOST_TEST(someone_is_watched(node));
  for (int i = 0; i < 4; ++i)
    node.connect(static_cast<std::size_t>(i % 2), "/echo");
  BOOST_TEST(heard.events.size() == 3);
  BOOST_REQUIRE(heard.end);
  BOOST_TEST((heard.end->why == trace_end::limit));
  BOOST_TEST(heard.end->told == 3);
  BOOST_TEST(!someone_is_watched(node));
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_time) {
  told heard;
  fake_node node{quiet()};
  auto& c = node.connect(0, "/echo");
  node.advance(1s); // with its first ping
  watch(node, heard, {}, 100, 2s);
  node.text(c, "one");
  node.advance(1900ms);
  BOOST_TEST(!heard.end);
  node.advance(200ms);
  BOOST_REQUIRE(heard.end);
  BOOST_TEST((heard.end->why == trace_end::time));
  BOOST_TEST(heard.end->told == 2);
  BOOST_TEST(heard.end->silent.empty());
  BOOST_TEST(!someone_is_watched(node));
}

BOOST_AUTO_TEST_CASE(it_ends_when_who_asked_for_it_ends) {
  told heard;
  fake_node node{quiet()};
  watch(node, heard);
  node.connect(0, "/echo");
  BOOST_TEST(heard.events.size() == 1);
  caf::anon_send_exit(heard.watcher, caf::exit_reason::user_shutdown);
  node.run();
  BOOST_TEST(!someone_is_watched(node));
  node.connect(0, "/echo");
  BOOST_TEST(heard.events.size() == 1);
  BOOST_TEST(!heard.end);
}

BOOST_AUTO_TEST_CASE(who_watched_is_not_taken_for_a_connection_when_it_ends) {
  told heard;
  fake_node node{quiet()};
  auto& c = node.connect(0, "/echo?user=ann");
  watch(node, heard, {}, 1);
  node.text(c, "one"); // the end of the trace, and of who asked
  heard.watcher = nullptr;
  node.run();
  BOOST_TEST(node.open() == 1);
  BOOST_TEST(look(node, "pool/0").restarts == 0);
}

BOOST_AUTO_TEST_CASE(a_shard_bears_eight_and_says_so_to_the_ninth) {
  std::vector<told> heard(most_traces + 1);
  fake_node node{quiet()};
  for (auto& each : heard)
    watch(node, each);
  for (std::size_t i = 0; i < most_traces; ++i)
    BOOST_TEST(!heard[i].end);
  BOOST_REQUIRE(heard.back().end);
  BOOST_TEST((heard.back().end->why == trace_end::too_many));
  caf::anon_send_exit(heard[0].watcher, caf::exit_reason::user_shutdown);
  node.run();
  told another;
  watch(node, another);
  BOOST_TEST(!another.end);
  node.connect(0, "/echo");
  BOOST_TEST(another.events.size() == 1);
  BOOST_TEST(heard[1].events.size() == 1);
  for (auto& each : heard)
    caf::anon_send_exit(each.watcher, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(another.watcher, caf::exit_reason::user_shutdown);
  node.run();
}

BOOST_AUTO_TEST_CASE(a_restarted_pool_member_ends_it_and_is_named) {
  told heard;
  fake_node node{quiet()};
  watch(node, heard);
  node.kill(node.peers().members[1]);
  BOOST_REQUIRE(heard.end);
  BOOST_TEST((heard.end->why == trace_end::restarted));
  BOOST_TEST(heard.end->silent == std::vector<std::string>{"pool/1"},
             boost::test_tools::per_element());
  BOOST_TEST(!someone_is_watched(node));
}

BOOST_AUTO_TEST_CASE(silent_members_are_named_and_the_others_still_tell) {
  told heard;
  fake_node node{quiet()};
  auto deaf = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor* self) {
    return caf::behavior{[self](const start_trace&) { return self->make_response_promise<errc>(); },
                         [](stop_trace) {}};
  });
  auto peers = node.peers();
  peers.members[1] = caf::actor_cast<pool_member_actor>(deaf);
  trace_connections(
    node.context().unit, peers, {{}, 100, 5s},
    [&](std::vector<trace_event> events) {
      heard.events.insert(heard.events.end(), events.begin(), events.end());
    },
    [&](const trace_summary& end) { heard.end = end; });
  node.advance(2s);
  node.connect(0, "/echo");
  BOOST_TEST(heard.events.size() == 1);
  node.advance(4s);
  BOOST_REQUIRE(heard.end);
  BOOST_TEST((heard.end->why == trace_end::time));
  BOOST_TEST(heard.end->silent == std::vector<std::string>{"pool/1"},
             boost::test_tools::per_element());
  caf::anon_send_exit(deaf, caf::exit_reason::user_shutdown);
  node.run();
}

BOOST_AUTO_TEST_CASE(events_that_are_not_taken_in_time_are_left_out_and_counted) {
  fake_node node{quiet()};
  auto& c = node.connect(0, "/echo");
  node.advance(1s); // with its first ping
  std::uint64_t told = 0;
  std::uint64_t left_out = 0;
  auto slow = spawn_on(node.context().unit, probe_ptr{}, [&](caf::event_based_actor* self) {
    self->request(node.peers().members[0], caf::infinite, start_trace{{}, 1000, 5s}).then([](errc) {
    });
    return caf::behavior{[&](const trace_events& x) {
                           told += x.events.size();
                           left_out += x.left_out;
                         },
                         [&](const trace_over& x) { left_out += x.left_out; }};
  });
  node.run();
  for (std::size_t i = 0; i < most_untaken; ++i)
    node.text(c, "x"); // two events each
  BOOST_TEST(told == most_untaken);
  node.advance(6s);
  BOOST_TEST(left_out == most_untaken);
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
  node.run();
}

BOOST_AUTO_TEST_SUITE_END()
