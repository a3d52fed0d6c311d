#include "protocol/drain.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

using machine = holdfast::drain;

time_point at(duration since) {
  return time_point{1h} + since;
}

struct namer {
  std::string operator()(const enter_phase& x) { return std::string{to_string(x.phase)}; }
  std::string operator()(const stop_accepting& x) { return "!stop#" + std::to_string(x.drain); }
  std::string operator()(const begin_leaving&) { return "!leave"; }
  std::string operator()(const stop_heartbeats&) { return "!still"; }
  std::string operator()(const force_close_all&) { return "!force"; }
  std::string operator()(const abort_all&) { return "!abort"; }
  std::string operator()(const run_cleanup&) { return "!cleanup"; }
  std::string operator()(const resume_serving&) { return "!resume"; }
  std::string operator()(const finish&) { return "!finish"; }
};

// Phases by name, other commands with a mark before them.
std::string text(const drain_commands& commands) {
  std::string result;
  for (auto& command : commands)
    result += (result.empty() ? "" : " ") + std::visit(namer{}, command);
  return result;
}

const begin_leaving& leaving_in(const drain_commands& commands) {
  for (auto& command : commands)
    if (auto* found = std::get_if<begin_leaving>(&command))
      return *found;
  BOOST_FAIL("nobody was told to leave");
  std::abort();
}

drain_request request(std::size_t shards = 1, duration lb_grace = 0s) {
  drain_request result;
  result.shards = shards;
  result.config.lb_grace = lb_grace;
  result.targets = {{"b", 1}};
  return result;
}

accepting_stopped stopped(std::uint64_t drain, shard_index shard, std::uint64_t leased,
                          std::uint64_t plain = 0) {
  accepting_stopped result;
  result.drain = drain;
  result.shard = shard;
  result.population.leased = leased;
  result.population.plain = plain;
  return result;
}

// A drain of 10 connections on one shard, started at 0 s with a grace of 10 s, brought to `phase`.
// What it waits for in each: unready 0 s, stop_accepting 10 s, draining 10 s, force_close 40 s,
// cleanup 45 s, finished 46 s.
machine in_phase(drain_phase phase) {
  machine m{5s};
  m.start(at(0s), request(1, 10s));
  if (phase >= drain_phase::stop_accepting)
    m.tick(at(10s), 10);
  if (phase >= drain_phase::draining)
    m.stopped_accepting(at(10s), stopped(1, 0, 10), 10);
  if (phase >= drain_phase::force_close)
    m.tick(at(40s), 10);
  if (phase >= drain_phase::cleanup)
    m.tick(at(45s), 0);
  if (phase >= drain_phase::finished)
    m.cleanup_done(at(46s));
  BOOST_TEST_REQUIRE((m.phase() == phase));
  return m;
}

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(drain_phase)

BOOST_AUTO_TEST_SUITE(drain)

BOOST_AUTO_TEST_CASE(a_drain_whose_clients_leave_goes_through_the_phases_in_order) {
  machine m{5s};
  BOOST_TEST(text(m.start(at(0s), request(2, 10s))) == "unready");
  BOOST_TEST((m.next_deadline() == at(10s)));
  BOOST_TEST(text(m.tick(at(9999ms), 8)) == "");
  BOOST_TEST(text(m.tick(at(10s), 8)) == "stop_accepting !stop#1");
  BOOST_TEST(text(m.stopped_accepting(at(10s), stopped(1, 1, 3), 8)) == "");
  BOOST_TEST(text(m.stopped_accepting(at(11s), stopped(1, 0, 5), 8)) == "notify !leave draining");
  BOOST_TEST((m.next_deadline() == at(40s))); // 30 s from t
  BOOST_TEST(text(m.tick(at(12s), 1)) == "");
  BOOST_TEST(text(m.tick(at(13s), 0)) == "stop_heartbeats !still cleanup !cleanup");
  BOOST_TEST((m.next_deadline() == at(19s)));
  BOOST_TEST(text(m.cleanup_done(at(14s))) == "finished !finish");
  BOOST_TEST(!m.next_deadline().has_value());
}

