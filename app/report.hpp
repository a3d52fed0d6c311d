// What `holdfast serve` tells its user: where it serves, and how it ended.
#pragma once

#include "app/config.hpp"
#include "protocol/drain.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace holdfast {

/// The URLs, one a route of each address, and where the admin API is. `ports` are the bound ones,
/// in the order of the addresses.
void announce(std::ostream& out, const config& settings, const std::vector<std::uint16_t>& ports,
              std::uint16_t admin_port);

/// Where the connections of the drain went, and how many lines of the log were lost, if any.
void print_ledger(std::ostream& out, const drain_ledger& ledger,
                  const std::vector<std::string>& failed_cleanups, std::uint64_t lost_lines);

} // namespace holdfast
