#include "app/roll_call.hpp"
#include "app/service_status.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

using places = std::vector<std::size_t>;

service_view in(drain_phase phase, drain_reason reason = drain_reason::signal) {
  service_view node;
  node.open = 1204;
  node.limit = 20'000;
  node.drain.phase = phase;
  node.drain.reason = reason;
  node.drain.age = 2s;
  node.drain.t = 12900ms;
  node.shutdown.lb_grace = 5s;
  return node;
}

} // namespace

BOOST_AUTO_TEST_SUITE(telling_a_service_manager)

BOOST_AUTO_TEST_CASE(the_status_is_a_line_for_people) {
  BOOST_TEST(status_line(in(drain_phase::serving)) == "serving 1,204 of 20,000 connections");
  BOOST_TEST(status_line(in(drain_phase::unready)) == "unready: 1,204 left, 2 s of 5 s");
  BOOST_TEST(status_line(in(drain_phase::stop_accepting)) == "stops accepting: 1,204 left");
  BOOST_TEST(status_line(in(drain_phase::draining)) == "draining: 1,204 left, 12 s of 30 s");
  BOOST_TEST(status_line(in(drain_phase::force_close))
             == "closing by force: 1,204 left, 12 s of 60 s");
  BOOST_TEST(status_line(in(drain_phase::cleanup)) == "cleaning up");
  BOOST_TEST(status_line(in(drain_phase::finished)) == "drained");
}

BOOST_AUTO_TEST_CASE(thousands_are_set_apart) {
  for (auto [n, text] : {std::pair{0u, "0"},
                         {999u, "999"},
                         {1000u, "1,000"},
                         {65536u, "65,536"},
                         {123456u, "123,456"},
                         {1234567u, "1,234,567"}}) {
    auto node = in(drain_phase::serving);
    node.open = n;
    BOOST_TEST(status_line(node) == "serving " + std::string{text} + " of 20,000 connections");
  }
}

BOOST_AUTO_TEST_CASE(who_was_told_to_stop_says_so_at_once) {
  BOOST_TEST(status_assignments(in(drain_phase::serving))
             == "READY=1\nSTATUS=serving 1,204 of 20,000 connections");
  for (auto reason : {drain_reason::signal, drain_reason::failure})
    BOOST_TEST(status_assignments(in(drain_phase::unready, reason))
               == "STOPPING=1\nSTATUS=unready: 1,204 left, 2 s of 5 s");
}

BOOST_AUTO_TEST_CASE(a_drain_that_can_be_cancelled_is_no_stop_yet) {
  for (auto reason : {drain_reason::admin, drain_reason::rollout}) {
    for (auto phase : {drain_phase::serving, drain_phase::unready, drain_phase::stop_accepting,
                       drain_phase::notify, drain_phase::draining, drain_phase::stop_heartbeats})
      BOOST_TEST(!is_stopping(in(phase, reason).drain), to_string(phase));
    for (auto phase : {drain_phase::force_close, drain_phase::cleanup, drain_phase::finished})
      BOOST_TEST(is_stopping(in(phase, reason).drain), to_string(phase));
  }
}

BOOST_AUTO_TEST_CASE(a_drain_that_was_cancelled_is_none_whoever_wanted_it) {
  BOOST_TEST(!is_stopping(in(drain_phase::serving, drain_reason::signal).drain));
}

BOOST_AUTO_TEST_CASE(time_is_asked_for_in_microseconds) {
  BOOST_TEST(extend_timeout(77s) == "EXTEND_TIMEOUT_USEC=77000000");
  BOOST_TEST(extend_timeout(0s) == "");
  BOOST_TEST(extend_timeout(-1s) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(calling_the_roll)

BOOST_AUTO_TEST_CASE(the_last_answer_completes_it_once) {
  roll_call roll{3};
  BOOST_TEST(roll.silent().empty()); // not called yet
  BOOST_TEST((roll.begin() == places{0, 1, 2}));
  BOOST_TEST((roll.silent() == places{0, 1, 2}));
  BOOST_TEST(!roll.answered(1));
  BOOST_TEST(!roll.answered(0));
  BOOST_TEST((roll.silent() == places{2}));
  BOOST_TEST(roll.answered(2));
  BOOST_TEST(!roll.answered(2));
  BOOST_TEST(roll.silent().empty());
}

BOOST_AUTO_TEST_CASE(an_answer_counts_for_one_roll) {
  roll_call roll{2};
  roll.begin();
  roll.answered(0);
  roll.answered(1);
  BOOST_TEST((roll.begin() == places{0, 1}));
  BOOST_TEST((roll.silent() == places{0, 1}));
  BOOST_TEST(!roll.answered(0));
  BOOST_TEST(roll.answered(1));
}

BOOST_AUTO_TEST_CASE(who_has_not_answered_is_not_asked_again) {
  roll_call roll{2};
  roll.begin();
  roll.answered(0);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((roll.begin() == places{0}));
    BOOST_TEST(!roll.answered(0));
    BOOST_TEST((roll.silent() == places{1}));
  }
  BOOST_TEST(roll.answered(1)); // his late answer shows that he lives now
  BOOST_TEST((roll.begin() == places{0, 1}));
}

BOOST_AUTO_TEST_CASE(whose_answer_nobody_awaits_any_more_is_asked_anew) {
  roll_call roll{2};
  roll.begin();
  roll.answered(0);
  roll.given_up(1);
  BOOST_TEST((roll.silent() == places{1}));
  BOOST_TEST((roll.begin() == places{0, 1}));
}

BOOST_AUTO_TEST_SUITE_END()