BOOST_AUTO_TEST_CASE(without_a_grace_the_node_stops_accepting_at_once) {
  machine m{5s};
  BOOST_TEST(text(m.start(at(0s), request())) == "unready stop_accepting !stop#1");
}

BOOST_AUTO_TEST_CASE(nobody_connected_goes_straight_through) {
  machine m{5s};
  m.start(at(0s), request());
  BOOST_TEST(text(m.stopped_accepting(at(1ms), stopped(1, 0, 0), 0))
             == "notify !leave draining stop_heartbeats !still cleanup !cleanup");
}

BOOST_AUTO_TEST_CASE(a_connection_nobody_counted_is_waited_for) {
  machine m{5s};
  m.start(at(0s), request());
  BOOST_TEST(text(m.stopped_accepting(at(0s), stopped(1, 0, 0), 1)) == "notify !leave draining");
}

BOOST_AUTO_TEST_CASE(stragglers_are_closed_by_force_at_the_deadline) {
  auto m = in_phase(drain_phase::draining);
  BOOST_TEST(text(m.tick(at(40s - 1ns), 2)) == "");
  BOOST_TEST(text(m.tick(at(40s), 2)) == "stop_heartbeats !still force_close !force");
  BOOST_TEST(text(m.tick(at(41s), 1)) == "");
  BOOST_TEST(text(m.tick(at(42s), 0)) == "cleanup !cleanup");
}

BOOST_AUTO_TEST_CASE(who_is_left_at_force_close_timeout_from_t_is_aborted_once) {
  auto m = in_phase(drain_phase::force_close);
  BOOST_TEST((m.next_deadline() == at(70s)));
  BOOST_TEST(text(m.tick(at(70s - 1ns), 1)) == "");
  BOOST_TEST(text(m.tick(at(70s), 1)) == "!abort");
  BOOST_TEST(text(m.tick(at(70s + 1ms), 1)) == "");
  BOOST_TEST(text(m.tick(at(70s + 2ms), 0)) == "cleanup !cleanup");
}

BOOST_AUTO_TEST_CASE(connections_that_do_not_even_report_their_abort_hold_nothing_up) {
  auto m = in_phase(drain_phase::force_close);
  m.tick(at(70s), 1);
  BOOST_TEST((m.next_deadline() == at(71s)));
  BOOST_TEST(text(m.tick(at(71s), 1)) == "cleanup !cleanup");
}

BOOST_AUTO_TEST_CASE(cleanup_that_never_answers_ends_a_second_after_its_timeout) {
  auto m = in_phase(drain_phase::cleanup);
  BOOST_TEST(text(m.tick(at(51s - 1ns), 0)) == "");
  BOOST_TEST(text(m.tick(at(51s), 0)) == "finished !finish");
  BOOST_TEST(text(m.cleanup_done(at(52s))) == "");
}

BOOST_AUTO_TEST_CASE(a_shard_that_never_answers_is_not_waited_for) {
  machine m{5s};
  m.start(at(0s), request(3));
  m.stopped_accepting(at(0s), stopped(1, 0, 4, 1), 99);
  m.stopped_accepting(at(0s), stopped(1, 2, 6, 2), 99);
  BOOST_TEST((m.next_deadline() == at(2s)));
  BOOST_TEST(text(m.tick(at(2s - 1ns), 99)) == "");
  auto commands = m.tick(at(2s), 99);
  BOOST_TEST(text(commands) == "notify !leave draining");
  auto& command = leaving_in(commands);
  BOOST_TEST(command.plan.leased == 10u);
  BOOST_TEST_REQUIRE(command.shares.size() == 3u);
  BOOST_TEST(command.shares[2].first_leased == 4u);
  BOOST_TEST(command.shares[2].first_plain == 1u);
  BOOST_TEST((command.plan.window == 30s - 2s - 10s - 1s)); // the two seconds are gone
  BOOST_TEST((m.next_deadline() == at(30s)));
}

