#include "actors/actor_look.hpp"
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"

#include <algorithm>

namespace holdfast::admin {

namespace {

void list(api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, {"kind"}))
    return;
  auto kind = to->asked().param("kind");
  auto items = std::make_shared<json>(json::array());
  inquiry ask;
  ask.ask<std::vector<actor_view>>("inspector", node.peers.inspector, list_actors{},
                                   [&node, kind, items](const std::vector<actor_view>& views) {
                                     for (auto& view : views)
                                       if (!kind || view.kind == *kind)
                                         items->push_back(to_json(view, node.settings.name));
                                   });
  std::move(ask).run(node, [to, items](const inquiry::silent_list& silent) {
    reply(*to, {{"items", *items}, {"partial", silent}});
  });
}

void show(const api_context& node, const exchange_ptr& to, const std::string& name) {
  if (!knows_parameters(*to, {}))
    return;
  node.adopt(look_at_actor(node.unit, node.peers, name, [&node, to, name](const actor_look& x) {
    if (!x.view && !x.silent.empty()) {
      fail(*to, 504, "timeout", x.silent.front() + " did not answer in time", "ask again");
      return;
    }
    if (!x.view) {
      fail(*to, 404, "not_found", "there is no actor " + name, "GET /v1/actors lists them");
      return;
    }
    auto result = to_json(*x.view, node.settings.name);
    result["state"] = json::object();
    for (auto& field : x.state)
      std::visit([&](const auto& value) { result["state"][field.name] = value; }, field.value);
    reply(*to, result);
  }));
}

} // namespace

std::vector<endpoint> actor_endpoints(api_context& node) {
  return {
    {"GET", "/v1/actors", [&node](const exchange_ptr& to, const std::string&) { list(node, to); }},
    {"GET", "/v1/actors/{}",
     [&node](const exchange_ptr& to, const std::string& name) { show(node, to, name); }},
  };
}

} // namespace holdfast::admin
