#include "protocol/rate.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1000s};

template <class Take>
int granted(Take take, int attempts = 2000) {
  int result = 0;
  for (int i = 0; i < attempts; ++i)
    result += take() ? 1 : 0;
  return result;
}

int granted_at(token_bucket& bucket, time_point now) {
  return granted([&] { return bucket.take(now); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(rate)

BOOST_AUTO_TEST_CASE(a_full_bucket_grants_one_seconds_worth_at_once) {
  token_bucket bucket{200};
  BOOST_TEST(granted_at(bucket, start) == 200);
}

BOOST_AUTO_TEST_CASE(tokens_come_back_evenly_over_the_second) {
  token_bucket bucket{10};
  BOOST_TEST(granted_at(bucket, start) == 10);
  BOOST_TEST(!bucket.take(start + 100ms - 1ns));
  BOOST_TEST(granted_at(bucket, start + 100ms) == 1);
  BOOST_TEST(granted_at(bucket, start + 450ms) == 3);
  BOOST_TEST(granted_at(bucket, start + 500ms) == 1);
}

BOOST_AUTO_TEST_CASE(an_idle_bucket_holds_no_more_than_its_burst) {
  token_bucket bucket{10};
  BOOST_TEST(granted_at(bucket, start) == 10);
  BOOST_TEST(granted_at(bucket, start + 1h) == 10);
}

BOOST_AUTO_TEST_CASE(over_a_minute_no_more_is_granted_than_the_rate_and_one_burst) {
  token_bucket bucket{7};
  int total = 0;
  for (auto now = start; now <= start + 60s; now += 1ms)
    total += bucket.take(now) ? 1 : 0;
  BOOST_TEST(total == 7 + 60 * 7);
}

BOOST_AUTO_TEST_CASE(a_rate_of_one_grants_one_each_second) {
  token_bucket bucket{1};
  BOOST_TEST(bucket.take(start));
  BOOST_TEST(!bucket.take(start + 1s - 1ns));
  BOOST_TEST(bucket.take(start + 1s));
}

BOOST_AUTO_TEST_CASE(a_rate_of_zero_is_off_and_grants_everything) {
  token_bucket bucket{0};
  BOOST_TEST(granted_at(bucket, start) == 2000);
  BOOST_TEST((bucket.wait(start) == 0ns));
}

BOOST_AUTO_TEST_CASE(a_rate_beyond_the_clocks_resolution_is_cut_to_it) {
  token_bucket bucket{4'000'000'000};
  BOOST_TEST(bucket.per_second() == 1'000'000'000u);
  BOOST_TEST(granted_at(bucket, start) == 2000);
}

BOOST_AUTO_TEST_CASE(wait_says_when_the_next_token_comes) {
  token_bucket bucket{4};
  BOOST_TEST((bucket.wait(start) == 0ns));
  granted_at(bucket, start);
  BOOST_TEST((bucket.wait(start) == 250ms));
  BOOST_TEST((bucket.wait(start + 100ms) == 150ms));
  BOOST_TEST(!bucket.take(start + 250ms - 1ns));
  BOOST_TEST(bucket.take(start + 250ms));
}

BOOST_AUTO_TEST_CASE(a_refused_attempt_costs_nothing) {
  token_bucket bucket{2};
  granted_at(bucket, start); // two granted, 1998 refused
  BOOST_TEST(bucket.take(start + 500ms));
}

BOOST_AUTO_TEST_CASE(time_that_runs_backwards_brings_no_tokens) {
  token_bucket bucket{5};
  BOOST_TEST(granted_at(bucket, start) == 5);
  BOOST_TEST(granted_at(bucket, start - 10s) == 0);
  BOOST_TEST(granted_at(bucket, start + 200ms) == 1);
}

BOOST_AUTO_TEST_CASE(a_changed_rate_holds_from_then_on) {
  token_bucket bucket{100};
  BOOST_TEST(granted_at(bucket, start) == 100);
  bucket.set_rate(2);
  BOOST_TEST(!bucket.take(start));
  BOOST_TEST(granted_at(bucket, start + 2s) == 2);
  bucket.set_rate(0);
  BOOST_TEST(bucket.take(start + 2s));
}

BOOST_AUTO_TEST_CASE(shares_are_rounded_up_and_add_up_to_at_least_the_whole) {
  BOOST_TEST(share_of(1024, 1) == 1024u);
  BOOST_TEST(share_of(1024, 4) == 256u);
  BOOST_TEST(share_of(10, 4) == 3u);
  BOOST_TEST(share_of(1, 256) == 1u);
  BOOST_TEST(share_of(4'294'967'295u, 2) == 2'147'483'648u);
}

BOOST_AUTO_TEST_CASE(a_share_of_what_is_off_is_off) {
  BOOST_TEST(share_of(0, 8) == 0u);
}

BOOST_AUTO_TEST_CASE(keys_have_a_bucket_each) {
  keyed_buckets<int> buckets{2, 100};
  BOOST_TEST(granted([&] { return buckets.take(1, start); }) == 2);
  BOOST_TEST(granted([&] { return buckets.take(2, start); }) == 2);
  BOOST_TEST(granted([&] { return buckets.take(1, start + 500ms); }) == 1);
}

BOOST_AUTO_TEST_CASE(when_off_no_key_is_remembered) {
  keyed_buckets<int> buckets{0, 100};
  BOOST_TEST(buckets.take(1, start));
  BOOST_TEST(buckets.size() == 0u);
}

BOOST_AUTO_TEST_CASE(buckets_that_are_full_again_are_forgotten) {
  keyed_buckets<int> buckets{10, 1000};
  for (int key = 0; key < 100; ++key)
    buckets.take(key, start);
  BOOST_TEST(buckets.size() == 100u);
  buckets.take(1000, start + 100ms - 1ns);
  BOOST_TEST(buckets.size() == 101u); // none was full
  for (int i = 0; i < 50; ++i)
    buckets.take(1000, start + 100ms);
  BOOST_TEST(buckets.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_key_that_keeps_asking_is_not_forgotten_while_it_owes) {
  keyed_buckets<int> buckets{2, 1000};
  int total = 0;
  for (auto now = start; now < start + 10s; now += 10ms)
    total += buckets.take(1, now) ? 1 : 0;
  BOOST_TEST(total == 2 + 19);
}

BOOST_AUTO_TEST_CASE(over_the_cap_the_key_silent_for_longest_is_forgotten) {
  keyed_buckets<int> buckets{1, 3};
  BOOST_TEST(buckets.take(1, start));
  BOOST_TEST(buckets.take(2, start + 1ms));
  BOOST_TEST(buckets.take(3, start + 2ms));
  BOOST_TEST(!buckets.take(1, start + 3ms)); // refused, yet heard of: now 2 is the stalest
  BOOST_TEST(buckets.take(4, start + 4ms));
  BOOST_TEST(buckets.size() == 3u);
  BOOST_TEST(!buckets.take(1, start + 5ms));
  BOOST_TEST(!buckets.take(3, start + 5ms));
  BOOST_TEST(buckets.take(2, start + 5ms)); // forgotten, so it has a new burst
}

BOOST_AUTO_TEST_CASE(a_flood_of_keys_never_passes_the_cap) {
  keyed_buckets<int> buckets{1, 50};
  for (int key = 0; key < 10000; ++key) {
    buckets.take(key, start);
    BOOST_REQUIRE(buckets.size() <= 50u);
  }
  BOOST_TEST(buckets.size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()
