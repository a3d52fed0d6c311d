// The root of the supervision tree: starts the permanent actors and restarts those that fail.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/restart.hpp"

#include <functional>
#include <list>
#include <optional>
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

  std::optional<restart_intensity> restarts{}; ///< unset: those of the node

  /// What is done when it fails too often; empty: the node drains. `why` is its last failure.
  std::function<void(const std::string& why)> instead_of_a_drain{};

  bool is_service = true; ///< the others are told of its new handle
  bool of_a_user = false; ///< it may end by itself, or be stopped: then it is forgotten
};

/// Hosted on the control thread. A child that ends is started anew while its restart intensity
/// allows it, and everyone is told of the new handle. Otherwise the node ends with a drain, for
/// which the child is started once more: its last life. If that ends too, the drain goes on without
/// it; only without the shutdown actor there is none, and the node is broken. When the supervisor
/// itself fails, the node drains. Never sends to a shard what could block it.
class supervisor final : public hosted<caf::event_based_actor> {
public:
  supervisor(caf::actor_config& cfg, node_context* node, std::vector<child_spec> specs);

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  struct child {
    child_spec spec;
    probe_ptr probe;
    restarts history;
    caf::actor_addr address;
    bool last_life = false;
    caf::strong_actor_ptr keeper{}; // of a user's: nobody else need know it
  };

  child& add(child_spec spec);
  child* find(const std::string& name);
  void forget(const std::string& name);
  actor_answer spawn_actor(const spawn_actor_request& x);
  actor_answer stop_actor(const std::string& name);
  void start(child& c, bool again);
  void restart(child& c);
  void tell_everyone();
  void child_down(const caf::down_msg& down);
  void give_up(child& c);
  void lost(const child& c);
  void drain_for(const std::string& failed);

  node_context* node_;
  probe_ptr own_probe_ = std::make_shared<actor_probe>();
  std::list<child> children_;
};

} // namespace holdfast
