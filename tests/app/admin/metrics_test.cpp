#include "app/admin/metrics.hpp"
#include "tests/app/admin/exposition_reader.hpp"
#include "tests/app/admin/measured.hpp"
#include "tests/app/admin/promtool.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>

using namespace holdfast;
using namespace holdfast::admin;
using namespace holdfast::test;

namespace {

exposition_reader page() {
  return exposition_reader{render_metrics(measured())};
}

} // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(every_counter_has_its_number) {
  auto x = page();
  BOOST_TEST(x.value("holdfast_sockets_accepted_total") == 120);
  BOOST_TEST(x.value("holdfast_connections_admitted_total") == 101);
  BOOST_TEST(x.value("holdfast_messages_received_total") == 301);
  BOOST_TEST(x.value("holdfast_received_bytes_total") == 302);
  BOOST_TEST(x.value("holdfast_messages_sent_total") == 303);
  BOOST_TEST(x.value("holdfast_sent_bytes_total") == 304);
  BOOST_TEST(x.value("holdfast_pings_total") == 401);
  BOOST_TEST(x.value("holdfast_pongs_total") == 402);
  BOOST_TEST(x.value("holdfast_pongs_missed_total") == 403);
  BOOST_TEST(x.value("holdfast_suspects_total") == 404);
  BOOST_TEST(x.value("holdfast_zombies_total") == 405);
  BOOST_TEST(x.value("holdfast_slow_consumers_total") == 406);
  BOOST_TEST(x.value("holdfast_sweep_mended_total") == 407);
  BOOST_TEST(x.value("holdfast_forced_closes_total") == 408);
  BOOST_TEST(x.value("holdfast_receipts_total") == 501);
  BOOST_TEST(x.value("holdfast_drains_total") == 2);
  BOOST_TEST(x.value("holdfast_cleanups_total") == 4);
  BOOST_TEST(x.value("holdfast_cleanups_failed_total") == 1);
  BOOST_TEST(x.value("holdfast_log_lines_lost_total") == 11);
}

BOOST_AUTO_TEST_CASE(every_gauge_has_its_number) {
  auto x = page();
  BOOST_TEST(x.value("holdfast_connections_limit") == 200);
  BOOST_TEST(x.value("holdfast_connections_reserve") == 20);
  BOOST_TEST(x.value("holdfast_pool_utilisation_ratio") == 0.25);
  BOOST_TEST(x.value("holdfast_users") == 33);
  BOOST_TEST(x.value("holdfast_users_at_limit") == 3);
  BOOST_TEST(x.value("holdfast_heartbeat_success_ratio") == 0.875);
  BOOST_TEST(x.value("holdfast_zombie_ratio") == 0.0625);
  BOOST_TEST(x.value("holdfast_queued_bytes") == 409);
  BOOST_TEST(x.value("holdfast_drain_duration_seconds") == 1.5);
  BOOST_TEST(x.value("holdfast_cleanup_success_ratio") == 0.75);
  BOOST_TEST(x.value("holdfast_start_time_seconds") == 1700000000.25);
  BOOST_TEST(x.value("holdfast_build_info", {{"version", "1.2.3"}}) == 1);
  BOOST_TEST(x.value("process_resident_memory_bytes") == 5000);
  BOOST_TEST(x.value("process_open_fds") == 60);
  BOOST_TEST(x.value("process_max_fds") == 1024);
  BOOST_TEST(x.value("process_cpu_seconds_total") == 2.5);
}

BOOST_AUTO_TEST_CASE(labels_are_those_of_their_enums) {
  auto x = page();
  BOOST_TEST(x.value("holdfast_connections", {{"state", "handshaking"}}) == 200);
  BOOST_TEST(x.value("holdfast_connections", {{"state", "closing"}}) == 204);
  BOOST_TEST(x.samples("holdfast_connections") == state_count - 1);
  BOOST_TEST(x.samples("holdfast_handshakes_refused_total") == refusal_count);
  auto last = std::string{to_string(static_cast<refusal>(refusal_count - 1))};
  BOOST_TEST(x.value("holdfast_handshakes_refused_total", {{"reason", last}})
             == 1000 + refusal_count - 1);
  BOOST_TEST(x.value("holdfast_drain_phase", {{"phase", "draining"}}) == 1);
  BOOST_TEST(x.value("holdfast_drain_phase", {{"phase", "serving"}}) == 0);
  BOOST_TEST(x.value("holdfast_drain_phase", {{"phase", "finished"}}) == 0);
  BOOST_TEST(x.samples("holdfast_drain_phase") == 9u);
  BOOST_TEST(x.value("holdfast_alert_active", {{"alert", "zombie_ratio"}}) == 1);
  BOOST_TEST(x.value("holdfast_alert_active", {{"alert", "cleanup_failed"}}) == 0);
  BOOST_TEST(x.samples("holdfast_alert_active") == alert_count);
}

BOOST_AUTO_TEST_CASE(ends_are_told_by_cause_and_code_and_unknown_codes_as_one) {
  auto x = page();
  BOOST_TEST(x.value("holdfast_connections_closed_total", {{"cause", "kicked"}, {"code", "kicked"}})
             == 7);
  BOOST_TEST(
    x.value("holdfast_connections_closed_total", {{"cause", "peer_closed"}, {"code", "other"}})
    == 8);
}