BOOST_AUTO_TEST_CASE(a_shard_is_counted_once_and_only_for_the_drain_it_answers) {
  machine m{5s};
  m.start(at(0s), request(2));
  BOOST_TEST(text(m.stopped_accepting(at(0s), stopped(0, 0, 1), 9)) == "");
  BOOST_TEST(text(m.stopped_accepting(at(0s), stopped(1, 0, 1), 9)) == "");
  BOOST_TEST(text(m.stopped_accepting(at(0s), stopped(1, 0, 7), 9)) == "");
  BOOST_TEST(text(m.stopped_accepting(at(0s), stopped(1, 2, 7), 9)) == ""); // no such shard
  BOOST_TEST(leaving_in(m.stopped_accepting(at(0s), stopped(1, 1, 2), 9)).plan.leased == 3u);
  BOOST_TEST(text(m.stopped_accepting(at(1s), stopped(1, 1, 2), 9)) == "");
}

BOOST_AUTO_TEST_CASE(with_notification_off_shares_number_all_clients_as_plain) {
  machine m{5s};
  auto r = request(2);
  r.config.notify_clients = false;
  m.start(at(0s), r);
  m.stopped_accepting(at(0s), stopped(1, 0, 4, 1), 9);
  auto commands = m.stopped_accepting(at(0s), stopped(1, 1, 2, 2), 9);
  BOOST_TEST(leaving_in(commands).plan.plain == 9u);
  BOOST_TEST(leaving_in(commands).shares[1].first_plain == 5u);
}

BOOST_AUTO_TEST_CASE(a_drain_can_be_cancelled_while_it_is) {
  for (auto phase : {drain_phase::unready, drain_phase::stop_accepting, drain_phase::draining}) {
    auto m = in_phase(phase);
    BOOST_TEST(text(m.cancel(at(11s))) == "!resume serving");
    BOOST_TEST(m.phase() == drain_phase::serving);
    BOOST_TEST(!m.next_deadline().has_value());
    BOOST_TEST(text(m.tick(at(200s), 0)) == "");
    auto s = m.status(at(200s));
    BOOST_TEST((s.age == 189s && s.t == 0s && s.planned_end == 0s));
  }
}

BOOST_AUTO_TEST_CASE(a_drain_cannot_be_cancelled_from_force_close_on) {
  for (auto phase : {drain_phase::force_close, drain_phase::cleanup, drain_phase::finished}) {
    auto m = in_phase(phase);
    BOOST_TEST(text(m.cancel(at(47s))) == "");
    BOOST_TEST(m.phase() == phase);
  }
  machine idle{5s};
  BOOST_TEST(text(idle.cancel(at(0s))) == "");
}

BOOST_AUTO_TEST_CASE(after_a_cancelled_drain_another_one_works_and_ignores_the_first_ones_answers) {
  machine m{5s};
  m.start(at(0s), request(2));
  m.stopped_accepting(at(0s), stopped(1, 0, 5), 10);
  m.cancel(at(1s));
  BOOST_TEST(text(m.start(at(100s), request(2))) == "unready stop_accepting !stop#2");
  BOOST_TEST(text(m.stopped_accepting(at(100s), stopped(1, 1, 5), 10)) == "");
  BOOST_TEST(text(m.stopped_accepting(at(100s), stopped(2, 1, 6), 10)) == "");
  auto commands = m.stopped_accepting(at(100s), stopped(2, 0, 3), 10);
  BOOST_TEST(leaving_in(commands).plan.leased == 9u);
  BOOST_TEST((m.next_deadline() == at(130s)));
  BOOST_TEST(text(m.tick(at(130s), 1)) == "stop_heartbeats !still force_close !force");
  BOOST_TEST(text(m.tick(at(160s), 1)) == "!abort");
}

