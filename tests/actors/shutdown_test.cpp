// The drain, as it runs over a whole node.
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

node_settings draining(std::size_t shards = 2) {
  auto settings = test_settings();
  settings.shards = shards;
  settings.shutdown.reconnect_rate = 10;
  settings.shutdown.drain_timeout = 20s;
  settings.shutdown.force_close_timeout = 30s;
  settings.shutdown.message_flush_timeout = 2s;
  settings.close_timeout = 2s;
  return settings;
}

std::size_t closed_with(const fake_node& node, close_code code) {
  std::size_t result = 0;
  for (auto& c : node.clients)
    result += c->socket.sent_code == code ? 1 : 0;
  return result;
}

std::vector<drain_phase> phases_seen;

class phase_keeper final : public handler {
public:
  void inbound(session&, const inbound_message&) override {}
  void phase(session&, drain_phase x) override { phases_seen.push_back(x); }
};

cleanup_actor::behavior_type never_answers(cleanup_actor::pointer self) {
  return {
    [self](const cleanup_wanted&) -> caf::result<cleaned_atom> {
      return self->make_response_promise<cleaned_atom>();
    },
  };
}

cleanup_actor::behavior_type answers(cleanup_actor::pointer) {
  return {
    [](const cleanup_wanted&) { return cleaned_atom::value; },
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(shutdown)

BOOST_AUTO_TEST_CASE(with_nobody_connected_a_drain_ends_at_once) {
  fake_node node{draining()};
  node.tell_shutdown(start_drain{});
  node.advance(100ms);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 0);
  BOOST_TEST(!node.listeners[0].accepting);
  BOOST_TEST(!node.listeners[1].accepting);
  BOOST_TEST(!node.at(0).ready());
}

BOOST_AUTO_TEST_CASE(plain_clients_are_closed_1012_in_their_slots_at_the_reconnect_rate) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 50; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  std::size_t before = 0;
  for (int second = 0; second < 5; ++second) {
    node.advance(1s);
    auto now = closed_with(node, close_code::service_restart);
    BOOST_TEST(now - before <= 11);
    before = now;
  }
  node.advance(200ms);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 50);
  BOOST_TEST(node.ledger->closed_in_slot == 50);
  BOOST_TEST(node.ledger->unaccounted() == 0);
  BOOST_TEST((node.ledger->actual >= 4s));
  BOOST_TEST((node.ledger->actual <= 5200ms));
}

BOOST_AUTO_TEST_CASE(leased_clients_are_told_when_to_come_back_and_closed_at_once) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 20; ++i)
    node.connect(i % 2, "/echo", "holdfast.v1");
  node.tell_shutdown(start_drain{});
  node.advance(100ms);
  for (auto& c : node.clients) {
    BOOST_REQUIRE(c->socket.texts.size() == 2);
    BOOST_TEST(c->socket.texts[1].find(R"({"type":"drain","reason":"signal","lease":{)") == 0);
    BOOST_TEST((c->socket.sent_code == close_code::service_restart));
  }
  node.advance(100ms);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->closed_in_slot == 20);
}

BOOST_AUTO_TEST_CASE(who_comes_during_a_drain_is_refused_1012) {
  fake_node node{draining()};
  node.connect(0, "/echo");
  node.tell_shutdown(start_drain{});
  auto& late = node.connect(0, "/echo");
  BOOST_TEST((late.reply.close == close_code::service_restart));
}

BOOST_AUTO_TEST_CASE(readiness_fails_before_accepting_stops) {
  auto settings = draining();
  settings.shutdown.lb_grace = 3s;
  fake_node node{settings};
  node.tell_shutdown(start_drain{});
  BOOST_TEST(!node.at(0).ready());
  node.advance(2s);
  BOOST_TEST(node.listeners[0].accepting);
  BOOST_TEST(node.connect(1, "/echo").accepted());
  node.advance(2s);
  BOOST_TEST(!node.listeners[0].accepting);
}

