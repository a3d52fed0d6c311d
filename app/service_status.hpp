// What the service manager is told, in its words.
#pragma once

#include "protocol/drain.hpp"

#include <cstdint>
#include <string>

namespace holdfast {

/// What there is to say of a node.
struct service_view {
  drain_status drain;
  drain_config shutdown;
  std::uint64_t open = 0;  ///< connections
  std::uint64_t limit = 0; ///< as many as there may be
};

/// Whether the node will end. A drain that somebody else than the service manager has begun can be
/// cancelled until it closes by force, and a service that has said that it stops is killed after a
/// time whatever becomes of it.
bool is_stopping(const drain_status& drain);

/// For people: "serving 8,214 of 20,000 connections", "draining: 1,204 left, 12 s of 30 s".
std::string status_line(const service_view& node);

/// The assignments that tell the whole of it: READY or STOPPING, and STATUS. Complete each time,
/// since a datagram may be lost.
std::string status_assignments(const service_view& node);

/// The assignments that ask for as much time. Nothing for none.
std::string extend_timeout(duration by);

} // namespace holdfast
