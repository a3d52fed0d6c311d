// Runs the simulation: see tests/README.md.
#include "tests/simulation/simulator.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

using namespace holdfast::simulation;

namespace {

struct options {
  std::uint64_t seed = 1;
  std::uint64_t steps = 100'000;
  std::string replay;
  bool print_coverage = false;
  bool shorten = true;
  bool help = false;
};

constexpr auto usage = R"(holdfast_simulate [--seed N] [--steps N] [--coverage] [--no-shrink]
holdfast_simulate --replay FILE

  --seed N      what happens follows from it alone (1)
  --steps N     how much of it (100000)
  --coverage    print what was reached
  --no-shrink   print a failing schedule as it is
  --replay FILE play a schedule that was printed, and show what the node does

Fails when an invariant does not hold, and prints the shortest schedule that shows it.
)";

std::optional<options> parse(int argc, char** argv) {
  options result;
  for (int i = 1; i < argc; ++i) {
    std::string_view arg{argv[i]};
    auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
    if (arg == "--seed")
      result.seed = std::strtoull(value(), nullptr, 10);
    else if (arg == "--steps")
      result.steps = std::strtoull(value(), nullptr, 10);
    else if (arg == "--replay")
      result.replay = value();
    else if (arg == "--coverage")
      result.print_coverage = true;
    else if (arg == "--no-shrink")
      result.shorten = false;
    else if (arg == "--help")
      result.help = true;
    else
      return std::nullopt;
  }
  return result;
}

void print(const breach& failure) {
  std::cout << "BROKEN: " << failure.rule << "\n        " << failure.what << '\n';
}

int replay(const std::string& path) {
  std::ifstream file{path};
  auto x = parse_episode(file);
  if (!x) {
    std::cerr << path << " is no schedule\n";
    return 2;
  }
  auto result = play(*x, true);
  std::cout << result.steps << " steps, trace " << std::hex << result.hash << std::dec << '\n';
  if (result.failure)
    print(*result.failure);
  return result.failure ? 1 : 0;
}

int simulate(const options& wanted) {
  auto began = std::chrono::steady_clock::now();
  auto result = run(wanted.seed, wanted.steps);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  auto& reached = result.reached;
  std::cout << reached.steps << " steps in " << reached.episodes << " episodes, " << reached.checks
            << " checks, " << static_cast<std::uint64_t>(double(reached.steps) / took.count())
            << " steps/s, trace " << std::hex << result.hash << std::dec << '\n';
  if (wanted.print_coverage)
    print(std::cout, reached);
  if (!result.failure)
    return 0;
  print(*result.failure);
  auto shortest = wanted.shorten ? shorten(result.failing, *result.failure) : result.failing;
  std::cout << shortest.schedule.size() << " steps show it (replay them with --replay FILE):\n";
  print(std::cout, shortest);
  auto again = play(shortest);
  if (again.failure)
    print(*again.failure);
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  auto wanted = parse(argc, argv);
  if (!wanted || wanted->help) {
    (wanted ? std::cout : std::cerr) << usage;
    return wanted ? 0 : 2;
  }
  return wanted->replay.empty() ? simulate(*wanted) : replay(wanted->replay);
}
