#include "app/bench/report.hpp"

namespace holdfast::bench {

namespace {

struct name_of_mode {
  std::string operator()(const echo_figures&) const { return "echo"; }
  std::string operator()(const verify_figures&) const { return "echo --verify"; }
  std::string operator()(const idle_figures&) const { return "idle"; }
  std::string operator()(const storm_figures&) const { return "storm"; }
  std::string operator()(const fanout_figures&) const { return "fanout"; }
  std::string operator()(const drain_figures&) const { return "drain"; }
};

} // namespace

std::string mode_name(const report& of) {
  return std::visit(name_of_mode{}, of.figures);
}

std::optional<double> server_us_per(const measured_part& part, std::uint64_t count) {
  if (!part.server_cpu || count == 0)
    return std::nullopt;
  return static_cast<double>(part.server_cpu->count()) / 1e3 / static_cast<double>(count);
}

std::optional<double> percent_of_a_core(const measured_part& part, std::optional<duration> cpu) {
  if (!cpu || part.wall <= duration::zero())
    return std::nullopt;
  return 100 * static_cast<double>(cpu->count()) / static_cast<double>(part.wall.count());
}

} // namespace holdfast::bench
