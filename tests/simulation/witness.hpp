// Sees and remembers what a node does, from outside: its log, its handlers' calls, its sockets.
// What it remembers is what the invariants are held against; it never asks the node's own counters.
#pragma once

#include "actors/events.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/scripted.hpp"
#include "tests/simulation/scripted_shared.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace holdfast::simulation {

/// An invariant that did not hold.
struct breach {
  std::string rule;
  std::string what;
};

class witness final : public event_log, public handler_witness, public shared_witness {
public:
  // ---- told by the node
  bool wants(log_level) const override { return true; }
  void write(log_level level, std::string_view event,
             std::initializer_list<event_field> fields) override;

  // ---- told by handlers
  void opened(connection_id id) override;
  void inbound(connection_id id) override;
  void closing(connection_id id, close_code code, cause why) override;
  void closed(const close_receipt& receipt) override;
  void zombie(connection_id id) override;
  void phase(connection_id id, drain_phase x) override;
  void joined(connection_id id, std::string_view group) override;
  void left(connection_id id, std::string_view group) override;
  void paused(connection_id id, bool paused) override;
  void watches(connection_id id, std::string_view topic) override;
  void lives_in(connection_id id, const caf::actor_addr& actor) override;
  void lost_handler(connection_id id) override;

  // ---- told by the shared handler
  void shared_began() override;
  void shared_knows(connection_id id, bool adopted) override;
  void shared_handles(connection_id id, std::uint64_t sequence) override;
  void shared_forgets(connection_id id) override;

  // ---- told by the driver
  void knows(client& c);
  void breached(std::string_view rule, const std::string& what);

  client* find(connection_id id);

  trace_hash trace;
  coverage seen;
  std::optional<breach> failure; ///< the first one
  bool echo = false;             ///< print events as they come
  bool sees_order = false;       ///< of verdicts: on one shard they take no time

  std::uint64_t admitted = 0;
  std::uint64_t receipts = 0;
  std::map<std::string, unsigned> failures;       ///< of permanent actors, by name
  std::set<std::string> given_up;                 ///< permanent actors that are not started again
  bool shared_given_up = false;                   ///< the shared handler is not made anew
  std::unordered_set<connection_id> shared_known; ///< to the shared handler that is alive
  std::int64_t planned_ms = -1;                   ///< the last plan's
  bool plan_fits = true;

  /// An actor has failed and was started again.
  std::function<void(const std::string& name)> on_restart;

private:
  void look_at(std::string_view event, const std::map<std::string_view, std::string>& fields);
  void admitted_late(const std::string& name);
  void closed_late(const std::string& name, const std::string& why);
  void check_eviction(const client& c);
  void check_receipt(const client& c, const close_receipt& r);
  void check_history(const close_receipt& r);

  std::unordered_map<connection_id, client*> clients_;
  std::unordered_map<std::string, client*> by_name_;
};

} // namespace holdfast::simulation