BOOST_AUTO_TEST_CASE(a_second_start_changes_nothing) {
  for (auto phase : {drain_phase::unready, drain_phase::stop_accepting, drain_phase::draining,
                     drain_phase::force_close, drain_phase::cleanup, drain_phase::finished}) {
    auto m = in_phase(phase);
    auto deadline = m.next_deadline();
    BOOST_TEST(text(m.start(at(47s), request())) == "");
    BOOST_TEST(m.phase() == phase);
    BOOST_TEST((m.next_deadline() == deadline));
  }
}

BOOST_AUTO_TEST_CASE(force_while_unready_stops_accepting_first) {
  auto m = in_phase(drain_phase::unready);
  BOOST_TEST(text(m.force(at(3s), 10))
             == "stop_accepting !stop#1 stop_heartbeats !still force_close !force");
  BOOST_TEST((m.next_deadline() == at(63s)));
  BOOST_TEST(text(m.stopped_accepting(at(3s), stopped(1, 0, 10), 10)) == "");
}

BOOST_AUTO_TEST_CASE(force_closes_whoever_is_left_at_once) {
  for (auto phase : {drain_phase::stop_accepting, drain_phase::draining}) {
    auto m = in_phase(phase);
    BOOST_TEST(text(m.force(at(11s), 10)) == "stop_heartbeats !still force_close !force");
    BOOST_TEST((m.next_deadline() == at(70s))); // still from t
    BOOST_TEST(text(m.tick(at(12s), 0)) == "cleanup !cleanup");
  }
}

BOOST_AUTO_TEST_CASE(force_with_nobody_left_goes_on_to_cleanup) {
  auto m = in_phase(drain_phase::unready);
  BOOST_TEST(text(m.force(at(3s), 0))
             == "stop_accepting !stop#1 stop_heartbeats !still "
                "force_close !force cleanup !cleanup");
}

BOOST_AUTO_TEST_CASE(force_when_it_is_too_late_or_too_early_changes_nothing) {
  for (auto phase : {drain_phase::force_close, drain_phase::cleanup, drain_phase::finished}) {
    auto m = in_phase(phase);
    BOOST_TEST(text(m.force(at(47s), 10)) == "");
    BOOST_TEST(m.phase() == phase);
  }
  machine idle{5s};
  BOOST_TEST(text(idle.force(at(0s), 10)) == "");
  BOOST_TEST(idle.phase() == drain_phase::serving);
}

BOOST_AUTO_TEST_CASE(cleanup_done_counts_in_cleanup_only) {
  auto m = in_phase(drain_phase::draining);
  BOOST_TEST(text(m.cleanup_done(at(11s))) == "");
  BOOST_TEST(m.phase() == drain_phase::draining);
}

BOOST_AUTO_TEST_CASE(a_tick_that_comes_a_minute_late_does_all_that_is_due) {
  auto m = in_phase(drain_phase::draining);
  BOOST_TEST(text(m.tick(at(100s), 3)) == "stop_heartbeats !still force_close !force !abort");
  BOOST_TEST((m.next_deadline() == at(101s))); // their end is still waited for
}

BOOST_AUTO_TEST_CASE(a_drain_timeout_beyond_force_close_ends_with_it) {
  machine m{5s};
  auto r = request();
  r.config.drain_timeout = 90s;
  m.start(at(0s), r);
  m.stopped_accepting(at(0s), stopped(1, 0, 1), 1);
  BOOST_TEST((m.next_deadline() == at(60s)));
  BOOST_TEST(text(m.tick(at(60s), 1)) == "stop_heartbeats !still force_close !force !abort");
}

BOOST_AUTO_TEST_CASE(a_drain_in_which_nobody_ever_answers_ends_at_its_longest) {
  machine m{5s};
  m.start(at(0s), request(4, 10s));
  while (m.phase() != drain_phase::finished) {
    auto due = m.next_deadline();
    BOOST_TEST_REQUIRE(due.has_value());
    m.tick(*due, 1);
    if (m.phase() == drain_phase::finished)
      BOOST_TEST((*due - at(0s) == longest_drain(request(4, 10s).config)));
  }
  BOOST_TEST((longest_drain(request(4, 10s).config) == 77s));
}

