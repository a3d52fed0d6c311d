#include "app/admin/api/json.hpp"

#include "app/timestamp.hpp"

namespace holdfast::admin {

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

double fractional_ms(duration d) {
  return std::chrono::duration<double, std::milli>{d}.count();
}

json text_or_null(std::string_view text) {
  return text.empty() ? json{} : json(text);
}

json to_json(const traffic& x) {
  return {{"messages", x.messages}, {"bytes", x.bytes}};
}

json to_json(const std::array<std::uint64_t, state_count>& in_state) {
  json result = json::object();
  for (std::size_t i = 0; i < in_state.size(); ++i)
    if (auto state = static_cast<connection_state>(i); state != connection_state::closed)
      result[std::string{to_string(state)}] = in_state[i];
  return result;
}

json to_json(const std::vector<flight_entry>& history) {
  auto result = json::array();
  for (auto& x : history)
    result.push_back({{"at_ms", x.at_ms},
                      {"from", to_string(x.from)},
                      {"to", to_string(x.to)},
                      {"cause", to_string(x.why)},
                      {"explanation", explain(x.why)},
                      {"number", x.number}});
  return result;
}

json to_json(const close_receipt& x) {
  auto age = std::chrono::duration_cast<std::chrono::milliseconds>(x.age);
  return {{"id", to_string(x.id)},
          {"user", text_or_null(x.user)},
          {"route", x.route},
          {"address", x.address},
          {"opened_at", timestamp(x.opened)},
          {"closed_at", timestamp(x.opened + age)},
          {"age_ms", age.count()},
          {"code", static_cast<std::uint16_t>(x.code)},
          {"code_name", to_string(x.code)},
          {"who", to_string(x.who)},
          {"cause", to_string(x.why)},
          {"explanation", explain(x.why)},
          {"detail", x.detail},
          {"in", to_json(x.in)},
          {"out", to_json(x.out)},
          {"acknowledged", x.acknowledged},
          {"never_written", to_json(x.never_written)},
          {"unconfirmed_bytes", x.unconfirmed_bytes},
          {"discarded_in", x.discarded_in},
          {"history", to_json(x.history)}};
}

bool is_near_limit(std::uint64_t connections, std::uint64_t limit) {
  constexpr std::uint64_t percent = 80;
  return connections * 100 > percent * limit && limit > 0;
}

json to_json(const named_texts& x) {
  auto result = json::object();
  for (auto& [name, value] : x)
    result[name] = value;
  return result;
}

json to_json(const connection_view& x, bool details) {
  auto known = x.rtt > duration::zero();
  json result{{"id", to_string(x.id)},
              {"user", text_or_null(x.user)},
              {"address", x.address},
              {"route", x.route},
              {"handler", x.handler},
              {"state", to_string(x.state)},
              {"protocol", x.speaks_v1 ? json("holdfast.v1") : json{}},
              {"draining", x.draining},
              {"shard", x.id.shard()},
              {"age_ms", to_ms(x.age)},
              {"idle_ms", to_ms(x.idle)},
              {"silence_ms", to_ms(x.silence)},
              {"rtt_ms", known ? json(fractional_ms(x.rtt)) : json{}},
              {"rtt_var_ms", known ? json(fractional_ms(x.rtt_var)) : json{}},
              {"missed_pongs", x.missed_pongs},
              {"in", to_json(x.in)},
              {"out", to_json(x.out)},
              {"queued", {{"messages", x.queued_messages}, {"bytes", x.queued_bytes}}}};
  if (details) {
    result["history"] = to_json(x.history);
    result["topics"] = x.topics;
    result["groups"] = x.groups;
    result["reading_paused"] = x.reading_paused;
    result["attributes"] = to_json(x.attributes);
    result["handler_state"] = to_json(x.shown);
  }
  return result;
}

json to_json(const actor_view& x, std::string_view node) {
  return {{"name", x.name},
          {"kind", x.kind},
          {"parent", x.parent},
          {"node", node},
          {"alive", x.alive},
          {"mailbox", x.mailbox},
          {"messages", x.messages},
          {"busy_ms", fractional_ms(x.busy)},
          {"uptime_ms", to_ms(x.uptime)},
          {"restarts", x.restarts},
          {"last_failure", text_or_null(x.last_failure)}};
}

json to_json(const drain_ledger& x) {
  return {{"connections", x.connections},
          {"left", x.left},
          {"closed_in_slot", x.closed_in_slot},
          {"forced", x.forced},
          {"aborted", x.aborted},
          {"otherwise", x.otherwise},
          {"cleanups", x.cleanups},
          {"cleanups_failed", x.cleanups_failed},
          {"planned_ms", to_ms(x.planned)},
          {"actual_ms", to_ms(x.actual)}};
}

json to_json(const drain_status& x, const drain_ledger& ledger, std::uint64_t open) {
  auto runs = x.phase != drain_phase::serving;
  return {{"drain", x.drain},
          {"phase", to_string(x.phase)},
          {"reason", runs ? json(to_string(x.reason)) : json{}},
          {"phase_age_ms", to_ms(x.age)},
          {"t_ms", to_ms(x.t)},
          {"left_ms", to_ms(x.left)},
          {"planned_end_ms", to_ms(x.planned_end)},
          {"waiting_for", x.waiting_for},
          {"open", open},
          {"ledger", ledger.drain > 0 ? to_json(ledger) : json{}}};
}

json to_json(const drain_forecast& x, std::string_view node, std::size_t shards) {
  auto targets = json::array();
  for (auto& target : x.targets)
    targets.push_back({{"name", target.name},
                       {"clients", target.clients},
                       {"arrivals_per_second", target.arrivals_per_second}});
  return {{"node", node},
          {"shards", shards},
          {"population",
           {{"leased", x.population.leased},
            {"plain", x.population.plain},
            {"zombies", x.population.zombies},
            {"slow_consumers", x.population.slow_consumers},
            {"callbacks", x.population.callbacks}}},
          {"lb_grace_ms", to_ms(x.lb_grace)},
          {"planned_end_ms", to_ms(x.planned_end)},
          {"deadline_ms", to_ms(x.deadline)},
          {"fits", x.fits},
          {"overflow", x.overflow},
          {"arrivals_per_second", x.arrivals_per_second},
          {"targets", targets},
          {"undirected_per_second", x.undirected_per_second},
          {"likely_forced", x.likely_forced},
          {"longest_ms", to_ms(x.longest)},
          {"callbacks", x.callbacks}};
}

} // namespace holdfast::admin
