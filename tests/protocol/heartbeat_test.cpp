#include "tests/protocol/heartbeat_shard.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace holdfast;
using namespace holdfast::heartbeat_test;

BOOST_AUTO_TEST_SUITE(heartbeat_rule)

// -- pings

BOOST_AUTO_TEST_CASE(a_peer_that_answers_is_pinged_every_interval_and_nothing_else) {
  shard s;
  s.connect(0);
  s.answering = {0};
  CHECK_LINES(s.run(89s), "0 ping 0", "30000 ping 0", "60000 ping 0");
  BOOST_TEST(s.core.counters().pings_sent == 3u);
  BOOST_TEST(s.core.counters().pongs == 3u);
  BOOST_TEST(s.core.counters().missed == 0u);
}

BOOST_AUTO_TEST_CASE(first_pings_are_spread_evenly_over_the_interval) {
  for (std::uint64_t seed : {0ull, 1ull, 0xdeadbeefcafef00dull}) {
    shard s{{}, seed};
    for (slot_index slot = 0; slot < 10'000; ++slot) {
      s.connect(slot);
      s.answering.insert(slot);
    }
    std::size_t most = 0;
    while (s.now < 30s - 50ms)
      most = std::max(most, s.run(s.now + 50ms).size());
    BOOST_TEST(most <= 33u); // twice the average of 10,000 over 600 ticks
    s.run(30s);
    BOOST_TEST(s.pinged.size() == 10'000u);
  }
}

BOOST_AUTO_TEST_CASE(another_seed_is_another_phase) {
  shard s{{}, std::uint64_t{1} << 62}; // a quarter of the circle
  s.connect(0);
  CHECK_LINES(s.run(10s), "7500 ping 0");
}

BOOST_AUTO_TEST_CASE(ping_ids_ascend_over_all_slots) {
  shard s;
  s.connect(0);
  s.connect(1);
  s.run(0s);
  const auto first = s.pinged.at(0);
  s.run(19s);
  BOOST_TEST(s.pinged.at(1) > first);
  BOOST_TEST(s.pinged.at(0) > first);
  BOOST_TEST(s.pinged.at(0) != s.pinged.at(1));
}

BOOST_AUTO_TEST_CASE(the_tick_is_an_eighth_of_the_shortest_deadline_within_5_and_50_ms) {
  auto tick = [](duration pong_timeout, duration idle) {
    heartbeat_config config;
    config.pong_timeout = pong_timeout;
    config.connection_timeout = idle;
    return shard{config}.core.tick();
  };
  BOOST_TEST((tick(10s, 300s) == 50ms));
  BOOST_TEST((tick(100ms, 300s) == 12500us));
  BOOST_TEST((tick(10s, 80ms) == 10ms));
  BOOST_TEST((tick(10s, 0s) == 50ms));
  BOOST_TEST((tick(1ms, 300s) == 5ms));
}

// -- misses

BOOST_AUTO_TEST_CASE(a_silent_peer_is_suspect_then_pinged_at_every_miss_then_a_zombie_once) {
  shard s{without_idle()};
  s.connect(0);
  CHECK_LINES(s.run(600s), "0 ping 0", "10000 suspect 0 1 10010", "10000 ping 0", "20000 ping 0",
              "30000 zombie 0 by_count 3 30010");
  const auto& counted = s.core.counters();
  BOOST_TEST(counted.pings_sent == 3u);
  BOOST_TEST(counted.pongs == 0u);
  BOOST_TEST(counted.missed == 3u);
  BOOST_TEST(counted.suspects == 1u);
  BOOST_TEST(counted.zombies_by_count == 1u);
  BOOST_TEST(counted.zombies_by_silence == 0u);
}

BOOST_AUTO_TEST_CASE(a_frame_at_the_deadline_is_in_time) {
  shard s;
  s.connect(0);
  s.run(9950ms);
  s.hear(0, 10s);
  CHECK_LINES(s.run(30s), "30000 ping 0");
}

BOOST_AUTO_TEST_CASE(a_frame_before_the_ping_is_no_answer_to_it) {
  shard s;
  s.connect(0);
  s.hear(0, -1ns);
  CHECK_LINES(s.run(10s), "0 ping 0", "10000 suspect 0 1 10000", "10000 ping 0");
}

BOOST_AUTO_TEST_CASE(a_frame_at_the_moment_of_the_ping_counts_as_heard) {
  shard s;
  s.connect(0);
  s.hear(0, 0s);
  CHECK_LINES(s.run(35s), "0 ping 0", "30000 ping 0");
}

BOOST_AUTO_TEST_CASE(any_frame_resets_the_count_even_if_nobody_says_so) {
  shard s{without_idle()};
  s.connect(0);
  s.run(25s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  s.hear(0, 25s);
  // The last ping was at 20 s. Then dead again: three misses more, not one.
  CHECK_LINES(s.run(600s), "50000 ping 0", "60000 suspect 0 1 35000", "60000 ping 0",
              "70000 ping 0", "80000 zombie 0 by_count 3 55000");
}

BOOST_AUTO_TEST_CASE(a_suspect_that_recovered_has_no_misses_at_once) {
  shard s;
  s.connect(0);
  s.run(25s);
  s.hear(0, 25s);
  s.core.recovered(0);
  BOOST_TEST(s.core.view(0).misses == 0u);
  CHECK_LINES(s.run(59s), "50000 ping 0");
}

BOOST_AUTO_TEST_CASE(recovery_of_one_who_was_not_suspect_changes_nothing) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.core.recovered(0);
  s.core.recovered(99);
  CHECK_LINES(s.run(10s), "10000 suspect 0 1 10010", "10000 ping 0");
}

BOOST_AUTO_TEST_CASE(with_one_miss_allowed_the_suspect_is_a_zombie_in_the_same_tick) {
  auto config = without_idle();
  config.max_missed_pongs = 1;
  shard s{config};
  s.connect(0);
  CHECK_LINES(s.run(60s), "0 ping 0", "10000 suspect 0 1 10010", "10000 zombie 0 by_count 1 10010");
}

BOOST_AUTO_TEST_CASE(a_short_pong_timeout_is_kept_within_a_tick) {
  auto config = without_idle();
  config.ping_interval = 300ms;
  config.pong_timeout = 100ms;
  shard s{config};
  s.connect(0, -50ms);
  CHECK_LINES(s.run(1s), "-37 ping 0", "62 suspect 0 1 112", "62 ping 0", "162 ping 0",
              "262 zombie 0 by_count 3 312");
}

// -- silence

BOOST_AUTO_TEST_CASE(silence_makes_a_zombie_however_few_the_misses) {
  auto config = silence_only();
  config.zombie_detection_threshold = 15s;
  shard s{config};
  s.connect(0);
  CHECK_LINES(s.run(60s), "0 ping 0", "10000 suspect 0 1 10010", "10000 ping 0",
              "15000 zombie 0 by_silence 1 15010");
  BOOST_TEST(s.core.counters().zombies_by_silence == 1u);
  BOOST_TEST(s.core.counters().zombies_by_count == 0u);
}

BOOST_AUTO_TEST_CASE(silence_is_reached_exactly_at_its_threshold) {
  shard s{silence_only()};
  s.connect(0);
  s.run(3s);
  s.hear(0, 3s);
  s.run(122'950ms);
  BOOST_TEST(s.core.counters().zombies_by_silence == 0u);
  CHECK_LINES(s.run(123s), "123000 zombie 0 by_silence 9 120000");
}

BOOST_AUTO_TEST_CASE(a_quiet_peer_that_was_not_pinged_is_not_silent_when_enrolled) {
  shard s{silence_only()};
  s.rows[0] = {at(-1h), at(-1h), false, {}}; // nobody pinged it for an hour
  s.core.enrol(0, at(0s));
  s.run(119'950ms);
  BOOST_TEST(s.core.counters().zombies_by_silence == 0u);
  s.run(120'050ms);
  BOOST_TEST(s.core.counters().zombies_by_silence == 1u);
}

// -- round trips

BOOST_AUTO_TEST_CASE(the_pong_to_the_last_ping_is_a_sample_and_only_once) {
  shard s;
  s.connect(0);
  s.run(0s);
  BOOST_TEST(s.core.view(0).ping_outstanding);
  BOOST_TEST((*s.pong(0, s.pinged[0], 40ms) == 40ms));
  BOOST_TEST(!s.pong(0, s.pinged[0], 45ms));
  BOOST_TEST(!s.core.view(0).ping_outstanding);
  BOOST_TEST((s.core.view(0).srtt == 40ms));
  BOOST_TEST((s.core.view(0).rttvar == 20ms));
  s.run(30s);
  BOOST_TEST((*s.pong(0, s.pinged[0], 30s + 48ms) == 48ms));
  BOOST_TEST((s.core.view(0).srtt == 41ms));
  BOOST_TEST(s.core.counters().pongs == 2u);
}

BOOST_AUTO_TEST_CASE(a_late_pong_to_an_older_ping_is_no_sample_but_a_sign_of_life) {
  shard s;
  s.connect(0);
  s.run(0s);
  const auto first = s.pinged[0];
  s.run(10s);
  BOOST_TEST(!s.pong(0, first, 10'020ms));
  BOOST_TEST(s.core.counters().pongs == 0u);
  BOOST_TEST((*s.pong(0, s.pinged[0], 10'030ms) == 30ms));
  CHECK_LINES(s.run(40s), "40000 ping 0");
}

BOOST_AUTO_TEST_CASE(the_pong_of_a_suspect_clears_its_misses_at_once) {
  shard s;
  s.connect(0);
  s.run(12s);
  s.pong(0, s.pinged[0], 12s);
  BOOST_TEST(s.core.view(0).misses == 0u);
}

BOOST_AUTO_TEST_CASE(pongs_nobody_asked_for_are_no_samples) {
  shard s;
  s.connect(0);
  s.connect(1);
  BOOST_TEST(!s.pong(0, 0, -5ms));
  BOOST_TEST(!s.pong(0, 1, -5ms));
  s.run(20s);
  BOOST_TEST(!s.pong(0, s.pinged[1], 20s));
  BOOST_TEST(!s.pong(0, s.pinged[0] + (std::uint64_t{1} << 32), 20s));
  BOOST_TEST(!s.core.pong(77, s.pinged[0], at(20s)));
  BOOST_TEST(s.core.counters().pongs == 0u);
}

BOOST_AUTO_TEST_CASE(a_pong_behind_other_frames_is_a_sample_still) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.hear(0, 5s);
  s.run(15s); // judged: it lives
  BOOST_TEST((*s.pong(0, s.pinged[0], 15s) == 15s));
}

// -- idle

BOOST_AUTO_TEST_CASE(a_peer_that_only_answers_pings_is_idle_on_time) {
  shard s;
  s.connect(0);
  s.answering = {0};
  s.run(299'950ms);
  BOOST_TEST(s.core.counters().idle == 0u);
  CHECK_LINES(s.run(900s), "300000 idle 0 300010");
  BOOST_TEST(s.core.counters().idle == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_puts_idleness_off_by_the_whole_timeout) {
  auto config = heartbeat_config{};
  config.ping_interval = 1000s; // so that only idleness wakes the core
  config.zombie_detection_threshold = 2000s;
  shard s{config, std::uint64_t{1} << 63};
  s.connect(0);
  s.run(100s);
  s.message(0, 100s);
  BOOST_TEST(s.run(399'950ms).empty());
  CHECK_LINES(s.run(400s), "400000 idle 0 300000");
}

BOOST_AUTO_TEST_CASE(without_a_timeout_nobody_is_idle) {
  shard s{without_idle()};
  s.connect(0);
  s.answering = {0};
  s.run(3600s);
  BOOST_TEST(s.core.counters().idle == 0u);
  BOOST_TEST(s.core.counters().pings_sent == 121u);
}

// -- slots

BOOST_AUTO_TEST_CASE(a_removed_slot_is_forgotten_and_its_next_connection_starts_clean) {
  shard s;
  s.connect(0);
  s.run(12s);
  const auto old = s.pinged[0];
  s.core.remove(0);
  s.core.remove(0);
  s.core.remove(1234);
  BOOST_TEST(s.run(100s).empty());
  BOOST_TEST(!s.core.view(0).ping_outstanding);
  s.connect(0, 100s);
  BOOST_TEST(s.core.view(0).misses == 0u);
  BOOST_TEST(!s.pong(0, old, 100s));
  s.answering = {0};
  CHECK_LINES(s.run(119s), "118550 ping 0"); // the second point of the spread: 0.618 of 30 s
}

BOOST_AUTO_TEST_CASE(a_fresh_core_enrols_everyone_without_misses) {
  shard s;
  s.connect(0);
  s.connect(1);
  s.run(25s);
  s.pause(1, 25s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  heartbeat fresh{{}, s, 0, at(25s)};
  fresh.enrol(0, at(25s));
  fresh.enrol(1, at(25s));
  BOOST_TEST(fresh.view(0).misses == 0u);
  BOOST_TEST(!fresh.view(0).frozen);
  BOOST_TEST(fresh.view(1).frozen);
  std::vector<heartbeat_command> out;
  for (auto t = 25s + 50ms; t < 35s; t += 50ms)
    fresh.advance(at(t), out);
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(std::holds_alternative<send_ping>(out[0]));
  for (auto t = 35s + 0ms; t <= 55s; t += 50ms)
    fresh.advance(at(t), out);
  BOOST_TEST(fresh.counters().paused_too_long == 1u); // paused at 25 s
}

BOOST_AUTO_TEST_CASE(a_zombie_that_speaks_may_be_enrolled_again) {
  shard s{without_idle()};
  s.connect(0);
  s.run(40s);
  s.hear(0, 40s);
  s.core.enrol(0, at(40s));
  s.answering = {0};
  CHECK_LINES(s.run(60s), "58550 ping 0");
}

BOOST_AUTO_TEST_CASE(a_slot_takes_40_bytes) {
  BOOST_TEST(heartbeat::bytes_per_slot() <= 40u);
}

BOOST_AUTO_TEST_SUITE_END()
