#include "actors/supervisor.hpp"

#include "actors/handlers/custom_actor.hpp"
#include "actors/node_context.hpp"

#include <algorithm>

namespace holdfast {

supervisor::supervisor(caf::actor_config& cfg, node_context* node, std::vector<child_spec> specs)
  : hosted{cfg},
    node_{node} {
  for (auto& spec : specs)
    add(std::move(spec));
  set_probe(own_probe_);
  keep_failures(own_probe_);
}

caf::behavior supervisor::make_behavior() {
  node_->peers.supervisor = this;
  set_down_handler([this](caf::down_msg& down) { child_down(down); });
  for (auto& c : children_)
    start(c, false);
  tell_everyone();
  return {
    [](tick_atom) {},
    [this](const spawn_actor_request& x) { return spawn_actor(x); },
    [this](const stop_actor_request& x) { return stop_actor(x.name); },
  };
}

supervisor::child& supervisor::add(child_spec spec) {
  auto intensity = spec.restarts.value_or(node_->settings.supervision);
  return children_.emplace_back(
    child{std::move(spec), std::make_shared<actor_probe>(), restarts{intensity}, {}});
}

supervisor::child* supervisor::find(const std::string& name) {
  auto found = std::find_if(children_.begin(), children_.end(),
                            [&](const child& c) { return c.spec.name == name; });
  return found == children_.end() ? nullptr : &*found;
}

actor_answer supervisor::spawn_actor(const spawn_actor_request& x) {
  using outcome = actor_answer::outcome;
  auto* same = find(x.name);
  if (same && (!same->spec.of_a_user || same->address))
    return {outcome::taken, "there is an actor " + x.name + " already"};
  try {
    auto spec = custom_actor(*node_, x);
    if (same)
      forget(x.name);
    start(add(std::move(spec)), false);
  } catch (...) {
    return {outcome::invalid, what_was_thrown(std::current_exception())};
  }
  node_->log.write(log_level::info, "actor_spawned", {{"actor", x.name}, {"type", x.type}});
  return {};
}

actor_answer supervisor::stop_actor(const std::string& name) {
  using outcome = actor_answer::outcome;
  auto* c = find(name);
  if (!c)
    return {outcome::unknown, "there is no actor " + name};
  if (!c->spec.of_a_user)
    return {outcome::not_yours, name + " is one of the node's own actors, which are not stopped"};
  if (auto living = caf::actor_cast<caf::strong_actor_ptr>(c->address))
    caf::anon_send_exit(living, caf::exit_reason::user_shutdown);
  else
    forget(name);
  return {};
}

void supervisor::forget(const std::string& name) {
  node_->registry.erase(name); // first: the name may be that of the child, which goes with it
  children_.remove_if([&](const child& c) { return c.spec.name == name; });
}

void supervisor::start(child& c, bool again) {
  c.probe->started(unit().time().now(), again);
  auto handle = c.spec.start(node_->peers, c.probe, again);
  c.address = caf::actor_cast<caf::actor_addr>(handle);
  c.keeper = c.spec.of_a_user ? handle : nullptr;
  monitor(handle->get());
  node_->registry.insert_or_assign(
    c.spec.name, actor_registration{c.spec.name, c.spec.kind, c.spec.parent, c.address, c.probe});
}

void supervisor::tell_everyone() {
  for (auto& member : node_->peers.members)
    send(member, node_->peers);
  for (auto& member : node_->peers.router_members)
    send(member, node_->peers);
  node_->outside.set_peers(node_->peers);
  if (node_->on_services)
    node_->on_services(node_->peers);
}

void supervisor::child_down(const caf::down_msg& down) {
  auto found = std::find_if(children_.begin(), children_.end(),
                            [&](const child& c) { return c.address == down.source; });
  if (found == children_.end() || node_->stopping)
    return;
  if (found->spec.of_a_user && (!down.reason || down.reason == caf::exit_reason::user_shutdown)) {
    node_->log.write(log_level::info, "actor_ended", {{"actor", found->spec.name}});
    forget(found->spec.name);
    return;
  }
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
  if (c.spec.is_service)
    tell_everyone();
  for (std::size_t i = 0; i < node_->peers.members.size(); ++i)
    if (node_->peers.members[i].address() == c.address)
      send(node_->peers.shutdown, member_restarted{static_cast<shard_index>(i)});
}

void supervisor::give_up(child& c) {
  if (c.spec.instead_of_a_drain) {
    c.address = nullptr;
    c.keeper = nullptr;
    c.spec.instead_of_a_drain(c.probe->read().last_failure);
    return;
  }
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
  if (node_->stopping) {
    for (auto& c : children_)
      if (auto living = caf::actor_cast<caf::strong_actor_ptr>(c.address))
        caf::anon_send_exit(living, caf::exit_reason::user_shutdown);
    return;
  }
  node_->log.write(log_level::error, "actor_failed",
                   {{"actor", "supervisor"},
                    {"error", own_probe_->read().last_failure},
                    {"verdict", to_string(restart_verdict::give_up)}});
  drain_for("supervisor");
}

} // namespace holdfast
