#include "actors/supervisor.hpp"

#include "actors/node_context.hpp"

#include <algorithm>

namespace holdfast {

supervisor::supervisor(caf::actor_config& cfg, node_context* node, std::vector<child_spec> specs)
  : hosted{cfg},
    node_{node} {
  for (auto& spec : specs)
    children_.push_back(
      {std::move(spec), std::make_shared<actor_probe>(), restarts{node->settings.supervision}, {}});
  set_probe(own_probe_);
  keep_failures(own_probe_);
}

caf::behavior supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& down) { child_down(down); });
  for (auto& c : children_)
    start(c, false);
  tell_everyone();
  return {
    [](tick_atom) {},
  };
}

void supervisor::start(child& c, bool again) {
  c.probe->started(unit().time().now(), again);
  auto handle = c.spec.start(node_->peers, c.probe, again);
  c.address = caf::actor_cast<caf::actor_addr>(handle);
  monitor(handle->get());
  node_->registry.insert_or_assign(
    c.spec.name, actor_registration{c.spec.name, c.spec.kind, c.spec.parent, c.address, c.probe});
}

void supervisor::tell_everyone() {
  for (auto& member : node_->peers.members)
    send(member, node_->peers);
  for (auto& member : node_->peers.router_members)
    send(member, node_->peers);
  if (node_->on_services)
    node_->on_services(node_->peers);
}

void supervisor::child_down(const caf::down_msg& down) {
  auto found = std::find_if(children_.begin(), children_.end(),
                            [&](const child& c) { return c.address == down.source; });
  if (found == children_.end() || node_->stopping)
    return;
  found->probe->ended(system().render(down.reason));
  if (found->last_life) {
    lost(*found);
    return;
  }
  auto verdict = found->history.on_failure(unit().time().now());
  node_->log.write(log_level::error, "actor_failed",
                   {{"actor", found->spec.name},
                    {"error", found->probe->read().last_failure},
                    {"reason", system().render(down.reason)},
                    {"verdict", to_string(verdict)}});
  switch (verdict) {
  case restart_verdict::restart: restart(*found); return;
  case restart_verdict::give_up: give_up(*found); return;
  }
}

void supervisor::restart(child& c) {
  start(c, true);
  tell_everyone();
  for (std::size_t i = 0; i < node_->peers.members.size(); ++i)
    if (node_->peers.members[i].address() == c.address)
      send(node_->peers.shutdown, member_restarted{static_cast<shard_index>(i)});
}

void supervisor::give_up(child& c) {
  c.last_life = true;
  restart(c);
  drain_for(c.spec.name);
}

void supervisor::lost(const child& c) {
  auto why = c.probe->read().last_failure;
  node_->log.write(log_level::error, "actor_lost", {{"actor", c.spec.name}, {"error", why}});
  if (c.spec.kind == "shutdown" && node_->on_broken)
    node_->on_broken("the shutdown actor keeps failing: " + why);
}

void supervisor::drain_for(const std::string& failed) {
  // Its shard may be unable to refuse anybody: from now on there is room for no one.
  node_->total.set_limits(0, 0);
  node_->given_up = failed;
  caf::anon_send(node_->peers.shutdown, start_drain{drain_reason::failure});
}

void supervisor::on_exit() {
  if (node_->stopping)
    return;
  node_->log.write(log_level::error, "actor_failed",
                   {{"actor", "supervisor"},
                    {"error", own_probe_->read().last_failure},
                    {"verdict", to_string(restart_verdict::give_up)}});
  drain_for("supervisor");
}

} // namespace holdfast
