#include "protocol/vitals.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

vitals_totals admitted(std::uint64_t n) {
  vitals_totals x;
  x.admitted = n;
  return x;
}

/// Seconds from the start to the sample that the window begins with.
double begins(const vitals_window& window) {
  return std::chrono::duration<double>{window.begin().at - start}.count();
}

} // namespace

BOOST_AUTO_TEST_SUITE(vitals)

BOOST_AUTO_TEST_CASE(a_window_begins_with_the_start_until_it_is_full) {
  vitals_window window{10s, 10, start, admitted(7)};
  for (auto t = 0s; t < 10s; t += 1s)
    window.note(start + t, admitted(100));
  BOOST_TEST(begins(window) == 0);
  BOOST_TEST(window.begin().totals.admitted == 7u);
}

BOOST_AUTO_TEST_CASE(then_it_begins_with_the_youngest_sample_that_is_old_enough) {
  vitals_window window{10s, 10, start};
  for (auto t = 1s; t <= 25s; t += 1s)
    window.note(start + t, admitted(static_cast<std::uint64_t>(t.count())));
  BOOST_TEST(begins(window) == 15);
  BOOST_TEST(window.begin().totals.admitted == 15u);
}

BOOST_AUTO_TEST_CASE(samples_between_the_parts_are_not_kept) {
  vitals_window window{5min, 60, start};
  for (auto t = 1s; t <= 10min; t += 1s)
    window.note(start + t, {});
  BOOST_TEST(begins(window) == 300);
  window.note(start + 10min + 4s, {});
  BOOST_TEST(begins(window) == 300);
  window.note(start + 10min + 5s, {});
  BOOST_TEST(begins(window) == 305);
}

BOOST_AUTO_TEST_CASE(after_a_stall_the_window_begins_before_it) {
  vitals_window window{10s, 10, start};
  window.note(start + 1s, {});
  window.note(start + 61s, {});
  BOOST_TEST(begins(window) == 1);
  window.note(start + 71s, {});
  BOOST_TEST(begins(window) == 61);
}

BOOST_AUTO_TEST_CASE(rates_are_told_a_second_of_the_time_that_passed) {
  vitals_window::sample from{start, {}};
  vitals_totals now;
  now.sockets = 30;
  now.refused = 5;
  now.admitted = 20;
  now.ended = 10;
  now.in = {40, 4000};
  now.out = {80, 16000};
  auto x = rates(from, start + 10s, now);
  BOOST_TEST(x.accepted == 3);
  BOOST_TEST(x.refused == 0.5);
  BOOST_TEST(x.opened == 2);
  BOOST_TEST(x.closed == 1);
  BOOST_TEST(x.messages_in == 4);
  BOOST_TEST(x.bytes_in == 400);
  BOOST_TEST(x.messages_out == 8);
  BOOST_TEST(x.bytes_out == 1600);
}

BOOST_AUTO_TEST_CASE(no_rate_is_told_of_a_moment) {
  BOOST_TEST(rates({start, {}}, start + 10ms, admitted(100)).opened == 0);
  BOOST_TEST(rates({start, {}}, start, admitted(100)).opened == 0);
}

BOOST_AUTO_TEST_CASE(a_count_that_was_put_back_is_no_rate) {
  BOOST_TEST(rates({start, admitted(10)}, start + 10s, admitted(9)).opened == 0);
}

BOOST_AUTO_TEST_CASE(heartbeat_success_is_answered_of_answered_and_missed) {
  vitals_totals from, now;
  from.pongs = 1000;
  from.missed = 500;
  now.pongs = 1095;
  now.missed = 505;
  BOOST_TEST(heartbeat_success(from, now).value == 0.95);
  BOOST_TEST(heartbeat_success(from, now).events == 100u);
  BOOST_TEST(heartbeat_success(now, now).events == 0u);
}

BOOST_AUTO_TEST_CASE(the_zombie_ratio_is_of_all_that_were_there_in_the_window) {
  vitals_totals from, now;
  from.admitted = 1000;
  from.ended = 940; // 60 were there, and 40 came
  from.zombies = 11;
  now.admitted = 1040;
  now.ended = 1000;
  now.zombies = 18;
  BOOST_TEST(zombie_ratio(from, now).value == 0.07);
  BOOST_TEST(zombie_ratio(from, now).events == 100u);
}

BOOST_AUTO_TEST_CASE(one_that_is_a_zombie_again_and_again_makes_no_ratio_above_one) {
  vitals_totals from, now;
  now.admitted = 1;
  now.zombies = 3;
  BOOST_TEST(zombie_ratio(from, now).value == 1);
}

BOOST_AUTO_TEST_CASE(totals_are_those_of_the_counters) {
  shard_counters sum;
  sum.sockets = 1;
  sum.admitted = 2;
  sum.ended = 3;
  sum.refused[0] = 4;
  sum.refused[refusal_count - 1] = 5;
  sum.pongs = 6;
  sum.missed = 7;
  sum.zombies = 8;
  sum.in = {9, 10};
  sum.out = {11, 12};
  sum.rtt.add(13ms);
  sum.lag.add(14ms);
  auto x = totals_of(sum, 15);
  BOOST_TEST(x.sockets == 1u);
  BOOST_TEST(x.admitted == 2u);
  BOOST_TEST(x.ended == 3u);
  BOOST_TEST(x.refused == 9u);
  BOOST_TEST(x.pongs == 6u);
  BOOST_TEST(x.missed == 7u);
  BOOST_TEST(x.zombies == 8u);
  BOOST_TEST(x.in.messages == 9u);
  BOOST_TEST(x.in.bytes == 10u);
  BOOST_TEST(x.out.messages == 11u);
  BOOST_TEST(x.out.bytes == 12u);
  BOOST_TEST((x.rtt.sum() == 13ms));
  BOOST_TEST((x.lag.sum() == 14ms));
  BOOST_TEST(x.cleanups_failed == 15u);
}

BOOST_AUTO_TEST_CASE(without_a_sample_quantiles_are_zero) {
  reply_histogram h;
  BOOST_TEST(quantiles_of(h).samples == 0u);
  BOOST_TEST((quantiles_of(h).p99 == 0ms));
  h.add(1ms);
  BOOST_TEST(quantiles_of(h).samples == 1u);
  BOOST_TEST((quantiles_of(h).p50 == 500us));
}

BOOST_AUTO_TEST_SUITE_END()
