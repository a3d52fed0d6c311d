#include "tests/simulation/coverage.hpp"

#include <iomanip>
#include <ostream>

namespace holdfast::simulation {

namespace {

template <class Array>
void add(Array& sum, const Array& x) {
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += x[i];
}

void add(std::map<std::string, std::uint64_t>& sum, const std::map<std::string, std::uint64_t>& x) {
  for (auto& [name, count] : x)
    sum[name] += count;
}

void row(std::ostream& out, std::string_view name, std::uint64_t count,
         std::string_view why_not = {}) {
  out << "  " << std::left << std::setw(24) << name << std::right << std::setw(12) << count;
  if (count == 0 && !why_not.empty())
    out << "   " << why_not;
  out << '\n';
}

} // namespace

coverage& coverage::operator+=(const coverage& other) {
  episodes += other.episodes;
  steps += other.steps;
  checks += other.checks;
  add(verbs, other.verbs);
  add(moved, other.moved);
  add(closed, other.closed);
  for (std::size_t from = 0; from < state_count; ++from)
    add(moves[from], other.moves[from]);
  add(refused, other.refused);
  add(phases, other.phases);
  add(restarts, other.restarts);
  add(handlers, other.handlers);
  add(events, other.events);
  return *this;
}

std::string_view unreachable(cause why) {
  return why == cause::none ? "is no cause: the value of a connection to which nothing happened"
                            : "";
}

void print(std::ostream& out, const coverage& x) {
  out << "transitions by cause, receipts by cause\n";
  for (std::size_t i = 0; i < cause_count; ++i) {
    auto why = static_cast<cause>(i);
    out << "  " << std::left << std::setw(24) << to_string(why) << std::right << std::setw(12)
        << x.moved[i] << std::setw(12) << x.closed[i];
    if (!x.reached(why))
      out << "   " << unreachable(why);
    out << '\n';
  }
  out << "transitions by state\n";
  for (std::size_t from = 0; from < state_count; ++from)
    for (std::size_t to = 0; to < state_count; ++to)
      if (auto a = static_cast<connection_state>(from), b = static_cast<connection_state>(to);
          may_move(a, b))
        row(out, std::string{to_string(a)} + " -> " + std::string{to_string(b)}, x.moves[from][to]);
  out << "refusals\n";
  for (std::size_t i = 0; i < refusal_count; ++i)
    row(out, to_string(static_cast<refusal>(i)), x.refused[i]);
  out << "phases of a drain\n";
  for (std::size_t i = 0; i < phase_count; ++i)
    row(out, to_string(static_cast<drain_phase>(i)), x.phases[i]);
  out << "restarts\n";
  for (auto& [name, count] : x.restarts)
    row(out, name, count);
  out << "handlers and presence\n";
  for (auto& [name, count] : x.handlers)
    row(out, name, count);
  out << "events\n";
  for (auto& [name, count] : x.events)
    row(out, name, count);
  out << "steps\n";
  for (std::size_t i = 0; i < verb_count; ++i)
    row(out, to_string(static_cast<verb>(i)), x.verbs[i]);
}

} // namespace holdfast::simulation
