// Which heap blocks are live, and who has allocated them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace holdfast::budget {

/// Blocks of one kind, summed up.
struct ledger_row {
  std::string who;      ///< the innermost function of ours that has allocated them
  std::size_t size = 0; ///< asked for, each
  std::size_t blocks = 0;
  std::size_t held = 0; ///< taken from the heap, all together, with the allocator's header
};

/// From now on every operator new of this process is entered, whatever the thread. What is deleted
/// leaves the ledger again.
void start_ledger();

/// No new entries from now on.
void stop_ledger();

/// What was entered and is live, largest sums first. After stop_ledger().
std::vector<ledger_row> read_ledger();

} // namespace holdfast::budget
