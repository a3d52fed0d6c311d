#include "actors/gateway.hpp"

#include "protocol/admission.hpp"
#include "protocol/topic.hpp"

#include <algorithm>
#include <stdexcept>

namespace holdfast {

namespace {

/// As Prometheus has it, without the colon that its rules keep to themselves.
bool valid_number_name(std::string_view name) {
  auto letter
    = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(static_cast<unsigned char>(name.front()))
         && std::all_of(name.begin(), name.end(),
                        [&](unsigned char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

cleanup_actor::behavior_type clean_up(cleanup_actor::pointer,
                                      std::shared_ptr<std::function<void()>> call) {
  return {
    [call](const cleanup_wanted&) {
      (*call)();
      return cleaned_atom::value;
    },
  };
}

} // namespace

void gateway::set_peers(const services& peers) {
  std::lock_guard<std::mutex> guard{mutex_};
  peers_ = peers;
  register_cleanups();
}

void gateway::stop() {
  std::lock_guard<std::mutex> guard{mutex_};
  peers_ = services{};
  for (auto& x : cleanups_)
    if (x.who)
      caf::anon_send_exit(x.who, caf::exit_reason::user_shutdown);
  cleanups_.clear();
}

void gateway::publish(std::string_view topic, payload_kind kind, std::string_view payload,
                      std::string_view from) {
  std::lock_guard<std::mutex> guard{mutex_};
  if (peers_.router)
    caf::anon_send(peers_.router,
                   publication{topic_group(topic), std::string{topic}, std::string{from}, kind,
                               std::string{payload}, nullptr});
}

void gateway::send_to_user(std::string_view user, payload_kind kind, std::string_view payload) {
  std::lock_guard<std::mutex> guard{mutex_};
  if (!peers_.members.empty() && !user.empty())
    caf::anon_send(peers_.members[partition_of(user, peers_.members.size())],
                   holdfast::send_to_user{std::string{user}, {kind, std::string{payload}}});
}

void gateway::send_to(connection_id id, payload_kind kind, std::string_view payload) {
  std::lock_guard<std::mutex> guard{mutex_};
  if (id.shard() < peers_.members.size())
    caf::anon_send(peers_.members[id.shard()], send_by_id{{id}, {kind, std::string{payload}}});
}

void gateway::send_to_everyone(payload_kind kind, std::string_view payload) {
  std::lock_guard<std::mutex> guard{mutex_};
  if (peers_.router)
    caf::anon_send(peers_.router,
                   publication{std::string{everyone}, {}, {}, kind, std::string{payload}, nullptr});
}

void gateway::close(connection_id id, close_code code, std::string_view reason) {
  require_on_wire(code);
  std::lock_guard<std::mutex> guard{mutex_};
  if (id.shard() < peers_.members.size())
    caf::anon_send(peers_.members[id.shard()],
                   close_by_id{id, {code, cause::handler_closed, std::string{reason}}});
}

// ---- numbers

counter& gateway::count(std::string_view name, std::string_view help) {
  return number_of(name, help, false);
}

counter& gateway::gauge(std::string_view name, std::string_view help) {
  return number_of(name, help, true);
}

counter& gateway::number_of(std::string_view name, std::string_view help, bool is_gauge) {
  if (!valid_number_name(name))
    throw std::invalid_argument{"\"" + std::string{name}
                                + "\" is no name of a metric: letters, digits and '_'"};
  if (name.substr(0, 9) == "holdfast_" || name.substr(0, 8) == "process_")
    throw std::invalid_argument{
      "metrics that begin with \"holdfast_\" or \"process_\" are Holdfast's own"};
  std::lock_guard<std::mutex> guard{mutex_};
  auto found = numbers_.find(name);
  if (found == numbers_.end())
    found = numbers_.try_emplace(std::string{name}, help, is_gauge).first;
  if (found->second.is_gauge != is_gauge)
    throw std::invalid_argument{"the metric \"" + std::string{name}
                                + "\" is both a counter and a gauge"};
  return found->second.value;
}

std::vector<named_number> gateway::numbers() const {
  std::lock_guard<std::mutex> guard{mutex_};
  std::vector<named_number> result;
  for (auto& [name, x] : numbers_)
    result.push_back({name, x.help, x.is_gauge, x.value.load(std::memory_order_relaxed)});
  return result;
}

// ---- cleanup

void gateway::at_cleanup(host_unit& unit, cleanup_name name, std::function<void()> f) {
  std::lock_guard<std::mutex> guard{mutex_};
  auto found = std::find_if(cleanups_.begin(), cleanups_.end(), [&](const cleanup& x) {
    return x.unit == &unit && x.name.owner == name.owner && x.name.name == name.name;
  });
  if (found != cleanups_.end()) {
    *found->call = std::move(f);
    return;
  }
  auto call = std::make_shared<std::function<void()>>(std::move(f));
  auto who = spawn_on(unit, probe_ptr{}, clean_up, call);
  cleanups_.push_back({&unit, std::move(name), std::move(call), std::move(who)});
  register_cleanups();
}

void gateway::register_cleanups() {
  if (!peers_.shutdown)
    return;
  for (auto& x : cleanups_)
    if (!std::exchange(x.registered, true))
      caf::anon_send(peers_.shutdown, cleanup_registration{x.name.name, std::exchange(x.who, {})});
}

} // namespace holdfast
