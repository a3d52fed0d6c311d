#include "tests/simulation/simulator.hpp"

#include "tests/simulation/invariants.hpp"

#include <algorithm>
#include <cstdio>
#include <istream>
#include <ostream>

namespace holdfast::simulation {

namespace {

constexpr std::uint64_t schedule_salt = 0x5c6edu;

} // namespace

episode draw_episode(std::uint64_t seed, std::size_t steps) {
  dice of_scenario{seed};
  dice of_schedule{seed ^ schedule_salt};
  return {seed, draw_schedule(of_schedule, draw_scenario(of_scenario).how, steps)};
}

outcome play(const episode& x, bool echo) {
  dice from{x.seed};
  world w{draw_scenario(from)};
  w.seen.echo = echo;
  auto& failure = w.seen.failure;
  outcome result;
  for (auto& next : x.schedule) {
    if (echo)
      std::fprintf(stderr, "%4zu  %s\n", result.steps, to_string(next).c_str());
    ++result.steps;
    w.carry_out(next);
    check_step(w);
    if (w.quiet())
      check_rest(w);
    if (next.what == verb::settle && !failure && !w.ended())
      check_books(w);
    if (failure || w.ended())
      break;
  }
  if (!failure)
    check_end(w);
  result.failure = failure;
  result.hash = w.seen.trace.value();
  result.reached = w.seen.seen;
  result.reached.episodes = 1;
  result.reached.steps = result.steps;
  for (std::size_t i = 0; i < w.shards(); ++i)
    for (std::size_t why = 0; why < refusal_count; ++why)
      result.reached.refused[why] += w.at(i).counters().refused[why];
  return result;
}

/// Delta debugging (Zeller's ddmin): leaves out runs of actions, long ones first, for as long as
/// what remains still fails.
episode shorten(episode failing, const breach& how, const judge& by) {
  auto fails_alike = [&](const episode& x) {
    auto found = by(x);
    return found && found->rule == how.rule;
  };
  auto& actions = failing.schedule;
  for (auto length = std::max<std::size_t>(actions.size() / 2, 1);;) {
    bool shorter = false;
    for (std::size_t from = 0; from < actions.size();) {
      auto without = failing;
      auto begin = without.schedule.begin() + static_cast<std::ptrdiff_t>(from);
      auto end = begin + static_cast<std::ptrdiff_t>(std::min(length, actions.size() - from));
      without.schedule.erase(begin, end);
      if (fails_alike(without)) {
        failing = std::move(without);
        shorter = true;
      } else {
        from += length;
      }
    }
    if (length == 1 && !shorter)
      return failing;
    if (length > 1)
      length = length / 2;
  }
}

run_result run(std::uint64_t seed, std::uint64_t steps) {
  run_result result;
  dice seeds{seed};
  trace_hash all;
  while (result.reached.steps < steps) {
    auto length = 100 + seeds.below(500);
    auto x = draw_episode(seeds.next(), std::min(length, steps - result.reached.steps));
    auto played = play(x);
    result.reached += played.reached;
    all.add(played.hash);
    if (played.failure) {
      result.failure = played.failure;
      x.schedule.resize(played.steps);
      result.failing = std::move(x);
      break;
    }
    // The end of an episode is a step as well: one that ended before its first would not count.
    ++result.reached.steps;
  }
  result.hash = all.value();
  return result;
}

void print(std::ostream& out, const episode& x) {
  dice from{x.seed};
  out << "# " << summary(draw_scenario(from)) << "\nepisode " << x.seed << '\n';
  for (auto& next : x.schedule)
    out << to_string(next) << '\n';
}

std::optional<episode> parse_episode(std::istream& in) {
  episode result;
  std::string line;
  bool headed = false;
  while (std::getline(in, line)) {
    if (line.empty() || line.front() == '#')
      continue;
    if (line.rfind("episode ", 0) == 0) {
      result.seed = std::stoull(line.substr(8));
      headed = true;
      continue;
    }
    auto next = parse_action(line);
    if (!next)
      return std::nullopt;
    result.schedule.push_back(*next);
  }
  return headed ? std::optional{result} : std::nullopt;
}

} // namespace holdfast::simulation
