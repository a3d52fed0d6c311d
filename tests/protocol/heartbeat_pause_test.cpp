#include "tests/protocol/heartbeat_shard.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::heartbeat_test;

BOOST_AUTO_TEST_SUITE(heartbeat_pause)

BOOST_AUTO_TEST_CASE(a_miss_does_not_count_while_reading_is_paused) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.pause(0, 5s);
  BOOST_TEST(s.core.view(0).frozen);
  BOOST_TEST(s.run(30s).empty());
  s.resume(0, 30s);
  BOOST_TEST(!s.core.view(0).frozen);
  BOOST_TEST(s.run(39'950ms).empty());
  CHECK_LINES(s.run(40s), "40000 suspect 0 1 9950", "40000 ping 0");
}

BOOST_AUTO_TEST_CASE(misses_from_before_a_pause_are_kept) {
  shard s;
  s.connect(0);
  s.run(25s);
  s.pause(0, 25s);
  s.run(40s);
  s.resume(0, 40s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  CHECK_LINES(s.run(60s), "50000 zombie 0 by_count 3 9950");
}

BOOST_AUTO_TEST_CASE(who_was_heard_between_a_ping_and_a_pause_owes_nothing_after_it) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.message(0, 5s);
  s.pause(0, 5s);
  s.run(10s);
  s.resume(0, 10s);
  CHECK_LINES(s.run(30s), "30000 ping 0");
  BOOST_TEST(s.core.counters().missed == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_heard_since_the_ping_counts_though_a_pause_follows) {
  shard s;
  s.connect(0);
  s.run(25s);
  BOOST_TEST(s.core.view(0).misses == 2u);
  s.hear(0, 25s);
  s.pause(0, 26s);
  s.run(30s);
  s.resume(0, 30s);
  BOOST_TEST(s.core.view(0).misses == 0u);
  CHECK_LINES(s.run(50s), "50000 ping 0");
}

BOOST_AUTO_TEST_CASE(a_pong_read_after_a_pause_is_an_answer_but_no_sample) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.pause(0, 5s);
  s.run(20s);
  s.resume(0, 20s);
  BOOST_TEST(!s.pong(0, s.pinged[0], 20'010ms));
  BOOST_TEST((s.core.view(0).srtt == 0ns));
  BOOST_TEST(s.core.counters().pongs == 1u);
  CHECK_LINES(s.run(50s), "50000 ping 0");
}

BOOST_AUTO_TEST_CASE(what_the_last_read_before_a_pause_brought_is_not_asked_for_again) {
  shard s;
  s.connect(0); // pinged at 0 s, again at 10 and 20
  s.connect(1); // pinged at 18.55 s, again at 28.55
  s.run(29s);
  s.pause(0, 29s);
  s.pause(1, 29s);
  s.pong(0, s.pinged[0], 29s);
  s.hear(1, 29s);
  s.core.recovered(1);
  s.run(39s);
  s.resume(0, 39s);
  s.resume(1, 39s);
  CHECK_LINES(s.run(58s), "50000 ping 0");
}

BOOST_AUTO_TEST_CASE(silence_and_idleness_start_anew_after_a_pause) {
  auto config = silence_only();
  config.max_read_pause = 1h;
  config.connection_timeout = 130s;
  shard s{config};
  s.connect(0);
  s.connect(1);
  s.answering = {1};
  s.run(1s);
  s.pause(0, 1s);
  s.pause(1, 1s);
  BOOST_TEST(s.run(500s).empty());
  s.resume(0, 500s);
  s.resume(1, 500s);
  s.run(619'950ms);
  BOOST_TEST(s.core.counters().zombies_by_silence + s.core.counters().idle == 0u);
  s.run(620'050ms);
  BOOST_TEST(s.core.counters().zombies_by_silence == 1u);
  s.run(629'950ms);
  BOOST_TEST(s.core.counters().idle == 0u);
  s.run(630'050ms);
  BOOST_TEST(s.core.counters().idle == 1u);
}

BOOST_AUTO_TEST_CASE(a_pause_that_is_too_long_closes_on_time_and_once) {
  shard s;
  s.connect(0);
  s.run(5s);
  s.pause(0, 5s);
  BOOST_TEST(s.run(34'950ms).empty());
  CHECK_LINES(s.run(500s), "35000 paused 0 30000");
  BOOST_TEST(s.core.counters().paused_too_long == 1u);
}

BOOST_AUTO_TEST_CASE(a_pause_may_end_before_the_deadline_it_has_frozen) {
  auto config = heartbeat_config{};
  config.max_read_pause = 2s;
  shard s{config};
  s.connect(0);
  s.run(5s);
  s.pause(0, 5s);
  CHECK_LINES(s.run(9s), "7000 paused 0 2000");
}

BOOST_AUTO_TEST_CASE(many_short_pauses_cause_no_more_pings_and_no_close) {
  shard s;
  s.connect(0);
  s.run(0s);
  for (auto t = 50ms; t < 20s; t += 100ms) {
    s.run(t);
    s.pause(0, t);
    s.run(t + 50ms);
    s.resume(0, t + 50ms);
  }
  BOOST_TEST(s.core.counters().pings_sent == 1u);
  BOOST_TEST(s.core.counters().paused_too_long == 0u);
}

BOOST_AUTO_TEST_CASE(pauses_that_do_not_fit_are_ignored) {
  shard s{without_idle()};
  s.connect(0);
  s.core.resume(0, at(-5ms));
  s.core.pause(9, at(0s));
  s.core.resume(9, at(0s));
  s.run(31s); // a zombie by now
  s.pause(0, 31s);
  s.resume(0, 32s);
  BOOST_TEST(s.run(500s).empty());
}

BOOST_AUTO_TEST_SUITE_END()
