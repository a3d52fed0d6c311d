// The root of the supervision tree: starts the permanent actors and restarts those that fail.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/restart.hpp"

#include <functional>
#include <string>
#include <vector>

namespace holdfast {

struct node_context;

/// One permanent actor.
struct child_spec {
  std::string name;   ///< "pool/0"
  std::string kind;   ///< "pool_member"
  std::string parent; ///< "pool"

  /// Spawns it and puts its handle where the others find it. `again`: its predecessor has failed.
  std::function<caf::strong_actor_ptr(services& peers, probe_ptr probe, bool again)> start;
};

/// Hosted on the control thread. A child that ends is started anew while its restart intensity
/// allows it, and everyone is told of the new handle; otherwise the node ends with a drain, unless
/// that is what has failed. Never sends to a shard what could block it.
class supervisor final : public hosted<caf::event_based_actor> {
public:
  supervisor(caf::actor_config& cfg, node_context* node, std::vector<child_spec> specs);

protected:
  caf::behavior make_behavior() override;

private:
  struct child {
    child_spec spec;
    probe_ptr probe;
    restarts history;
    caf::actor_addr address;
  };

  void start(child& c, bool again);
  void tell_everyone();
  void child_down(const caf::down_msg& down);
  void give_up(const child& c);

  node_context* node_;
  std::vector<child> children_;
};

} // namespace holdfast