BOOST_AUTO_TEST_CASE(stragglers_are_closed_by_force_and_aborted_at_the_deadline) {
  auto settings = draining();
  settings.close_timeout = 600s; // the transport would wait for ever
  settings.shutdown.drain_timeout = 10s;
  fake_node node{settings};
  auto& straggler = node.connect(0, "/echo?user=ann");
  straggler.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.advance(29s);
  BOOST_TEST(!straggler.socket.aborted);
  BOOST_TEST(!node.ledger);
  node.advance(2s);
  BOOST_TEST(straggler.socket.aborted);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->aborted == 1);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_CASE(a_second_signal_closes_everyone_at_once) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 100; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  node.advance(1s);
  node.tell_shutdown(force_drain{});
  node.advance(100ms);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->connections == 100);
  BOOST_TEST(node.ledger->forced > 80);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_CASE(a_cancelled_drain_serves_again_and_can_be_started_anew) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 60; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  node.advance(1s);
  auto closed = closed_with(node, close_code::service_restart);
  BOOST_TEST((node.ask<errc>(node.peers().shutdown, cancel_drain{}) == errc::none));
  node.advance(20s);
  BOOST_TEST(closed_with(node, close_code::service_restart) == closed);
  BOOST_TEST(node.listeners[0].accepting);
  BOOST_TEST(node.at(1).ready());
  BOOST_TEST(node.connect(1, "/echo").accepted());
  BOOST_TEST(!node.ledger);
  node.tell_shutdown(start_drain{});
  node.advance(20s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->unaccounted() == 0);
}

BOOST_AUTO_TEST_CASE(leases_of_a_cancelled_drain_are_void) {
  fake_node node{draining()};
  node.connect(0, "/echo"); // keeps the drain going
  for (int i = 0; i < 30; ++i)
    node.connect(1, "/echo");
  auto& v1 = node.connect(0, "/echo", "holdfast.v1");
  v1.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  BOOST_TEST((node.ask<errc>(node.peers().shutdown, cancel_drain{}) == errc::none));
  node.run();
  BOOST_TEST(v1.socket.texts.back() == R"({"type":"drain_cancelled"})");
}

BOOST_AUTO_TEST_CASE(only_a_running_drain_can_be_cancelled_and_not_when_it_uses_force) {
  fake_node node{draining()};
  BOOST_TEST((node.ask<errc>(node.peers().shutdown, cancel_drain{}) == errc::no_drain));
  auto& c = node.connect(0, "/echo");
  c.socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.tell_shutdown(force_drain{});
  BOOST_TEST((node.ask<errc>(node.peers().shutdown, cancel_drain{}) == errc::too_late));
}

BOOST_AUTO_TEST_CASE(every_phase_reaches_the_handlers_in_order) {
  phases_seen.clear();
  auto settings = draining(1);
  settings.routes.push_back({"/phases", "phases", {}});
  auto handlers = built_in_handlers();
  handlers["phases"] = [](const route_config&) { return std::make_unique<phase_keeper>(); };
  fake_node node{settings, handlers};
  for (int i = 0; i < 10; ++i)
    node.connect(0, "/echo");
  node.connect(0, "/phases");
  node.tell_shutdown(start_drain{});
  std::vector<drain_phase> first{drain_phase::unready, drain_phase::stop_accepting,
                                 drain_phase::notify, drain_phase::draining};
  BOOST_TEST((phases_seen == first));
}

BOOST_AUTO_TEST_CASE(a_registered_actor_hears_every_phase_to_the_end) {
  fake_node node{draining()};
  std::vector<drain_phase> heard;
  auto participant = spawn_on(node.context().unit, probe_ptr{},
                              [&](participant_actor::pointer) -> participant_actor::behavior_type {
                                return {[&](phase_changed x) { heard.push_back(x.phase); }};
                              });
  node.tell_shutdown(participant_registration{participant});
  node.tell_shutdown(start_drain{});
  node.advance(200ms);
  BOOST_REQUIRE(!heard.empty());
  BOOST_TEST((heard.front() == drain_phase::unready));
  BOOST_TEST((heard.back() == drain_phase::finished));
}

