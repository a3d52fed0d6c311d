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
    for (auto& [name, value] : x.view->shown)
      result["state"][name] = value;
    for (auto& field : x.state)
      std::visit([&](const auto& value) { result["state"][field.name] = value; }, field.value);
    reply(*to, result);
  }));
}

/// 400 and nothing when a field is no text.
std::optional<std::string> required_text(exchange& to, const json& fields, const char* name) {
  auto value = fields.value(name, json(""));
  if (value.is_string() && !value.get<std::string>().empty())
    return value.get<std::string>();
  fail(to, 400, "bad_request", std::string{name} + " is no text, or empty");
  return std::nullopt;
}

void tell_outcome(exchange& to, const actor_answer& x, const std::string& name) {
  using outcome = actor_answer::outcome;
  switch (x.result) {
  case outcome::done: reply(to, {{"name", name}}); return;
  case outcome::invalid: fail(to, 400, "bad_request", x.text); return;
  case outcome::taken: fail(to, 409, "conflict", x.text, "take another name, or stop it"); return;
  case outcome::unknown: fail(to, 404, "not_found", x.text, "GET /v1/actors lists them"); return;
  case outcome::not_yours: fail(to, 409, "conflict", x.text); return;
  }
}

template <class Question>
void ask_supervisor(const api_context& node, const exchange_ptr& to, Question question) {
  auto answer = std::make_shared<std::optional<actor_answer>>();
  auto name = question.name;
  inquiry ask;
  ask.ask<actor_answer>("supervisor", node.peers.supervisor, std::move(question),
                        [answer](actor_answer& x) { *answer = x; });
  std::move(ask).run(node, [to, answer, name](const inquiry::silent_list&) {
    if (*answer)
      tell_outcome(*to, **answer, name);
    else
      fail(*to, 504, "timeout", "supervisor did not answer in time", "ask again");
  });
}

void post_spawn(const api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"type", "name", "arguments"});
  auto type = fields ? required_text(*to, *fields, "type") : std::nullopt;
  auto name = type ? required_text(*to, *fields, "name") : std::nullopt;
  if (!name)
    return;
  spawn_actor_request wanted{*type, *name, {}};
  auto arguments = fields->value("arguments", json::object());
  auto texts = arguments.is_object()
               && std::all_of(arguments.begin(), arguments.end(),
                              [](const json& x) { return x.is_string(); });
  if (!texts) {
    fail(*to, 400, "bad_request", "arguments is no object of texts");
    return;
  }
  for (auto& [key, value] : arguments.items())
    wanted.arguments.emplace_back(key, value.get<std::string>());
  ask_supervisor(node, to, std::move(wanted));
}

void post_stop(const api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"name"});
  if (auto name = fields ? required_text(*to, *fields, "name") : std::nullopt)
    ask_supervisor(node, to, stop_actor_request{*name});
}

} // namespace

std::vector<endpoint> actor_endpoints(api_context& node) {
  return {
    {"GET", "/v1/actors", [&node](const exchange_ptr& to, const std::string&) { list(node, to); }},
    {"GET", "/v1/actors/{}",
     [&node](const exchange_ptr& to, const std::string& name) { show(node, to, name); }},
    {"POST", "/v1/actors/spawn",
     [&node](const exchange_ptr& to, const std::string&) { post_spawn(node, to); }},
    {"POST", "/v1/actors/stop",
     [&node](const exchange_ptr& to, const std::string&) { post_stop(node, to); }},
  };
}

} // namespace holdfast::admin
