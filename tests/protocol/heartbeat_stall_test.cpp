#include "tests/protocol/heartbeat_shard.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace holdfast;
using namespace holdfast::heartbeat_test;

BOOST_AUTO_TEST_SUITE(heartbeat_stall)

BOOST_AUTO_TEST_CASE(a_sleep_moves_the_verdict_on_a_ping_by_its_lateness) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.log.clear();
  s.tick(65s); // 60 s instead of 50 ms
  BOOST_TEST(s.log.empty());
  CHECK_LINES(s.run(70s), "69950 suspect 0 1 10010", "69950 ping 0");
  BOOST_TEST(s.core.counters().stalls == 1u);
  BOOST_TEST((s.core.counters().stalled_for == 59'950ms));
}

BOOST_AUTO_TEST_CASE(a_sleep_keeps_misses_and_leaves_the_rest_of_the_time) {
  shard s;
  s.connect(0);
  s.run(29s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  s.tick(89s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  BOOST_TEST(s.run(89'900ms).empty()); // 950 ms were left
  CHECK_LINES(s.run(90s), "89950 zombie 0 by_count 3 30010");
}

BOOST_AUTO_TEST_CASE(a_sleep_moves_pings_silence_idleness_and_pauses) {
  auto config = silence_only();
  config.connection_timeout = 130s;
  shard s{config};
  for (slot_index slot : {0, 1, 2})
    s.connect(slot); // to be pinged at 0, 18.55, 7.1 s
  s.answering = {1};
  s.run(7s);
  s.pause(2, 7s);
  s.log.clear();
  s.tick(1007s); // 999.95 s of sleep
  BOOST_TEST(s.log.empty());
  s.run(1'036'900ms);
  CHECK_LINES(s.run(1'037s), "1036950 paused 2 30000");
  s.run(1'119'900ms);
  CHECK_LINES(s.run(1'120s), "1119950 zombie 0 by_silence 12 120010");
  s.run(1'129'900ms);
  CHECK_LINES(s.run(1'130s), "1129950 idle 1 130010");
  BOOST_TEST(s.core.counters().pings_sent == 12u + 4u);
}

BOOST_AUTO_TEST_CASE(after_a_sleep_deadlines_are_as_long_as_before) {
  auto config = silence_only();
  config.connection_timeout = 130s;
  shard s{config};
  for (slot_index slot : {0, 1, 2})
    s.connect(slot);
  s.answering = {1};
  s.run(1s);
  s.tick(1001s);
  s.run(1002s);
  s.hear(0, 1002s);
  s.message(1, 1002s);
  s.pause(2, 1002s);
  s.run(1'031'950ms);
  CHECK_LINES(s.run(1'032s), "1032000 paused 2 30000");
  s.run(1'121'950ms);
  CHECK_LINES(s.run(1'122s), "1122000 zombie 0 by_silence 9 120000");
  s.run(1'131'950ms);
  CHECK_LINES(s.run(1'132s), "1132000 idle 1 130000");
}

BOOST_AUTO_TEST_CASE(sleep_after_sleep_is_added_up) {
  shard s;
  s.connect(0);
  for (int i = 0; i < 5; ++i) {
    CHECK_LINES(s.run(s.now + 1s), i == 0 ? lines{"0 ping 0"} : lines{});
    s.log.clear();
    s.tick(s.now + 60s);
    BOOST_TEST(s.log.empty());
  }
  BOOST_TEST(s.core.counters().stalls == 5u);
}

BOOST_AUTO_TEST_CASE(a_round_trip_that_a_sleep_has_cut_is_an_answer_but_no_sample) {
  shard s;
  s.connect(0);
  s.connect(1);
  s.run(19s);                               // both have been pinged: at 10 s again, at 18.55 s
  BOOST_TEST(!s.pong(0, s.pinged[0], 79s)); // read before the tick that tells of the sleep
  s.tick(79s);
  BOOST_TEST(!s.pong(1, s.pinged[1], 79'010ms));
  BOOST_TEST((s.core.view(0).srtt == 0ns));
  BOOST_TEST((s.core.view(1).srtt == 0ns));
  BOOST_TEST(s.core.counters().pongs == 2u);
}

BOOST_AUTO_TEST_CASE(a_tick_somewhat_late_is_no_stall) {
  shard s;
  s.connect(0);
  s.run(9'900ms);
  s.tick(10'100ms);
  BOOST_TEST(s.core.counters().stalls == 0u);
  BOOST_TEST(s.core.counters().missed == 1u);
}

BOOST_AUTO_TEST_CASE(whoever_answers_is_never_marked_however_the_process_sleeps) {
  std::mt19937 random{7};
  auto config = without_idle();
  config.zombie_detection_threshold = 45s;
  shard s{config};
  for (slot_index slot = 0; slot < 50; ++slot) {
    s.answering.insert(slot);
    s.connect(slot);
  }
  for (int i = 0; i < 300; ++i) {
    s.run(s.now + 50ms * (random() % 400));
    // What is under way is read as soon as we wake, or a while later.
    const auto awake_at = s.now + 1ms * (random() % 300'000);
    for (auto& reply : s.replies)
      reply.when = awake_at + (reply.slot % 2 ? 3s : 0s);
    s.deliver(awake_at);
    s.tick(awake_at);
  }
  BOOST_TEST(s.core.counters().stalls > 250u);
  BOOST_TEST(s.core.counters().pings_sent > 4'000u);
  BOOST_TEST(s.core.counters().zombies_by_count == 0u);
  BOOST_TEST(s.core.counters().zombies_by_silence == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
