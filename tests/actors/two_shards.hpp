// A node of two shards, and a look at its actors.
#pragma once

#include "tests/support/fake_node.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace holdfast::test {

inline node_settings two_shards() {
  auto settings = test_settings();
  settings.shards = 2;
  settings.admission.max_connections_per_user = 2;
  return settings;
}

inline actor_view look(fake_node& node, const std::string& name) {
  auto views = node.ask<std::vector<actor_view>>(node.peers().inspector, list_actors{});
  auto found
    = std::find_if(views.begin(), views.end(), [&](const actor_view& v) { return v.name == name; });
  return found == views.end() ? actor_view{} : *found;
}

} // namespace holdfast::test
