// What operators and other actors do, and what fails.
#include "tests/simulation/world.hpp"

#include <array>

namespace holdfast::simulation {

namespace {

enum class cleanup_manner : std::uint8_t { answers, fails, is_silent, has_died };

cleanup_actor::behavior_type answering(cleanup_actor::pointer) {
  return {[](const cleanup_wanted&) { return cleaned_atom::value; }};
}

cleanup_actor::behavior_type failing(cleanup_actor::pointer) {
  return {[](const cleanup_wanted&) -> caf::result<cleaned_atom> {
    return caf::make_error(caf::sec::runtime_error);
  }};
}

cleanup_actor::behavior_type silent(cleanup_actor::pointer self) {
  return {[self](const cleanup_wanted&) -> caf::result<cleaned_atom> {
    return self->make_response_promise<cleaned_atom>();
  }};
}

} // namespace

void world::operate(const action& x) {
  switch (x.what) {
  case verb::kill: kill(x); return;
  case verb::drain: node_->tell_shutdown(start_drain{static_cast<drain_reason>(x.a % 4)}); return;
  case verb::force:
    for (auto& listener : listeners)
      hasty |= listener.accepting;
    node_->tell_shutdown(force_drain{});
    return;
  case verb::cancel:
    if (x.a % 2 == 0)
      node_->tell_shutdown(cancel_drain{});
    else
      ask<errc>(peers().shutdown, cancel_drain{});
    return;
  case verb::attend: {
    auto who = spawn_on(control_, probe_ptr{},
                        [](participant_actor::pointer) -> participant_actor::behavior_type {
                          return {[](phase_changed) {}};
                        });
    node_->tell_shutdown(participant_registration{who});
    return;
  }
  case verb::cleanup: add_cleanup(x.a); return;
  case verb::sweep_up: caf::anon_send(peers().pool, clean_zombies{}); return;
  case verb::look: look(); return;
  default: break;
  }
  if (live.empty())
    return;
  auto& c = *live[x.a % live.size()];
  auto& home = at(c.traits.shard);
  if (auto own = caf::actor_cast<caf::actor>(c.seen.own_handler);
      x.what == verb::kill_peer && own && x.b % 4 > 1)
    caf::anon_send_exit(own, caf::exit_reason::kill);
  else if (x.what == verb::kill_peer)
    caf::anon_send_exit(home.handle_of(c.reply.slot), x.b % 2 == 0
                                                        ? caf::exit_reason::kill
                                                        : caf::exit_reason::unhandled_exception);
  else if (x.what == verb::kick)
    caf::anon_send(peers().members[c.traits.shard],
                   close_by_id{c.seen.id, {close_code::kicked, cause::kicked, "by an operator"}});
  else
    caf::anon_send(home.handle_of(c.reply.slot), send_message{payload_kind::text, "posted"});
}

void world::kill(const action& x) {
  static constexpr std::array<const char*, 6> of_the_node{"inspector", "health", "router",
                                                          "shutdown",  "pool",   "handler:/shared"};
  static constexpr std::array<const char*, 9> of_a_shard{
    "heartbeat", "heartbeat", "router", "router", "pool", "pool", "pool", "pool", "pool"};
  auto which = x.a % (of_the_node.size() + of_a_shard.size());
  auto name = which < of_the_node.size() ? std::string{of_the_node[which]}
                                         : of_a_shard[which - of_the_node.size()]
                                             + ("/" + std::to_string(x.a / 16 % shards()));
  auto& found = context().registry.at(name);
  auto handle = caf::actor_cast<caf::actor>(found.address);
  if (!handle)
    return; // it was given up
  if (x.b % 2 == 0) {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
  } else {
    found.probe->plant_fault("thrown in " + name);
    caf::anon_send(handle, tick_atom::value);
  }
}

void world::add_cleanup(std::uint32_t how) {
  auto manner = static_cast<cleanup_manner>(how % 4);
  auto fun = manner == cleanup_manner::fails       ? failing
             : manner == cleanup_manner::is_silent ? silent
                                                   : answering;
  auto who = spawn_on(control_, probe_ptr{}, fun);
  if (manner == cleanup_manner::has_died)
    caf::anon_send_exit(who, caf::exit_reason::kill);
  node_->tell_shutdown(cleanup_registration{"cleanup", who});
}

void world::look() {
  auto& p = peers();
  ask<pool_status>(p.pool, get_pool{});
  ask<health_status>(p.health, get_health{});
  ask<drain_status>(p.shutdown, get_drain{});
  ask<drain_forecast>(p.shutdown, plan_a_drain{});
  ask<std::vector<actor_view>>(p.inspector, list_actors{});
  for (std::size_t i = 0; i < shards(); ++i) {
    ask<heartbeat_status>(p.heartbeats[i], get_heartbeat{});
    std::size_t here = 0;
    for (auto* c : live)
      here += c->traits.shard == i ? 1 : 0;
    auto page = ask<connection_page>(p.members[i], scan_connections{});
    if (page && page->done && page->rows.size() < here)
      breach("every live connection is listed", "shard " + std::to_string(i));
    auto books = ask<shard_books>(p.members[i], holdfast::check_books{});
    for (std::size_t n = 0; books && n < books->checks.size(); ++n)
      if (auto& check = books->checks[n]; !check.ok)
        breach("a shard's books agree with its slot table", check.check + ": " + check.detail);
  }
}

} // namespace holdfast::simulation
