#include "protocol/connection_health.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

health_limits usual() {
  heartbeat_config heartbeat;
  heartbeat.max_missed_pongs = 3;
  heartbeat.zombie_detection_threshold = 60s;
  heartbeat.max_read_pause = 30s;
  send_queue_config queue;
  queue.max_queued_bytes = 1000;
  queue.max_queued_messages = 10;
  return limits_of(heartbeat, queue, 10s);
}

connection_view well() {
  connection_view x;
  x.state = connection_state::open;
  x.state_age = 1h;
  x.silence = 20s;
  return x;
}

/// What is found about one that is well but for what `change` does to it.
template <class F>
std::vector<std::string> found(F&& change) {
  auto x = well();
  change(x);
  auto health = judge(x, usual());
  BOOST_TEST(health.healthy == health.findings.empty());
  return health.findings;
}

std::string only(const std::vector<std::string>& findings) {
  BOOST_REQUIRE(findings.size() == 1);
  return findings[0];
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_health_rules)

BOOST_AUTO_TEST_CASE(who_answers_and_reads_is_healthy) {
  BOOST_TEST(found([](connection_view&) {}).empty());
  BOOST_TEST(judge(well(), usual()).queue_fill == 0);
}

BOOST_AUTO_TEST_CASE(a_suspect_and_a_zombie_are_said_to_be_with_what_was_missed) {
  auto suspect = only(found([](connection_view& x) {
    x.state = connection_state::suspect;
    x.missed_pongs = 2;
    x.silence = 41s;
  }));
  BOOST_TEST(suspect == "suspect: 2 of 3 pings in a row unanswered, nothing heard for 41 s");
  auto zombie = only(found([](connection_view& x) {
    x.state = connection_state::zombie;
    x.missed_pongs = 3;
    x.state_age = 500ms;
    x.silence = 180s;
  }));
  BOOST_TEST(zombie
             == "a zombie since 500 ms: 3 of 3 pings in a row unanswered, nothing heard for 3 min");
}

BOOST_AUTO_TEST_CASE(silence_that_the_heartbeat_overlooked_is_a_finding_unless_nobody_reads) {
  auto silent = [](duration silence, bool paused) {
    return found([=](connection_view& x) {
      x.silence = silence;
      x.reading_paused = paused;
    });
  };
  BOOST_TEST(silent(62s, false).empty());
  BOOST_TEST(only(silent(63s, false))
             == "is open though nothing was heard for 63 s, which makes a zombie after 60 s");
  BOOST_TEST(silent(63s, true).empty());
}

BOOST_AUTO_TEST_CASE(a_pause_that_is_too_long_is_a_finding) {
  auto paused = [](duration for_so_long) {
    return found([=](connection_view& x) {
      x.reading_paused = true;
      x.paused_for = for_so_long;
    });
  };
  BOOST_TEST(paused(32s).empty());
  BOOST_TEST(only(paused(33s)) == "has not been read from for 33 s, longer than 30 s");
}

BOOST_AUTO_TEST_CASE(a_full_queue_is_a_finding_by_bytes_or_by_messages) {
  auto queued = [](std::uint64_t bytes, std::uint64_t messages) {
    return found([=](connection_view& x) {
      x.queued_bytes = bytes;
      x.queued_messages = messages;
    });
  };
  BOOST_TEST(queued(800, 8).empty());
  BOOST_TEST(only(queued(801, 8)) == "reads too slowly: 801 of 1000 bytes wait in its queue");
  BOOST_TEST(only(queued(10, 9)) == "reads too slowly: 9 of 10 messages wait in its queue");
  auto x = well();
  x.queued_bytes = 250;
  x.queued_messages = 5;
  BOOST_TEST(judge(x, usual()).queue_fill == 0.5);
}

BOOST_AUTO_TEST_CASE(who_comes_or_goes_too_slowly_is_a_finding) {
  auto in = [](connection_state state, duration age) {
    return found([=](connection_view& x) {
      x.state = state;
      x.state_age = age;
    });
  };
  BOOST_TEST(in(connection_state::handshaking, 7s).empty());
  BOOST_TEST(only(in(connection_state::handshaking, 8s))
             == "waits for the verdict on its user since 8 s");
  BOOST_TEST(in(connection_state::closing, 12s).empty());
  BOOST_TEST(only(in(connection_state::closing, 13s))
             == "is closing since 13 s, which may take 10 s");
  BOOST_TEST(in(connection_state::closed, 2s).empty());
  BOOST_TEST(only(in(connection_state::closed, 3s))
             == "has ended 3 s ago, and still has its place");
}

BOOST_AUTO_TEST_CASE(what_has_no_limit_is_not_judged) {
  auto x = well();
  x.silence = 24h;
  x.reading_paused = false;
  x.queued_bytes = 1'000'000'000;
  BOOST_TEST(judge(x, {}).healthy);
  BOOST_TEST(judge(x, {}).queue_fill == 0);
  x.reading_paused = true;
  x.paused_for = 24h;
  BOOST_TEST(judge(x, {}).healthy);
}

BOOST_AUTO_TEST_CASE(several_findings_are_all_told) {
  BOOST_TEST(found([](connection_view& x) {
               x.state = connection_state::suspect;
               x.missed_pongs = 1;
               x.queued_bytes = 1000;
             }).size()
             == 2);
}

BOOST_AUTO_TEST_SUITE_END()
