#include "protocol/rate.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <map>
#include <ostream>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

/// From one attempt to the next.
rc::Gen<duration> pause() {
  auto up_to = [](duration most) { return rc::gen::inRange<duration::rep>(0, most.count()); };
  return rc::gen::map(
    rc::gen::weightedOneOf<duration::rep>(
      {{4, rc::gen::just<duration::rep>(0)}, {4, up_to(2ms)}, {4, up_to(300ms)}, {1, up_to(3s)}}),
    [](duration::rep n) { return duration{n}; });
}

rc::Gen<std::vector<duration>> pauses() {
  return rc::gen::container<std::vector<duration>>(pause());
}

rc::Gen<unsigned> rate() {
  return rc::gen::oneOf(rc::gen::inRange(1u, 12u), rc::gen::inRange(1u, 5000u));
}

/// A bucket as one thinks of it: it fills evenly and never overflows. Levels are in the time that
/// it takes to bring them.
class naive_bucket {
public:
  explicit naive_bucket(unsigned per_second)
    : token_{duration{1s} / per_second},
      burst_{token_ * per_second},
      level_{burst_} {}

  bool take(time_point now) {
    level_ = std::min(burst_, level_ + (now - last_));
    last_ = now;
    if (level_ < token_)
      return false;
    level_ -= token_;
    return true;
  }

private:
  duration token_;
  duration burst_;
  duration level_;
  time_point last_ = start;
};

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_rates)

BOOST_AUTO_TEST_CASE(no_stretch_of_time_brings_more_than_a_burst_and_what_the_rate_brings_in_it) {
  BOOST_TEST(holds([] {
    auto per_second = *rate();
    token_bucket bucket{per_second};
    std::vector<time_point> granted;
    auto now = start;
    for (auto each : *pauses()) {
      now += each;
      // Many at one moment, or the burst would never be spent.
      for (unsigned i = 0; i < per_second / 3 + 1; ++i)
        if (bucket.take(now))
          granted.push_back(now);
    }
    const auto token = duration{1s} / per_second; // rounded down to a nanosecond
    for (std::size_t first = 0; first < granted.size(); ++first)
      for (auto last = first + per_second; last < granted.size(); last += per_second) {
        auto more = static_cast<duration::rep>(last - first + 1 - per_second);
        RC_ASSERT(granted[last] - granted[first] >= more * token);
      }
  }));
}

BOOST_AUTO_TEST_CASE(a_bucket_grants_what_one_that_fills_evenly_would) {
  BOOST_TEST(holds([] {
    auto per_second = *rate();
    token_bucket bucket{per_second};
    naive_bucket naive{per_second};
    auto now = start;
    for (auto each : *pauses()) {
      now += each;
      auto attempts = *rc::gen::inRange(1u, per_second + 2);
      for (unsigned i = 0; i < attempts; ++i)
        RC_ASSERT(bucket.take(now) == naive.take(now));
    }
  }));
}

BOOST_AUTO_TEST_CASE(time_that_runs_to_and_fro_brings_no_more_than_the_latest_moment) {
  BOOST_TEST(holds([] {
    auto per_second = *rate();
    token_bucket bucket{per_second};
    const auto token = duration{1s} / per_second;
    duration::rep granted = bucket.take(start) ? 1 : 0;
    auto latest = start;
    for (auto each : *pauses()) {
      auto now = *rc::gen::arbitrary<bool>() ? latest + each : latest - each;
      latest = std::max(latest, now);
      granted += bucket.take(now) ? 1 : 0;
      RC_ASSERT((granted - per_second) * token <= latest - start);
    }
  }));
}

BOOST_AUTO_TEST_CASE(wait_is_exactly_how_long_a_token_takes) {
  BOOST_TEST(holds([] {
    token_bucket bucket{*rate()};
    auto now = start;
    for (auto each : *pauses()) {
      now += each;
      while (bucket.take(now)) {
        // until it is empty
      }
      auto wait = bucket.wait(now);
      RC_ASSERT(wait > 0ns);
      auto too_early = bucket;
      RC_ASSERT(!too_early.take(now + wait - 1ns));
      RC_ASSERT(bucket.take(now + wait));
      now += wait;
    }
  }));
}

BOOST_AUTO_TEST_CASE(with_room_for_all_keys_each_has_a_bucket_of_its_own) {
  BOOST_TEST(holds([] {
    constexpr int keys = 6;
    auto per_second = *rc::gen::inRange(1u, 8u);
    keyed_buckets<int> buckets{per_second, keys};
    std::map<int, token_bucket> alone;
    auto now = start;
    for (auto each : *pauses()) {
      now += each;
      auto key = *rc::gen::inRange(0, keys);
      auto& expected = alone.try_emplace(key, per_second).first->second;
      RC_ASSERT(buckets.take(key, now) == expected.take(now));
      RC_ASSERT(buckets.size() <= alone.size());
    }
  }));
}

BOOST_AUTO_TEST_CASE(keys_are_bounded_and_cost_a_known_key_nothing_but_a_new_burst) {
  BOOST_TEST(holds([](const std::vector<std::uint8_t>& keys) {
    auto most = *rc::gen::inRange<std::size_t>(0, 20);
    keyed_buckets<std::uint8_t> buckets{1, most};
    std::vector<std::uint8_t> known; // last asked for last
    for (auto key : keys) {
      auto found = std::find(known.begin(), known.end(), key);
      auto is_known = found != known.end();
      if (is_known)
        known.erase(found);
      else if (known.size() == std::max<std::size_t>(most, 1))
        known.erase(known.begin());
      known.push_back(key);
      RC_ASSERT(buckets.take(key, start) == !is_known);
      RC_ASSERT(buckets.size() == known.size());
    }
  }));
}

BOOST_AUTO_TEST_CASE(shares_hold_the_whole_and_hardly_more) {
  BOOST_TEST(holds([](unsigned whole) {
    auto shards = *rc::gen::inRange(1u, 257u);
    auto sum = std::uint64_t{share_of(whole, shards)} * shards;
    RC_ASSERT(sum >= whole);
    RC_ASSERT(sum < std::uint64_t{whole} + shards);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
