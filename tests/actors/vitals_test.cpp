// What is measured, and what is made of it.
#include "actors/vitals.hpp"
#include "tests/support/fake_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace holdfast;
using namespace holdfast::test;
using namespace std::chrono_literals;

namespace {

/// Ten places, and nobody is pinged for an hour.
node_settings calm(std::size_t shards = 1) {
  auto settings = test_settings();
  settings.shards = shards;
  settings.heartbeat.ping_interval = 1h;
  settings.heartbeat.zombie_detection_threshold = 3h;
  settings.max_total_connections = 10;
  return settings;
}

node_settings quick() {
  auto settings = calm();
  settings.heartbeat.ping_interval = 10s;
  settings.heartbeat.pong_timeout = 2s;
  settings.heartbeat.zombie_detection_threshold = 60s;
  return settings;
}

vitals_status vitals(fake_node& node) {
  return node.ask<vitals_status>(node.peers().health, get_vitals{});
}

alert_status alert(fake_node& node, alert_name name) {
  auto all = node.ask<std::vector<alert_status>>(node.peers().health, get_alerts{});
  BOOST_TEST_REQUIRE(all.size() == alert_count);
  auto& found = all[static_cast<std::size_t>(name)];
  BOOST_TEST_REQUIRE((found.name == name));
  return found;
}

/// "warn zombie_ratio raised; info zombie_ratio cleared; "
std::string alerts_said(const fake_node& node) {
  std::string text;
  for (auto& event : node.log.events) {
    if (event.name != "alert")
      continue;
    auto field = [&](const std::string& key) {
      auto at = event.text.find(key + "=") + key.size() + 1;
      return event.text.substr(at, event.text.find(' ', at) - at);
    };
    text
      += std::string{to_string(event.level)} + " " + field("alert") + " " + field("state") + "; ";
  }
  return text;
}

void connect_some(fake_node& node, std::size_t n, const std::string& target = "/echo") {
  for (std::size_t i = 0; i < n; ++i)
    node.connect(i % node.settings.shards, target);
}

cleanup_actor::behavior_type fails(cleanup_actor::pointer) {
  return {
    [](const cleanup_wanted&) -> caf::result<cleaned_atom> { return caf::sec::runtime_error; },
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(vitals_of_a_node)

BOOST_AUTO_TEST_CASE(counters_of_all_shards_are_added_up) {
  fake_node node{calm(2)};
  connect_some(node, 5);
  node.text(*node.clients[0], "hello");
  node.text(*node.clients[1], "hi");
  node.peer_closes(*node.clients[2]);
  node.advance(2s);
  auto x = vitals(node);
  BOOST_TEST(x.totals.admitted == 5u);
  BOOST_TEST(x.totals.ended == 1u);
  BOOST_TEST(x.totals.in.messages == 2u);
  BOOST_TEST(x.totals.in.bytes == 7u);
  BOOST_TEST(x.totals.in_state[static_cast<std::size_t>(connection_state::open)] == 4u);
  BOOST_TEST(x.receipts == 1u);
  BOOST_TEST(x.lag.size() == 2u);
}

BOOST_AUTO_TEST_CASE(rates_are_those_of_the_last_ten_seconds) {
  fake_node node{calm()};
  node.advance(30s);
  connect_some(node, 5);
  node.peer_closes(*node.clients[0]);
  node.advance(10s);
  auto x = vitals(node);
  BOOST_TEST(x.rates.opened > 0.4);
  BOOST_TEST(x.rates.opened <= 0.5);
  BOOST_TEST(x.rates.closed > 0.08);
  node.advance(12s);
  BOOST_TEST(vitals(node).rates.opened == 0);
}

BOOST_AUTO_TEST_CASE(a_round_trip_is_measured_at_its_pong) {
  fake_node node{quick()};
  auto& c = node.connect(0, "/echo");
  while (c.socket.pings.empty())
    node.advance(20ms);
  node.advance(40ms);
  node.pong(c);
  node.pong(c); // again: not the answer to a ping any more
  node.advance(1s);
  auto x = vitals(node);
  BOOST_TEST(x.totals.rtt.count() == 1u);
  BOOST_TEST((x.totals.rtt.sum() == 40ms));
  BOOST_TEST(x.rtt.samples == 1u);
  BOOST_TEST((x.rtt.p50 > 25ms && x.rtt.p50 <= 50ms));
}

BOOST_AUTO_TEST_CASE(a_handshake_is_measured_from_the_accept_to_the_verdict_on_the_user) {
  auto settings = calm();
  settings.admission.max_connections_per_user = 1;
  fake_node node{settings};
  node.opening = 300ms;
  node.connect(0, "/echo?user=ann");
  BOOST_TEST((node.at(0).counters().handshake.sum() == 300ms));
  node.connect(0, "/echo?user=ann"); // rejected: a verdict as well
  BOOST_TEST(node.at(0).counters().handshake.count() == 2u);
  node.connect(0, "/nowhere"); // refused by the gate: nobody asked for a verdict
  BOOST_TEST(node.at(0).counters().handshake.count() == 2u);
}

BOOST_AUTO_TEST_CASE(a_handshake_of_any_length_falls_into_its_bucket) {
  fake_node node{calm()};
  node.opening = 30min;
  node.connect(0, "/echo");
  BOOST_TEST(node.at(0).counters().handshake.counts().back() == 1u);
}

BOOST_AUTO_TEST_CASE(the_lateness_of_each_shards_loop_is_kept_apart) {
  fake_node node{calm(2)};
  node.at(0).measured({3ms, 0});
  node.at(1).measured({400ms, 0});
  node.at(1).measured({400ms, 0});
  node.advance(1s);
  auto x = vitals(node);
  BOOST_TEST((x.lag[0].sum() == 3ms));
  BOOST_TEST((x.lag[1].sum() == 800ms));
  BOOST_TEST(x.loop_lag.samples == 3u);
  BOOST_TEST((x.loop_lag.p99 > 250ms));
}

BOOST_AUTO_TEST_CASE(queued_bytes_are_what_waits_now) {
  fake_node node{calm(2)};
  node.at(0).measured({0ms, 5000});
  node.at(1).measured({0ms, 700});
  node.advance(1s);
  BOOST_TEST(vitals(node).totals.queued_bytes == 5700u);
  node.at(0).measured({0ms, 0});
  node.advance(1s);
  BOOST_TEST(vitals(node).totals.queued_bytes == 700u);
}

BOOST_AUTO_TEST_CASE(ends_are_counted_by_cause_and_code_and_forced_ones_apart) {
  auto settings = calm();
  settings.shutdown.drain_timeout = 8s;
  settings.shutdown.force_close_timeout = 20s;
  settings.shutdown.message_flush_timeout = 1s;
  settings.close_timeout = 60s;
  fake_node node{settings};
  connect_some(node, 3);
  node.peer_closes(*node.clients[0], close_code::going_away);
  node.clients[2]->socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.advance(30s);
  BOOST_REQUIRE(node.ledger);
  auto& counters = node.at(0).counters();
  BOOST_TEST(counters.forced == node.ledger->forced + node.ledger->aborted);
  BOOST_TEST(counters.forced == 1u);
  std::string text;
  for (auto& each : counters.closed.entries())
    text += std::string{to_string(each.why)} + " " + std::string{to_string(each.code)} + " "
            + std::to_string(each.count) + "; ";
  BOOST_TEST(text
             == "peer_closed going_away 1; drained service_restart 1; "
                "aborted service_restart 1; ");
}

BOOST_AUTO_TEST_CASE(counters_go_on_when_the_heartbeat_is_restarted) {
  fake_node node{quick()};
  auto& c = node.connect(0, "/echo");
  while (c.socket.pings.empty())
    node.advance(100ms);
  node.pong(c);
  node.advance(1s);
  node.kill(node.peers().heartbeats[0]);
  node.advance(1s);
  BOOST_TEST(vitals(node).totals.pongs == 1u);
  auto before = c.socket.pings.size();
  while (c.socket.pings.size() == before)
    node.advance(100ms);
  node.pong(c);
  node.advance(1s);
  BOOST_TEST(vitals(node).totals.pings == c.socket.pings.size());
  BOOST_TEST(vitals(node).totals.pongs == 2u);
}

BOOST_AUTO_TEST_CASE(a_full_pool_raises_an_alert_and_an_emptier_one_takes_it_back) {
  fake_node node{calm()};
  connect_some(node, 9);
  node.advance(9s);
  BOOST_TEST(alerts_said(node) == "");
  node.advance(3s);
  BOOST_TEST(alerts_said(node) == "warn pool_utilisation raised; ");
  auto status = alert(node, alert_name::pool_utilisation);
  BOOST_TEST(status.active);
  BOOST_TEST(status.value == 0.9);
  BOOST_TEST((status.since > node.time.wall() - 3s));
  for (int i = 0; i < 3; ++i)
    node.peer_closes(*node.clients[static_cast<std::size_t>(i)]);
  node.advance(12s);
  BOOST_TEST(alerts_said(node) == "warn pool_utilisation raised; info pool_utilisation cleared; ");
  BOOST_TEST(!alert(node, alert_name::pool_utilisation).active);
}

BOOST_AUTO_TEST_CASE(an_alert_in_the_log_has_its_figures) {
  fake_node node{calm()};
  connect_some(node, 9);
  node.advance(12s);
  auto said = std::find_if(node.log.events.begin(), node.log.events.end(),
                           [](const logged_event& x) { return x.name == "alert"; });
  BOOST_REQUIRE((said != node.log.events.end()));
  BOOST_TEST(said->text
             == "alert=pool_utilisation state=raised value=0.900 threshold=0.800 clears=0.720 "
                "events=9 summary=90 % of all places are taken, alert above 80 %");
}

BOOST_AUTO_TEST_CASE(peers_that_never_answer_raise_the_alerts_of_heartbeat_and_zombies) {
  auto settings = quick();
  settings.max_total_connections = 100;
  settings.on_zombie = zombie_policy::mark;
  fake_node node{settings};
  connect_some(node, 30);
  node.advance(30s);
  BOOST_TEST(alert(node, alert_name::heartbeat_success).active);
  BOOST_TEST(alert(node, alert_name::zombie_ratio).active);
  BOOST_TEST(alert(node, alert_name::zombie_ratio).value == 1);
  BOOST_TEST(vitals(node).heartbeat_success.value == 0);
  for (auto& c : node.clients)
    node.peer_vanishes(*c);
  node.advance(340s); // the window passes, and the hold
  BOOST_TEST(!alert(node, alert_name::heartbeat_success).active);
  BOOST_TEST(!alert(node, alert_name::zombie_ratio).active);
}

BOOST_AUTO_TEST_CASE(a_few_of_them_are_no_alert) {
  fake_node node{quick()};
  connect_some(node, 5);
  node.advance(60s);
  BOOST_TEST(vitals(node).totals.zombies == 5u);
  BOOST_TEST(alerts_said(node) == "");
}

BOOST_AUTO_TEST_CASE(what_was_measured_survives_the_death_of_health) {
  fake_node node{calm()};
  connect_some(node, 9);
  node.advance(12s);
  auto since = alert(node, alert_name::pool_utilisation).since;
  node.kill(node.peers().health);
  auto status = alert(node, alert_name::pool_utilisation);
  BOOST_TEST(status.active);
  BOOST_TEST((status.since == since));
  BOOST_TEST((vitals(node).window > 11s));
  for (auto& c : node.clients)
    node.peer_closes(*c);
  node.advance(12s); // its successor goes on looking
  BOOST_TEST(alerts_said(node) == "warn pool_utilisation raised; info pool_utilisation cleared; ");
}

BOOST_AUTO_TEST_CASE(thresholds_can_be_changed_while_the_node_runs) {
  fake_node node{calm()};
  connect_some(node, 5);
  node.advance(12s);
  BOOST_TEST(alerts_said(node) == "");
  alert_config config;
  config.pool_utilisation = 0.3;
  set_alerts(node.context(), config);
  node.advance(12s);
  BOOST_TEST(alerts_said(node) == "warn pool_utilisation raised; ");
  BOOST_TEST(alert(node, alert_name::pool_utilisation).threshold == 0.3);
}

BOOST_AUTO_TEST_CASE(another_window_begins_when_it_is_set) {
  fake_node node{calm()};
  node.advance(60s);
  auto config = alert_config{};
  config.window = 20s;
  set_alerts(node.context(), config);
  BOOST_TEST((vitals(node).window == 0s));
  node.advance(60s);
  BOOST_TEST((vitals(node).window >= 20s));
  BOOST_TEST((vitals(node).window < 22s));
}

BOOST_AUTO_TEST_CASE(a_drain_that_has_to_force_somebody_is_overdue) {
  auto settings = calm();
  settings.shutdown.drain_timeout = 8s;
  settings.shutdown.force_close_timeout = 20s;
  settings.shutdown.message_flush_timeout = 1s;
  settings.close_timeout = 8s;
  fake_node node{settings};
  connect_some(node, 2);
  node.clients[0]->socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.advance(7900ms);
  BOOST_TEST(alerts_said(node) == "");
  node.advance(1500ms);
  BOOST_TEST(alerts_said(node) == "warn shutdown_overdue raised; ");
  auto status = alert(node, alert_name::shutdown_overdue);
  BOOST_TEST(status.threshold == 8000);
  BOOST_TEST(status.value > 9000);
  node.advance(20s);
  BOOST_REQUIRE(node.ledger);
  auto x = vitals(node);
  BOOST_TEST(x.drains == 1u);
  BOOST_TEST((x.drain_duration == node.ledger->actual));
}

BOOST_AUTO_TEST_CASE(a_drain_in_time_is_no_alert) {
  fake_node node{calm()};
  connect_some(node, 5);
  node.tell_shutdown(start_drain{});
  node.advance(60s);
  BOOST_REQUIRE(node.ledger);
  BOOST_TEST(alerts_said(node) == "");
  BOOST_TEST((vitals(node).drain_duration == node.ledger->actual));
}

BOOST_AUTO_TEST_CASE(a_cancelled_drain_leaves_its_duration_and_no_alert) {
  auto settings = calm();
  settings.close_timeout = 20s;
  fake_node node{settings};
  connect_some(node, 2);
  node.clients[0]->socket.peer = manners::silent;
  node.tell_shutdown(start_drain{});
  node.advance(3s);
  BOOST_TEST((vitals(node).drain_duration == 3s));
  node.ask<errc>(node.peers().shutdown, cancel_drain{});
  node.advance(60s);
  BOOST_TEST((vitals(node).drain_duration >= 2s));
  BOOST_TEST((vitals(node).drain_duration <= 3s));
  BOOST_TEST(alerts_said(node) == "");
}

BOOST_AUTO_TEST_CASE(a_failed_cleanup_is_in_the_log_before_the_node_has_gone) {
  fake_node node{calm()};
  std::string said_at_the_end;
  node.whole->context().on_drained
    = [&](const drain_ledger&) { said_at_the_end = alerts_said(node); };
  auto failing = spawn_on(node.context().unit, probe_ptr{}, fails);
  node.tell_shutdown(cleanup_registration{"close-db", failing});
  node.tell_shutdown(start_drain{});
  node.run();
  BOOST_TEST(said_at_the_end == "warn cleanup_failed raised; ");
  auto x = vitals(node);
  BOOST_TEST(x.cleanups == 1u);
  BOOST_TEST(x.cleanups_failed == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
