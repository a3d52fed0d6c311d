// A whole node through random schedules, and the simulator's own promises.
// HOLDFAST_SIMULATION_STEPS sets another number of steps; under AddressSanitizer scripts/test sets
// a smaller one.
#include "tests/simulation/simulator.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <sstream>

using namespace holdfast;
using namespace holdfast::simulation;

namespace {

constexpr std::uint64_t usual_seed = 1;

std::uint64_t steps() {
  auto* wanted = std::getenv("HOLDFAST_SIMULATION_STEPS");
  return wanted ? std::strtoull(wanted, nullptr, 10) : 500'000;
}

/// Enough for everything that can be reached to be reached.
bool long_enough() {
  return steps() >= 100'000;
}

const run_result& usual_run() {
  static const auto result = run(usual_seed, steps());
  return result;
}

/// An episode that breaks a rule of the test's own: its clients have been closed by their handler.
std::optional<breach> closed_by_handler(const episode& x) {
  auto reached = play(x).reached;
  if (reached.closed[static_cast<std::size_t>(cause::handler_closed)] == 0)
    return std::nullopt;
  return breach{"nobody is closed by his handler", {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(simulation)

BOOST_AUTO_TEST_CASE(every_invariant_holds_after_every_step) {
  auto& result = usual_run();
  BOOST_TEST(result.reached.steps >= steps());
  BOOST_TEST(result.reached.checks > result.reached.steps);
  if (!result.failure)
    return;
  std::ostringstream text;
  print(text, shorten(result.failing, *result.failure));
  BOOST_ERROR(result.failure->rule + ": " + result.failure->what + "\n" + text.str());
}

BOOST_AUTO_TEST_CASE(every_cause_is_reached) {
  if (!long_enough())
    return;
  for (std::size_t i = 0; i < cause_count; ++i) {
    auto why = static_cast<cause>(i);
    if (unreachable(why).empty())
      BOOST_TEST(usual_run().reached.reached(why), to_string(why));
    else
      BOOST_TEST(!usual_run().reached.reached(why), to_string(why));
  }
}

BOOST_AUTO_TEST_CASE(every_transition_refusal_phase_and_restart_is_reached) {
  if (!long_enough())
    return;
  auto& reached = usual_run().reached;
  for (std::size_t from = 0; from < state_count; ++from)
    for (std::size_t to = 0; to < state_count; ++to) {
      auto a = static_cast<connection_state>(from);
      auto b = static_cast<connection_state>(to);
      BOOST_TEST((reached.moves[from][to] > 0) == may_move(a, b), to_string(a)
                                                                    << " -> " << to_string(b));
    }
  for (std::size_t i = 0; i < refusal_count; ++i) {
    auto why = static_cast<refusal>(i);
    BOOST_TEST(reached.refused[i] > 0u, to_string(why));
  }
  for (std::size_t i = 0; i < phase_count; ++i)
    BOOST_TEST(reached.phases[i] > 0u, to_string(static_cast<drain_phase>(i)));
  for (auto* kind : {"handler:/k", "health", "heartbeat/k", "inspector", "pool", "pool/k", "router",
                     "router/k", "shutdown"})
    BOOST_TEST(reached.restarts.count(kind) == 1u, kind);
}

BOOST_AUTO_TEST_CASE(every_mode_of_a_handler_and_all_news_of_presence_are_reached) {
  if (!long_enough())
    return;
  auto& heard = usual_run().reached.handlers;
  for (auto* what : {"inline opened", "per_connection opened", "per_connection lost", "shared lost",
                     "shared opened", "shared made", "shared told of an opening", "shared adopted",
                     "shared handled", "presence users", "presence came", "presence left"})
    BOOST_TEST(heard.count(what) == 1u, what);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_trace) {
  auto first = run(7, 3000);
  BOOST_TEST(run(7, 3000).hash == first.hash);
  BOOST_TEST(run(8, 3000).hash != first.hash);
}

BOOST_AUTO_TEST_CASE(a_printed_schedule_replays_exactly) {
  auto drawn = draw_episode(11, 300);
  std::stringstream text;
  print(text, drawn);
  auto read = parse_episode(text);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->schedule.size() == drawn.schedule.size());
  BOOST_TEST(play(*read).hash == play(drawn).hash);
}

BOOST_AUTO_TEST_CASE(what_is_no_schedule_is_refused) {
  for (auto* text : {"", "connect 1 2", "episode 1\nconnect 1", "episode 1\ndance 1 2"}) {
    std::istringstream in{text};
    BOOST_TEST(!parse_episode(in), text);
  }
}

BOOST_AUTO_TEST_CASE(any_part_of_a_schedule_can_be_played) {
  auto whole = draw_episode(5, 200);
  for (std::size_t every = 2; every < 12; ++every) {
    episode part{whole.seed, {}};
    for (std::size_t i = 0; i < whole.schedule.size(); i += every)
      part.schedule.push_back(whole.schedule[i]);
    BOOST_TEST(!play(part).failure);
  }
}

BOOST_AUTO_TEST_CASE(a_failing_schedule_is_shortened_to_what_makes_it_fail) {
  episode failing;
  std::optional<breach> how;
  for (std::uint64_t seed = 1; !how; ++seed) {
    failing = draw_episode(seed, 300);
    how = closed_by_handler(failing);
  }
  auto shortest = shorten(failing, *how, closed_by_handler);
  BOOST_TEST(closed_by_handler(shortest).has_value());
  BOOST_TEST(shortest.schedule.size() <= 4u);
}

BOOST_AUTO_TEST_SUITE_END()
