#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"

#include <limits>

namespace holdfast::admin {

namespace {

constexpr auto silent = "the shutdown actor did not answer in time";
constexpr auto ask_again = "ask again; GET /v1/actors shows whether it was restarted";

void too_slow(exchange& to) {
  fail(to, 504, "timeout", silent, ask_again);
}

/// A whole number from the body; `least` and more. False: it is something else, and 400 was said.
bool read_number(exchange& to, const json& fields, const char* name, std::int64_t least,
                 std::int64_t& into) {
  auto found = fields.find(name);
  if (found == fields.end())
    return true;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  if (!found->is_number_integer() || found->get<std::int64_t>() < least
      || found->get<std::int64_t>() > most) {
    fail(to, 400, "bad_request",
         std::string{name} + " is no whole number from " + std::to_string(least) + " to "
           + std::to_string(most));
    return false;
  }
  into = found->get<std::int64_t>();
  return true;
}

std::optional<drain_wishes> wishes_of(exchange& to, const json& fields) {
  std::int64_t grace = -1;
  std::int64_t timeout = -1;
  std::int64_t rate = 0;
  if (!read_number(to, fields, "lb_grace_ms", 0, grace)
      || !read_number(to, fields, "timeout_ms", 1, timeout)
      || !read_number(to, fields, "reconnect_rate", 1, rate))
    return std::nullopt;
  return drain_wishes{std::chrono::milliseconds{grace}, std::chrono::milliseconds{timeout},
                      static_cast<unsigned>(rate)};
}

/// Answers with how far the drain is.
void show(api_context& node, const exchange_ptr& to, int status = 200) {
  struct findings {
    drain_status status;
    drain_ledger ledger;
  };
  auto found = std::make_shared<findings>();
  inquiry ask;
  ask.ask<drain_status>("shutdown", node.peers.shutdown, get_drain{},
                        [found](drain_status& x) { found->status = std::move(x); });
  ask.ask<drain_ledger>("shutdown", node.peers.shutdown, get_ledger{},
                        [found](drain_ledger& x) { found->ledger = x; });
  std::move(ask).run(node, [&node, to, found, status](const inquiry::silent_list& names) {
    if (names.empty())
      reply(*to, to_json(found->status, found->ledger, node.total.taken()), status);
    else
      too_slow(*to);
  });
}

void plan(api_context& node, const exchange_ptr& to, const drain_wishes& wishes) {
  auto forecast = std::make_shared<drain_forecast>();
  inquiry ask;
  // It asks every shard in its turn.
  ask.ask<drain_forecast>(
    "shutdown", node.peers.shutdown, plan_a_drain{wishes},
    [forecast](drain_forecast& x) { *forecast = std::move(x); }, 2 * actor_patience);
  std::move(ask).run(node, [&node, to, forecast](const inquiry::silent_list& names) {
    if (names.empty())
      reply(*to, to_json(*forecast, node.settings.name, node.settings.shards));
    else
      too_slow(*to);
  });
}

void start(api_context& node, const exchange_ptr& to, const drain_wishes& wishes) {
  auto before = std::make_shared<drain_status>();
  inquiry ask;
  ask.ask<drain_status>("shutdown", node.peers.shutdown, get_drain{},
                        [before](drain_status& x) { *before = std::move(x); });
  std::move(ask).run(node, [&node, to, before, wishes](const inquiry::silent_list& names) {
    if (!names.empty()) {
      too_slow(*to);
    } else if (before->phase != drain_phase::serving) {
      fail(*to, 409, "conflict", "a drain is under way already",
           "GET /v1/drain shows how far it is; a second SIGTERM closes everybody at once");
    } else {
      caf::anon_send(node.peers.shutdown, start_drain{drain_reason::admin, wishes});
      show(node, to, 202); // it is asked after it was told
    }
  });
}

void post_drain(api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"plan", "lb_grace_ms", "reconnect_rate", "timeout_ms"});
  if (!fields)
    return;
  auto wishes = wishes_of(*to, *fields);
  if (!wishes)
    return;
  auto only_plan = fields->value("plan", json(false));
  if (!only_plan.is_boolean())
    fail(*to, 400, "bad_request", "plan is neither true nor false");
  else if (only_plan.get<bool>())
    plan(node, to, *wishes);
  else
    start(node, to, *wishes);
}

void cancel(api_context& node, const exchange_ptr& to) {
  if (!fields_of(*to, {}))
    return;
  auto outcome = std::make_shared<errc>(errc::none);
  inquiry ask;
  ask.ask<errc>("shutdown", node.peers.shutdown, cancel_drain{},
                [outcome](errc& x) { *outcome = x; });
  std::move(ask).run(node, [&node, to, outcome](const inquiry::silent_list& names) {
    if (!names.empty())
      too_slow(*to);
    else if (*outcome == errc::none)
      show(node, to);
    else
      fail(*to, 409, "conflict", to_string(*outcome), "GET /v1/drain shows the phase");
  });
}

} // namespace

std::vector<endpoint> drain_endpoints(api_context& node) {
  return {
    {"GET", "/v1/drain",
     [&node](const exchange_ptr& to, const std::string&) {
       if (knows_parameters(*to, {}))
         show(node, to);
     }},
    {"POST", "/v1/drain",
     [&node](const exchange_ptr& to, const std::string&) { post_drain(node, to); }},
    {"POST", "/v1/drain/cancel",
     [&node](const exchange_ptr& to, const std::string&) { cancel(node, to); }},
  };
}

} // namespace holdfast::admin
