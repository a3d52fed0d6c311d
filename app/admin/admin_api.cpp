#include "app/admin/admin_api.hpp"

#include "app/admin/api/endpoints.hpp"
#include "app/admin/token_file.hpp"

#include <iterator>
#include <utility>

namespace holdfast::admin {

namespace {

std::vector<endpoint> all_endpoints(api_context& node) {
  std::vector<endpoint> all;
  for (auto* room :
       {node_endpoints, vitals_endpoints, connection_endpoints, action_endpoints, closed_endpoints,
        actor_endpoints, message_endpoints, drain_endpoints, stream_endpoints, control_endpoints}) {
    auto some = room(node);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

/// A queue may be flushed first, then the peer has time to answer.
duration longest_close(const config& settings) {
  return settings.node.close_timeout + settings.node.shutdown.message_flush_timeout;
}

server_options options_of(const admin_settings& settings) {
  server_options options;
  options.socket_path = settings.socket;
  options.listen = settings.listen;
  options.hosts = settings.hosts;
  if (!settings.token_file.empty())
    options.token = read_token(settings.token_file).token; // main() has looked at it
  return options;
}

} // namespace

admin_api::admin_api(actor_thread& home, const config& settings, node_context& node,
                     event_hub& events, std::function<std::uint64_t()> log_lines_lost,
                     control_calls control, std::vector<std::string> where)
  : context_{home.unit(),
             [&home](api_context::actor_function f) { return home.spawn(std::move(f)); },
             [&home](const caf::actor& actor) { home.adopt(actor); },
             node.settings,
             limits_of(settings.node.heartbeat, settings.transport.queue, longest_close(settings)),
             node.total,
             node.outside,
             node.log,
             events,
             home.peers(),
             HOLDFAST_VERSION,
             std::move(where),
             node.unit.time().wall(),
             node.unit.time().now(),
             std::move(log_lines_lost),
             std::move(control)},
    api_{all_endpoints(context_)},
    server_{home.io(), options_of(settings.admin),
            [this](const exchange_ptr& asked) { api_.answer(asked); }} {
  home.at_stop([this] { server_.stop(); });
}

} // namespace holdfast::admin