BOOST_AUTO_TEST_CASE(cleanup_callbacks_run_at_the_end_and_a_late_one_is_named) {
  fake_node node{draining()};
  auto good = spawn_on(node.context().unit, probe_ptr{}, answers);
  auto late = spawn_on(node.context().unit, probe_ptr{}, never_answers);
  node.tell_shutdown(cleanup_registration{"close-db", good});
  node.tell_shutdown(cleanup_registration{"flush-audit", late});
  node.tell_shutdown(start_drain{});
  node.advance(4s);
  BOOST_TEST(!node.ledger);
  node.advance(2s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(node.ledger->cleanups == 2);
  BOOST_TEST(node.ledger->cleanups_failed == 1);
  BOOST_TEST(node.context().drains.failed_cleanups == std::vector<std::string>{"flush-audit"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_plan_changes_nothing_and_counts_the_living) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 40; ++i)
    node.connect(i % 2, "/echo", i < 10 ? "holdfast.v1" : "");
  auto forecast = node.ask<drain_forecast>(node.peers().shutdown, plan_a_drain{});
  BOOST_TEST(forecast.population.plain == 30);
  BOOST_TEST(forecast.population.leased == 10);
  BOOST_TEST((forecast.planned_end == 3s));
  BOOST_TEST(forecast.fits);
  BOOST_TEST(node.open() == 40);
  BOOST_TEST(node.at(0).ready());
}

BOOST_AUTO_TEST_CASE(a_drain_may_be_wished_for_otherwise_than_configured) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 40; ++i)
    node.connect(i % 2, "/echo");
  drain_wishes wishes;
  wishes.reconnect_rate = 40;
  auto forecast = node.ask<drain_forecast>(node.peers().shutdown, plan_a_drain{wishes});
  BOOST_TEST((forecast.planned_end == 1s));
  node.tell_shutdown(start_drain{drain_reason::admin, wishes});
  node.advance(900ms);
  BOOST_TEST(node.open() > 0);
  node.advance(400ms);
  BOOST_TEST(node.open() == 0);
}

BOOST_AUTO_TEST_CASE(the_ledger_can_be_read_while_the_drain_goes_on) {
  fake_node node{draining()};
  for (std::size_t i = 0; i < 40; ++i)
    node.connect(i % 2, "/echo");
  BOOST_TEST(node.ask<drain_ledger>(node.peers().shutdown, get_ledger{}).connections == 0);
  node.tell_shutdown(start_drain{});
  node.advance(2s);
  auto ledger = node.ask<drain_ledger>(node.peers().shutdown, get_ledger{});
  BOOST_TEST(ledger.connections == 40);
  BOOST_TEST(ledger.closed_in_slot + node.open() == 40);
  BOOST_TEST(ledger.closed_in_slot > 0);
  BOOST_TEST(node.open() > 0);
}

BOOST_AUTO_TEST_CASE(a_ledger_is_of_one_drain_from_t_to_its_end) {
  auto settings = draining();
  settings.shutdown.lb_grace = 3s;
  fake_node node{settings};
  auto ledger = [&] { return node.ask<drain_ledger>(node.peers().shutdown, get_ledger{}); };
  node.peer_closes(node.connect(0, "/echo"));
  for (std::size_t i = 0; i < 40; ++i)
    node.connect(i % 2, "/echo");
  node.tell_shutdown(start_drain{});
  BOOST_TEST(ledger().drain == 0u); // until t
  BOOST_TEST(ledger().left == 0u);
  node.advance(5s);
  BOOST_TEST(ledger().drain == 1u);
  node.ask<errc>(node.peers().shutdown, cancel_drain{});
  auto closed = ledger().closed_in_slot;
  BOOST_TEST(closed > 0u);
  node.peer_closes(node.connect(0, "/echo"));
  BOOST_TEST(ledger().drain == 1u);
  BOOST_TEST(ledger().closed_in_slot == closed);
  BOOST_TEST(ledger().connections == 40u);
  BOOST_TEST(ledger().left == 0u);
  node.tell_shutdown(start_drain{});
  BOOST_TEST(ledger().drain == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
