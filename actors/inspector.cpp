#include "actors/inspector.hpp"

#include "actors/node_context.hpp"

namespace holdfast {

namespace {

actor_view view_of(const actor_registration& x, time_point now) {
  auto reading = x.probe->read();
  actor_view v;
  v.name = x.name;
  v.kind = x.kind;
  v.parent = x.parent;
  v.alive = caf::actor_cast<caf::strong_actor_ptr>(x.address) != nullptr;
  v.messages = reading.messages;
  v.mailbox = reading.mailbox;
  v.busy = reading.busy;
  v.uptime = now - reading.started;
  v.restarts = reading.restarts;
  v.last_failure = reading.last_failure;
  v.shown = reading.shown;
  return v;
}

} // namespace

inspector_actor::behavior_type inspector(inspector_actor::stateful_pointer<inspector_state>,
                                         node_context* node) {
  return {
    [node](actor_registration& x) {
      auto name = x.name;
      node->registry.insert_or_assign(std::move(name), std::move(x));
    },
    [node](list_actors) {
      std::vector<actor_view> views;
      for (auto& [name, registration] : node->registry)
        views.push_back(view_of(registration, node->unit.time().now()));
      return views;
    },
  };
}

} // namespace holdfast
