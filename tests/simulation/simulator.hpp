// Plays schedules: from a seed, from a file, and the shortest one that still fails.
#pragma once

#include "tests/simulation/scenario.hpp"
#include "tests/simulation/witness.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::simulation {

/// One life of a node, as data. It can be played anywhere, any number of times.
struct episode {
  std::uint64_t seed = 0; ///< of its scenario
  std::vector<action> schedule;
};

struct outcome {
  std::optional<breach> failure;
  std::size_t steps = 0; ///< played
  std::uint64_t hash = 0;
  coverage reached;
};

/// An episode of `steps` actions.
episode draw_episode(std::uint64_t seed, std::size_t steps);

/// `echo`: prints every action and event to standard error.
outcome play(const episode& x, bool echo = false);

/// What an episode breaks, if anything.
using judge = std::function<std::optional<breach>(const episode&)>;

/// A failing episode with as few actions as can be found; it breaks the same rule.
episode shorten(
  episode failing, const breach& how,
  const judge& by = [](const episode& x) { return play(x).failure; });

struct run_result {
  coverage reached;
  std::uint64_t hash = 0;
  std::optional<breach> failure;
  episode failing; ///< as it was drawn, up to where it failed
};

/// Episodes from `seed` until at least `steps` were played, or one fails.
run_result run(std::uint64_t seed, std::uint64_t steps);

/// The text form of an episode: "episode SEED", then an action a line; # begins a comment.
void print(std::ostream& out, const episode& x);
std::optional<episode> parse_episode(std::istream& in);

} // namespace holdfast::simulation
