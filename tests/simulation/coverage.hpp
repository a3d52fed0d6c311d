// What a simulation has reached.
#pragma once

#include "protocol/drain.hpp"
#include "protocol/gate.hpp"
#include "protocol/lifecycle.hpp"
#include "protocol/messages.hpp"
#include "tests/simulation/schedule.hpp"

#include <array>
#include <iosfwd>
#include <map>
#include <string>

namespace holdfast::simulation {

inline constexpr std::size_t phase_count = static_cast<std::size_t>(drain_phase::finished) + 1;

struct coverage {
  std::uint64_t episodes = 0;
  std::uint64_t steps = 0;
  std::uint64_t checks = 0; ///< of invariants
  std::array<std::uint64_t, verb_count> verbs{};
  std::array<std::uint64_t, cause_count> moved{};  ///< transitions by cause
  std::array<std::uint64_t, cause_count> closed{}; ///< receipts by cause
  std::array<std::array<std::uint64_t, state_count>, state_count> moves{};
  std::array<std::uint64_t, refusal_count> refused{};
  std::array<std::uint64_t, phase_count> phases{};
  std::map<std::string, std::uint64_t> restarts; ///< by kind of actor
  std::map<std::string, std::uint64_t> handlers; ///< what handlers and their clients heard
  std::map<std::string, std::uint64_t> events;   ///< what was logged

  coverage& operator+=(const coverage& other);

  bool reached(cause why) const {
    auto i = static_cast<std::size_t>(why);
    return moved[i] > 0 || closed[i] > 0;
  }
};

/// Why the simulation cannot reach it; empty when it can.
std::string_view unreachable(cause why);

void print(std::ostream& out, const coverage& x);

} // namespace holdfast::simulation
