// The checks behind invariants.hpp, one for each kind of truth.
#pragma once

#include "tests/simulation/invariants.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace holdfast::simulation {

inline std::string number(std::uint64_t n) {
  return std::to_string(n);
}

class check {
public:
  explicit check(world& on) : w{on}, rules{w.context().drains.rules} {}

  void expect(bool held, std::string_view rule, const std::string& what) {
    ++w.seen.seen.checks;
    if (!held)
      w.breach(rule, what);
  }

  template <class T>
  void equal(T said, T was, std::string_view rule, const std::string& what) {
    expect(said == was, rule, what + ": " + std::to_string(said) + ", not " + std::to_string(was));
  }

  void between(std::uint64_t said, std::uint64_t least, std::uint64_t most, std::string_view rule,
               const std::string& what) {
    expect(least <= said && said <= most, rule,
           what + ": " + std::to_string(said) + ", not " + std::to_string(least) + " to "
             + std::to_string(most));
  }

  // ---- after every step
  void counters();
  void slots();
  void limits();
  void drain_times();

  // ---- at rest
  void capacity();
  void receipts();
  void verdicts();
  void heartbeats();
  void phases();

  // ---- when also every loop has come round, and by asking
  void reading();
  void users();
  void groups();
  void presence();
  void handlers();

private:
  bool given_up() const { return !w.seen.given_up.empty(); }
  bool gave_up(std::string_view kind) const {
    auto& names = w.seen.given_up;
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return name.rfind(kind, 0) == 0; });
  }

  /// Since the last death of a member everything has been counted anew.
  bool counted_since() const {
    return !w.members_failed
           || (w.now() - w.disturbed > std::chrono::seconds{6}
               && w.context().sweeps > w.sweeps_then + 2);
  }

  /// Admitted, and not known to be leaving.
  std::map<std::string, std::size_t> by_user(bool with_leaving) const;

  world& w;
  const drain& rules;
};

} // namespace holdfast::simulation
