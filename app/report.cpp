#include "app/report.hpp"

#include <iomanip>
#include <ostream>

namespace holdfast {

namespace {

double seconds(duration d) {
  return std::chrono::duration<double>{d}.count();
}

std::string plural(std::size_t n, const std::string& word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

} // namespace

void announce(std::ostream& out, const config& settings, const std::vector<std::uint16_t>& ports,
              std::uint16_t admin_port) {
  auto& node = settings.node;
  out << "holdfast " << HOLDFAST_VERSION << "  node " << node.name << "  "
      << plural(node.shards, "shard") << "  at most "
      << plural(node.max_total_connections, "connection");
  if (node.admission.max_connections_per_user > 0)
    out << ", " << node.admission.max_connections_per_user << " a user";
  out << '\n';
  for (std::size_t i = 0; i < ports.size(); ++i) {
    auto where = format_endpoint({settings.listen[i].address, ports[i]});
    for (auto& route : node.routes)
      out << "  ws://" << std::left << std::setw(40) << where + route.path << route.handler << '\n';
    out << "  http://" << std::setw(38) << where + "/healthz"
        << "200, or 503 while draining\n";
  }
  out << "  " << std::setw(44) << settings.admin.socket << " holdfast status, holdfast console\n";
  if (settings.admin.listen)
    out << "  http://" << std::setw(38)
        << format_endpoint({settings.admin.listen->address, admin_port}) << "the admin API\n";
  out << "Ctrl-C drains (" << seconds(longest_drain(node.shutdown))
      << " s at the longest), a second one forces.\n"
      << std::flush;
}

void print_ledger(std::ostream& out, const drain_ledger& ledger,
                  const std::vector<std::string>& failed_cleanups, std::uint64_t lost_lines) {
  auto receipts = static_cast<std::int64_t>(ledger.connections) - ledger.unaccounted();
  out << std::fixed << std::setprecision(2) << "drained in " << seconds(ledger.actual)
      << " s (planned " << seconds(ledger.planned) << " s)\n"
      << "  connections  " << ledger.connections << ", receipts " << receipts << '\n'
      << "  left         " << ledger.left << " by themselves, " << ledger.closed_in_slot
      << " closed in their slot, " << ledger.forced << " forced, " << ledger.aborted << " aborted, "
      << ledger.otherwise << " for other causes\n"
      << "  cleanup      " << ledger.cleanups << " run, " << ledger.cleanups_failed << " failed";
  for (auto& name : failed_cleanups)
    out << ' ' << name;
  if (lost_lines > 0)
    out << "\n  log          " << plural(lost_lines, "line") << " lost";
  out << '\n' << std::flush;
}

} // namespace holdfast
