// Which node is spoken to, over the admin server's HTTP.
#pragma once

#include "app/console/api.hpp"
#include "app/console/asked.hpp"
#include "protocol/time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace holdfast::console {

struct node_choice {
  std::string address;                         ///< a socket's path, or a URL
  std::string token;                           ///< empty: none
  duration patience = std::chrono::seconds{5}; ///< for an answer
};

/// By --socket, --run-dir, --url and --token-file, else `usual`, a socket's path. A sentence when
/// that cannot be done.
std::variant<node_choice, std::string> choose_node(const asked& what, const std::string& usual);

/// Speaks to it. Connects with the first question, and again when the connection has ended. A
/// stream ends when `stopped` says so, which is asked five times a second.
std::unique_ptr<api> make_api(const node_choice& node, std::function<bool()> stopped = {});

} // namespace holdfast::console
