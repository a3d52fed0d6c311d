#include "protocol/trace.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

trace_event numbered(std::uint32_t n) {
  trace_event x;
  x.number = n;
  return x;
}

/// Offers events as a shard does; how many were kept.
std::size_t offer(trace_log& log, std::size_t events) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < events; ++i)
    if (log.has_room()) {
      log.add(numbered(static_cast<std::uint32_t>(i)));
      ++kept;
    }
  return kept;
}

} // namespace

BOOST_AUTO_TEST_SUITE(trace_rules)

BOOST_AUTO_TEST_CASE(what_was_gathered_is_sent_once_and_in_order) {
  trace_log log{10, start + 1s};
  BOOST_TEST(!log.gather(3));
  offer(log, 2);
  auto sent = log.gather(3);
  BOOST_REQUIRE(sent);
  BOOST_TEST(sent->shard == 3);
  BOOST_REQUIRE(sent->events.size() == 2);
  BOOST_TEST(sent->events[0].number == 0);
  BOOST_TEST(sent->events[1].number == 1);
  BOOST_TEST(!log.gather(3));
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_limit_or_its_time) {
  trace_log log{2, start + 1s};
  BOOST_TEST(!log.over(start));
  BOOST_TEST((log.over(start + 1s) == trace_end::time));
  BOOST_TEST(offer(log, 3) == 2);
  BOOST_TEST((log.over(start) == trace_end::limit));
  BOOST_TEST(log.last_words(1, trace_end::limit).left_out == 0); // it had ended by then
}

BOOST_AUTO_TEST_CASE(nobody_asks_for_more_than_a_shard_may_tell) {
  trace_log log{1'000'000, start + 1s};
  std::size_t kept = 0;
  for (int i = 0; i < 100; ++i) {
    kept += offer(log, most_untaken);
    log.gather(0);
    log.taken(most_untaken);
  }
  BOOST_TEST(kept == most_traced_events);
}

BOOST_AUTO_TEST_CASE(what_nobody_takes_is_left_out_and_counted) {
  trace_log log{1000, start + 1s};
  BOOST_TEST(offer(log, most_untaken + 5) == most_untaken);
  BOOST_TEST(log.gather(0)->left_out == 5);
  BOOST_TEST(offer(log, 3) == 0);
  BOOST_TEST(!log.gather(0));
  log.taken(2);
  BOOST_TEST(offer(log, 3) == 2);
  BOOST_TEST(log.gather(0)->left_out == 4);
  offer(log, 7);
  BOOST_TEST(log.last_words(0, trace_end::time).left_out == 7);
}

BOOST_AUTO_TEST_CASE(more_cannot_be_taken_than_was_sent) {
  trace_log log{1000, start + 1s};
  offer(log, most_untaken);
  log.taken(1000); // none was sent yet
  BOOST_TEST(offer(log, 1) == 0);
  log.gather(0);
  log.taken(1000);
  BOOST_TEST(offer(log, most_untaken + 1) == most_untaken);
}

BOOST_AUTO_TEST_SUITE_END()
