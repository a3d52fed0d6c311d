// The supervision tree, drawn.
#pragma once

#include "app/console/json.hpp"
#include "app/console/layout.hpp"

#include <string>
#include <vector>

namespace holdfast::console {

/// One actor and those that it looks after.
struct tree_node {
  const json* actor = nullptr; ///< null: the node itself, or a parent that the list does not have
  std::string name;
  std::vector<tree_node> children;
};

/// Puts actors below their parents, in the order of the list. An actor whose parent is not in the
/// list stands below the root; one that is its own ancestor does too. `actors` outlives the tree.
tree_node tree_of(const json& actors);

/// With what each one publishes, where `details` (by name) has it.
std::string tree_text(const tree_node& root, const json& details, const style& with);

/// {"name", "actor": {...}, "children": [...]}
json tree_json(const tree_node& root);

/// For Graphviz.
std::string tree_dot(const tree_node& root);

/// The first things that an actor publishes, as words: "8,214 connections, idle".
std::vector<std::string> published_in_words(const json& state, std::size_t most);

} // namespace holdfast::console
