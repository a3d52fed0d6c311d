#include "actors/node.hpp"

#include "actors/handlers/shared_actor.hpp"
#include "actors/handlers/shared_port.hpp"
#include "actors/health.hpp"
#include "actors/heartbeat.hpp"
#include "actors/inspector.hpp"
#include "actors/pool.hpp"
#include "actors/pool_member.hpp"
#include "actors/router.hpp"
#include "actors/router_member.hpp"
#include "actors/shutdown.hpp"

namespace holdfast {

namespace {

/// A function-based actor on the control thread, reachable through one field of `services`.
template <class Handle, class F>
child_spec on_control(node_context& node, const char* name, Handle services::*field, F fun) {
  return {name, name, "node", [&node, field, fun](services& peers, probe_ptr probe, bool) {
            peers.*field = spawn_on(node.unit, std::move(probe), fun, &node);
            return caf::actor_cast<caf::strong_actor_ptr>(peers.*field);
          }};
}

/// A class-based actor on a shard, reachable through one element of a field of `services`.
template <class T, class Handle, class... Ts>
caf::strong_actor_ptr on_shard(host_unit& unit, Handle& place, Ts&&... xs) {
  place = spawn_on<T>(unit, std::forward<Ts>(xs)...);
  return caf::actor_cast<caf::strong_actor_ptr>(place);
}

} // namespace

node::node(const node_settings& settings, const node_extensions& types, host_unit& control,
           host_unit& extensions, const std::vector<host_unit*>& shard_units, event_log& log)
  : handlers_{types.handlers},
    context_{settings, control, log},
    extensions_{extensions},
    units_{shard_units} {
  context_.spawnable = {&extensions, types.actors};
  context_.reports.resize(units_.size());
  context_.batches.resize(units_.size());
  context_.peers.members.resize(units_.size());
  context_.peers.heartbeats.resize(units_.size());
  context_.peers.router_members.resize(units_.size());
  for (std::size_t i = 0; i < units_.size(); ++i)
    shards_.push_back(std::make_unique<shard>(static_cast<shard_index>(i), settings, handlers_,
                                              context_.total, context_.admitted, context_.outside,
                                              *units_[i], log));
}

std::vector<child_spec> node::children() {
  // Who is asked is started before those who ask.
  std::vector<child_spec> specs{
    on_control(context_, "inspector", &services::inspector, inspector),
    on_control(context_, "health", &services::health, health),
    on_control(context_, "router", &services::router, router),
    on_control(context_, "shutdown", &services::shutdown, shutdown),
    on_control(context_, "pool", &services::pool, pool),
  };
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto* home = shards_[i].get();
    auto* unit = units_[i];
    auto suffix = "/" + std::to_string(i);
    specs.push_back(
      {"heartbeat" + suffix, "heartbeat", "node", [=](services& peers, probe_ptr probe, bool) {
         return on_shard<heartbeat_host>(*unit, peers.heartbeats[i], home, probe);
       }});
    specs.push_back(
      {"router" + suffix, "router_member", "router", [=](services& peers, probe_ptr probe, bool) {
         return on_shard<router_member>(*unit, peers.router_members[i], home, probe);
       }});
    specs.push_back(
      {"pool" + suffix, "pool_member", "pool", [=](services& peers, probe_ptr probe, bool again) {
         return on_shard<pool_member>(*unit, peers.members[i], home, probe, again);
       }});
  }
  for (std::size_t i = 0; i < context_.settings.routes.size(); ++i)
    if (context_.settings.routes[i].mode == handler_mode::shared)
      specs.push_back(shared_handler(i));
  return specs;
}

child_spec node::shared_handler(std::size_t route) {
  auto& config = context_.settings.routes[route];
  std::vector<port_actor> ports;
  for (auto& shard : shards_)
    ports.push_back(static_cast<shared_host&>(*shard->routes()[route].host).port());
  child_spec spec{"handler:" + config.path, "handler", "node", {}};
  spec.is_service = false;
  spec.restarts = config.restarts;
  spec.start = [this, &config, ports](services&, probe_ptr probe, bool) {
    auto made = spawn_on<shared_actor>(extensions_, handlers_.at(config.handler), config,
                                       context_.outside, context_.log, shards_.size(), probe);
    for (auto& port : ports)
      caf::anon_send(port, handler_up{made});
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  };
  if (config.on_give_up == give_up_policy::close)
    spec.instead_of_a_drain = [ports](const std::string& why) {
      for (auto& port : ports)
        caf::anon_send(port, handler_given_up{"the route's handler keeps failing: " + why});
    };
  return spec;
}

void node::start() {
  root_ = spawn_on<supervisor>(context_.unit, &context_, children());
}

void node::stop() {
  context_.stopping = true;
  auto end = [](const auto& handle) {
    if (handle)
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  };
  auto& peers = context_.peers;
  end(root_);
  context_.outside.stop();
  end(peers.pool);
  end(peers.health);
  end(peers.shutdown);
  end(peers.router);
  end(peers.inspector);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    end(peers.members[i]);
    end(peers.heartbeats[i]);
    end(peers.router_members[i]);
  }
  for (auto& cleanup : context_.drains.cleanups)
    end(cleanup.who);
  for (auto& participant : context_.drains.participants)
    end(participant.who);
  context_.drains.cleanups.clear();
  context_.drains.participants.clear();
  root_ = nullptr;
  peers = services{};
}

} // namespace holdfast
