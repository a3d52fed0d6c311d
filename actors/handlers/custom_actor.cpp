#include "actors/handlers/custom_actor.hpp"

#include "actors/node_context.hpp"

#include <algorithm>
#include <stdexcept>

namespace holdfast {

namespace {

constexpr std::size_t longest_name = 64;

bool valid_name(std::string_view name) {
  auto valid = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.'
           || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= longest_name
         && std::all_of(name.begin(), name.end(), valid);
}

template <class Names>
std::string listed(const Names& names) {
  std::string text;
  for (auto& each : names)
    text += (text.empty() ? "" : ", ") + each;
  return text;
}

class context final : public actor_context {
public:
  context(std::string name, node_context& node, probe_ptr probe)
    : name_{std::move(name)},
      node_{node},
      probe_{std::move(probe)} {
    probe_->show_nothing();
  }

  const std::string& name() const override { return name_; }
  node_gateway& node() override { return node_.outside; }

  void at_cleanup(std::string name, std::function<void()> f) override {
    std::weak_ptr<bool> alive = alive_;
    node_.outside.at_cleanup(*node_.spawnable.unit, {"actor " + name_, std::move(name)},
                             [alive, f = std::move(f)] {
                               if (alive.lock())
                                 f();
                             });
  }

  void show(std::string_view key, std::string_view value) override { probe_->show(key, value); }

private:
  std::string name_;
  node_context& node_;
  probe_ptr probe_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

struct custom_state {
  std::unique_ptr<context> surroundings;
};

caf::behavior run(caf::stateful_actor<custom_state>* self, const actor_start& start,
                  std::string name, node_context* node, probe_ptr probe) {
  self->state.surroundings = std::make_unique<context>(std::move(name), *node, std::move(probe));
  return start(self, *self->state.surroundings);
}

} // namespace

child_spec custom_actor(node_context& node, const spawn_actor_request& x) {
  auto& types = node.spawnable.types;
  auto found = types.find(x.type);
  if (found == types.end()) {
    std::vector<std::string> names;
    for (auto& [name, type] : types)
      names.push_back(name);
    throw std::invalid_argument{"there is no type of actor " + x.type + "; there are "
                                + listed(names)};
  }
  if (!valid_name(x.name))
    throw std::invalid_argument{
      "an actor's name has letters, digits, '.', '-' and '_', 64 at most"};
  auto& known = found->second.arguments;
  texts arguments;
  for (auto& [key, value] : x.arguments) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw std::invalid_argument{x.type + " takes no argument " + key
                                  + (known.empty() ? "" : "; it takes " + listed(known))};
    arguments[key] = value;
  }
  if (!found->second.make)
    throw std::invalid_argument{"the type of actor " + x.type + " has nothing that makes one"};
  auto start = found->second.make(arguments);
  if (!start)
    throw std::invalid_argument{"the type of actor " + x.type + " has made nothing to start"};
  child_spec spec{x.name, x.type, "node", {}};
  spec.is_service = false;
  spec.of_a_user = true;
  spec.start = [&node, start, name = x.name](services&, probe_ptr probe, bool) {
    auto made = spawn_on(*node.spawnable.unit, probe, run, start, name, &node, probe);
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  };
  spec.instead_of_a_drain = [&node, name = x.name](const std::string& why) {
    node.log.write(log_level::error, "actor_given_up", {{"actor", name}, {"error", why}});
  };
  return spec;
}

} // namespace holdfast
