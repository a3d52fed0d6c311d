// What can be asked of a node, by room. Each makes endpoints over a context that outlives them.
#pragma once

#include "app/admin/api/api.hpp"

#include <vector>

namespace holdfast::admin {

std::vector<endpoint> node_endpoints(api_context& node);
std::vector<endpoint> drain_endpoints(api_context& node);
std::vector<endpoint> vitals_endpoints(api_context& node);
std::vector<endpoint> stream_endpoints(api_context& node);
std::vector<endpoint> control_endpoints(api_context& node);
std::vector<endpoint> actor_endpoints(api_context& node);
std::vector<endpoint> connection_endpoints(api_context& node);
std::vector<endpoint> closed_endpoints(api_context& node);
std::vector<endpoint> action_endpoints(api_context& node);
std::vector<endpoint> message_endpoints(api_context& node);

} // namespace holdfast::admin