BOOST_AUTO_TEST_CASE(actors_are_added_up_by_kind) {
  auto x = page();
  BOOST_TEST(x.samples("holdfast_actor_messages_total") == 2u);
  BOOST_TEST(x.value("holdfast_actor_mailbox_messages", {{"kind", "pool_member"}}) == 4);
  BOOST_TEST(x.value("holdfast_actor_messages_total", {{"kind", "pool_member"}}) == 200);
  BOOST_TEST(x.value("holdfast_actor_busy_seconds_total", {{"kind", "pool_member"}}) == 0.5);
  BOOST_TEST(x.value("holdfast_actor_restarts_total", {{"kind", "health"}}) == 1);
}

BOOST_AUTO_TEST_CASE(histograms_count_upwards_in_seconds) {
  auto x = page();
  auto rtt = "holdfast_heartbeat_rtt_seconds";
  auto upto = [&](const std::string& le) {
    return x.value(std::string{rtt} + "_bucket", {{"le", le}});
  };
  BOOST_TEST(upto("0.001") == 0);
  BOOST_TEST(upto("0.0025") == 0);
  BOOST_TEST(upto("0.005") == 1);
  BOOST_TEST(upto("0.025") == 1);
  BOOST_TEST(upto("0.05") == 2);
  BOOST_TEST(upto("10") == 2);
  BOOST_TEST(upto("+Inf") == 3);
  BOOST_TEST(x.value(std::string{rtt} + "_sum") == 3600.033);
  BOOST_TEST(x.value("holdfast_handshake_seconds_count") == 1);
  BOOST_TEST(x.value("holdfast_event_loop_lag_seconds_bucket", {{"shard", "0"}, {"le", "0.0001"}})
             == 1);
  BOOST_TEST(x.value("holdfast_event_loop_lag_seconds_count", {{"shard", "1"}}) == 2);
}

BOOST_AUTO_TEST_CASE(a_ratio_of_nothing_has_no_sample) {
  auto input = measured();
  input.vitals->heartbeat_success = {};
  input.vitals->zombie_ratio = {};
  input.vitals->cleanups = 0;
  input.pool->limit = 0;
  exposition_reader x{render_metrics(input)};
  for (auto name : {"holdfast_heartbeat_success_ratio", "holdfast_zombie_ratio",
                    "holdfast_cleanup_success_ratio", "holdfast_pool_utilisation_ratio"}) {
    BOOST_TEST(x.families.count(name) == 1u, name);
    BOOST_TEST(x.samples(name) == 0u, name);
  }
}

BOOST_AUTO_TEST_CASE(what_an_actor_that_is_silent_knows_is_left_out) {
  auto whole = page();
  metrics_input silent;
  silent.version = "1";
  exposition_reader x{render_metrics(silent)};
  BOOST_TEST(x.families.size() == whole.families.size());
  BOOST_TEST(x.samples("holdfast_pings_total") == 0u);
  BOOST_TEST(x.samples("holdfast_users") == 0u);
  BOOST_TEST(x.samples("holdfast_drain_phase") == 0u);
  BOOST_TEST(x.samples("holdfast_actor_messages_total") == 0u);
  BOOST_TEST(x.value("holdfast_build_info", {{"version", "1"}}) == 1);
}

BOOST_AUTO_TEST_CASE(names_tell_kinds_and_units) {
  for (auto& [name, family] : page().families) {
    bool total = name.size() > 6 && name.substr(name.size() - 6) == "_total";
    BOOST_TEST((family.type == "counter") == total, name);
    BOOST_TEST(family.help.back() == '.', name);
    BOOST_TEST(!family.samples.empty(), name);
  }
}

BOOST_AUTO_TEST_CASE(what_a_label_holds_is_escaped) {
  auto input = measured();
  input.version = "a\"b\\c\nd";
  exposition_reader x{render_metrics(input)};
  BOOST_TEST(x.value("holdfast_build_info", {{"version", "a\\\"b\\\\c\\nd"}}) == 1);
}

BOOST_AUTO_TEST_CASE(promtool_finds_nothing_to_complain_about,
                     *boost::unit_test::precondition(promtool_is_there)) {
  auto result = promtool("check metrics", render_metrics(measured()));
  BOOST_TEST(result.ok, result.output);
  BOOST_TEST(result.output == "");
}

BOOST_AUTO_TEST_CASE(the_kernel_tells_of_this_process) {
  auto before = read_process_figures();
  BOOST_TEST(before.resident_bytes > 1'000'000u);
  BOOST_TEST(before.max_descriptors >= before.open_descriptors);
  BOOST_TEST(before.open_descriptors >= 3u);
  auto more = std::tmpfile();
  BOOST_REQUIRE(more != nullptr);
  BOOST_TEST(read_process_figures().open_descriptors == before.open_descriptors + 1);
  std::fclose(more);
  while (read_process_figures().cpu <= before.cpu) // until it has used some
    ;
}

BOOST_AUTO_TEST_SUITE_END()
