// The admin API of one node: its endpoints behind its server, on the admin thread.
#pragma once

#include "actors/node_context.hpp"
#include "app/actor_thread.hpp"
#include "app/admin/api/api.hpp"
#include "app/admin/http/server.hpp"
#include "app/config.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::admin {

/// Made before the admin thread starts, destroyed after it has stopped.
class admin_api {
public:
  /// Listens at once. `where` are the node's addresses. Throws std::runtime_error with a sentence
  /// that says what to do when it cannot listen.
  admin_api(actor_thread& home, const config& settings, node_context& node, event_hub& events,
            std::function<std::uint64_t()> log_lines_lost, control_calls control,
            std::vector<std::string> where);

  admin_api(const admin_api&) = delete;
  admin_api& operator=(const admin_api&) = delete;

  /// Where TCP callers are taken; 0 without TCP.
  std::uint16_t port() const { return server_.port(); }

private:
  api_context context_;
  api api_;
  server server_;
};

} // namespace holdfast::admin
