// Walks over all connections of the node, some at a time, so that no shard waits for it.
#pragma once

#include "app/admin/api/api.hpp"
#include "protocol/selector.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::admin {

struct walk_request {
  selector which;
  connection_order order;
  std::optional<connection_place> after; ///< only those behind it
  std::uint32_t rows = UINT32_MAX;       ///< of one part, the first of the order; all are counted
};

/// Gets a part of the connections, in no order. Calls `go_on` once, now or later, for the next.
using walk_page = std::function<void(connection_page page, std::function<void()> go_on)>;

/// Gets the names of the pool members that did not answer. Called once.
using walk_end = std::function<void(std::vector<std::string> silent)>;

/// Starts a walk. Whoever is there from its beginning to its end is in exactly one page. The
/// returned actor ends with the walk, and may be sent an exit before: then nothing more is called.
/// Threads: the admin thread.
caf::actor walk_connections(const api_context& node, walk_request request, walk_page page,
                            walk_end end);

/// The first `limit` connections of an order, and whether there are more.
class best_of {
public:
  best_of(connection_order order, std::size_t limit) : order_{order}, limit_{limit} {}

  void add(std::vector<scanned_connection> rows);

  /// In order; at most `limit`.
  const std::vector<scanned_connection>& rows() const { return rows_; }

  /// Where the next page goes on; nothing when this is the last one.
  std::optional<connection_place> next() const;

private:
  connection_order order_;
  std::size_t limit_;
  std::vector<scanned_connection> rows_; // sorted
  bool more_ = false;
};

} // namespace holdfast::admin
