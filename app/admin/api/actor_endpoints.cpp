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

} // namespace

std::vector<endpoint> actor_endpoints(api_context& node) {
  return {
    {"GET", "/v1/actors", [&node](const exchange_ptr& to, const std::string&) { list(node, to); }},
  };
}

} // namespace holdfast::admin