BOOST_AUTO_TEST_CASE(whatever_happens_a_started_drain_ends_by_its_longest_or_is_cancelled) {
  std::mt19937 random{7};
  auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 2000; ++round) {
    machine m{5s};
    auto r = request(2, below(3) * 5s);
    m.start(at(0s), r);
    duration now = 0s;
    std::size_t open = below(4);
    while (m.phase() != drain_phase::finished && m.phase() != drain_phase::serving) {
      BOOST_TEST_REQUIRE(m.next_deadline().has_value());
      now = std::min(now + below(8000) * 1ms, *m.next_deadline() - at(0s));
      BOOST_REQUIRE((now <= longest_drain(r.config)));
      if (open > 0 && below(20) == 0)
        --open;
      switch (below(16)) {
      case 0: m.force(at(now), open); break;
      case 1: m.cancel(at(now)); break;
      case 2: m.cleanup_done(at(now)); break;
      case 3:
      case 4:
        m.stopped_accepting(at(now), stopped(1, static_cast<shard_index>(below(3)), below(9)),
                            open);
        break;
      default: m.tick(at(now), open);
      }
      m.tick(at(now), open);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_status_says_phase_age_and_what_it_waits_for) {
  machine m{5s};
  BOOST_TEST(m.status(at(3s)).drain == 0u);
  BOOST_TEST((m.status(at(3s)).age == 0s)); // no time of its own has begun
  m.start(at(0s), request(2, 10s));
  auto s = m.status(at(4s));
  BOOST_TEST(s.drain == 1u);
  BOOST_TEST(s.phase == drain_phase::unready);
  BOOST_TEST((s.age == 4s && s.t == 0s && s.left == 6s));
  BOOST_TEST(s.waiting_for == "the load balancer to notice");
  m.tick(at(10s), 8);
  m.stopped_accepting(at(10s), stopped(1, 0, 4), 8);
  BOOST_TEST(m.status(at(10s)).waiting_for == "1 shard to stop accepting");
  m.stopped_accepting(at(11s), stopped(1, 1, 496), 8);
  s = m.status(at(15s));
  BOOST_TEST(s.waiting_for == "8 connections to leave");
  BOOST_TEST((s.age == 4s && s.t == 5s && s.left == 25s));
  BOOST_TEST((s.planned_end == 2s)); // a second to stop, 500 clients at 500 a second
  m.tick(at(40s), 1);
  BOOST_TEST(m.status(at(40s)).waiting_for == "1 connection to end");
  m.tick(at(70s), 1);
  BOOST_TEST(m.status(at(70s)).waiting_for == "1 aborted connection to end");
  m.tick(at(71s), 1);
  BOOST_TEST(m.status(at(90s)).waiting_for == "cleanup callbacks");
  BOOST_TEST((m.status(at(90s)).left == 0s)); // overdue, never negative
  m.cleanup_done(at(90s));
  BOOST_TEST(m.status(at(90s)).waiting_for == "");
}

BOOST_AUTO_TEST_CASE(the_ledger_says_who_has_no_receipt) {
  drain_ledger ledger;
  ledger.connections = 10;
  ledger.left = 4;
  ledger.closed_in_slot = 3;
  ledger.forced = 1;
  ledger.aborted = 0;
  ledger.otherwise = 1;
  BOOST_TEST(ledger.unaccounted() == 1);
  ledger.left = 6;
  BOOST_TEST(ledger.unaccounted() == -1);
}

BOOST_AUTO_TEST_CASE(reasons_have_names) {
  BOOST_TEST(to_string(drain_reason::signal) == "signal");
  BOOST_TEST(to_string(drain_reason::admin) == "admin");
  BOOST_TEST(to_string(drain_reason::rollout) == "rollout");
}

BOOST_AUTO_TEST_SUITE_END()
