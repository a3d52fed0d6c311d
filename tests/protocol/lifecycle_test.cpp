#include "protocol/lifecycle.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using s = connection_state;

namespace {

constexpr s all[] = {s::handshaking, s::open, s::suspect, s::zombie, s::closing, s::closed};

flight_entry entry(std::uint32_t n) {
  return {n * 10, s::open, s::suspect, cause::pong_missed, n};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lifecycle)

BOOST_AUTO_TEST_CASE(closed_is_final_and_reachable_from_everywhere_else) {
  for (auto state : all) {
    BOOST_TEST(!may_move(s::closed, state));
    BOOST_TEST(may_move(state, s::closed) == (state != s::closed));
  }
}

BOOST_AUTO_TEST_CASE(only_the_verdict_the_heartbeat_and_a_close_move_a_connection) {
  int arrows = 0;
  for (auto from : all)
    for (auto to : all)
      arrows += may_move(from, to) ? 1 : 0;
  // handshaking 2, open 3, suspect 3, zombie 2, and five to closed
  BOOST_TEST(arrows == 15);
  BOOST_TEST(may_move(s::handshaking, s::open));
  BOOST_TEST(may_move(s::suspect, s::open));
  BOOST_TEST(may_move(s::zombie, s::open));
  BOOST_TEST(!may_move(s::handshaking, s::suspect));
  BOOST_TEST(!may_move(s::closing, s::open));
  BOOST_TEST(!may_move(s::open, s::open));
}

BOOST_AUTO_TEST_CASE(every_cause_has_a_label_and_an_explanation_of_its_own) {
  for (std::size_t i = 0; i < cause_count; ++i) {
    auto why = static_cast<cause>(i);
    BOOST_TEST(to_string(why) != "invalid");
    BOOST_TEST(explain(why) != "invalid");
    for (std::size_t j = 0; j < i; ++j)
      BOOST_TEST(to_string(why) != to_string(static_cast<cause>(j)));
  }
}

BOOST_AUTO_TEST_CASE(the_recorder_keeps_everything_while_it_fits) {
  flight_recorder recorder;
  BOOST_TEST(recorder.entries().empty());
  for (std::uint32_t n = 0; n < flight_recorder::capacity; ++n) {
    recorder.add(entry(n));
    auto entries = recorder.entries();
    BOOST_REQUIRE(entries.size() == n + 1);
    for (std::uint32_t i = 0; i <= n; ++i)
      BOOST_TEST(entries[i].number == i);
  }
}

BOOST_AUTO_TEST_CASE(a_full_recorder_forgets_the_oldest_first) {
  flight_recorder recorder;
  for (std::uint32_t n = 0; n < 75; ++n)
    recorder.add(entry(n));
  auto entries = recorder.entries();
  BOOST_REQUIRE(entries.size() == flight_recorder::capacity);
  BOOST_TEST(entries.front().number == 43);
  BOOST_TEST(entries.back().number == 74);
  BOOST_TEST(entries.back().at_ms == 740);
  BOOST_TEST(recorder.added() == 75);
}

BOOST_AUTO_TEST_CASE(an_untroubled_connection_pays_for_two_entries_only) {
  BOOST_TEST(sizeof(flight_entry) == 12);
  BOOST_TEST(sizeof(flight_recorder) <= 2 * sizeof(flight_entry) + 16);
}

BOOST_AUTO_TEST_SUITE_END()
