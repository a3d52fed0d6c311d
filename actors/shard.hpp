// Everything of the connections that one thread accepted: the slot table, the gate in front of it,
// and the members of the permanent actors that live there.
#pragma once

#include "actors/connection.hpp"
#include "actors/events.hpp"
#include "actors/handler.hpp"
#include "actors/handlers/handler_host.hpp"
#include "actors/interfaces.hpp"
#include "actors/slot_table.hpp"
#include "protocol/admission.hpp"
#include "protocol/alerts.hpp"
#include "protocol/authentication.hpp"
#include "protocol/expiry_queue.hpp"
#include "protocol/restart.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace holdfast {

class pool_member;
class heartbeat_host;
class router_member;
class tracer;

/// How a zombie is dealt with.
enum class zombie_policy : std::uint8_t {
  close, ///< close 4000, abort after a second
  mark,  ///< left for the clean-up command
};

constexpr std::string_view to_string(zombie_policy policy) {
  switch (policy) {
  case zombie_policy::close: return "close";
  case zombie_policy::mark: return "mark";
  }
  return "invalid";
}

/// What every shard of a node shares, fixed at its start.
struct node_settings {
  std::string name = "node";
  incarnation life;
  std::size_t shards = 1;
  std::size_t max_total_connections = 1000;
  std::size_t reserve = 0; ///< of these, kept for priority users
  gate_config gate;
  admission_config admission;
  heartbeat_config heartbeat;
  zombie_policy on_zombie = zombie_policy::close;
  drain_config shutdown;
  duration close_timeout = std::chrono::seconds{5};
  duration pool_cleanup_interval = std::chrono::seconds{60};
  restart_intensity supervision;
  alert_config alerts;
  std::size_t max_message_size = 64 * 1024; ///< as the transport enforces it; told to clients
  std::size_t max_topics = 64;              ///< of one connection, groups included
  std::vector<route_config> routes;
  /// Who a client is; outlives the node. Null: whoever it says in `?user=`.
  const authenticator* authentication = nullptr;
};

/// A path and its handler on one shard.
struct route {
  route_config config;
  std::vector<std::string> headers; ///< of the request, that its handler asks for
  std::unique_ptr<handler_host> host;
  handler* app = nullptr; ///< the host's

  /// Makes the handler of one connection; null where all share `app`.
  std::function<std::unique_ptr<handler>(connection&)> own;

  /// The handler is elsewhere: what became of a command comes later.
  bool answers_later() const { return config.mode == handler_mode::shared; }
};

/// A connection that is to be closed in its slot of a drain.
struct planned_close {
  time_point at;
  slot_index slot;
  connection_id id;
};

/// The plain object at the heart of a shard. The transport tells it what happens; the actors
/// hosted on its thread find each other through it. Threads: its own, once it runs.
class shard final : public transport_events {
public:
  /// `settings`, `total`, `admitted` (counts all shards' admissions), `outside` and `log` outlive
  /// the shard.
  shard(shard_index index, const node_settings& settings, const handler_registry& handlers,
        capacity& total, std::atomic<std::uint64_t>& admitted, gateway& outside, host_unit& unit,
        event_log& log);
  ~shard();

  // ---- told by the transport
  bool socket_accepted(const client_address& from) override;
  void socket_settled(const client_address& from) override;
  handshake_reply handshake(const handshake_request& request,
                            transport_connection& connection) override;
  void established(slot_index slot) override;
  void refused(refusal why) override;
  bool serves(std::string_view path) const override { return gate_.route_known(path); }
  bool ready() const override { return phase_ == drain_phase::serving; }
  void bytes_came(time_point at) override { recent_ = at; }
  void message(slot_index slot, frame_opcode opcode, std::string_view payload) override;
  void ping(slot_index slot) override;
  void pong(slot_index slot, std::string_view payload) override;
  void closing(slot_index slot, close_code code, cause why) override;
  void ended(slot_index slot, const transport_end& end) override;
  void measured(const loop_figures& figures) override;
  void tick(time_point now) override;
  void turn_ended() override;

  // ---- for the actors on this shard
  shard_index index() const { return index_; }
  const node_settings& settings() const { return settings_; }
  host_unit& unit() { return unit_; }
  event_log& log() { return log_; }
  time_point now() const { return unit_.time().now(); }

  /// When this thread last read or ticked: the time to within a tick, for nothing.
  time_point recent() const { return recent_; }
  slot_table& slots() { return slots_; }
  gate& front() { return gate_; }
  connection_actor handle_of(slot_index slot) const {
    return caf::actor_cast<connection_actor>(slots_[slot].keeper);
  }
  shard_counters& counters() { return counters_; }

  /// Connections that a user may have by now; 0: no limit.
  std::size_t user_limit() const { return total_.per_user(); }
  const services& peers() const { return peers_; }
  void set_peers(services peers) { peers_ = std::move(peers); }

  /// Of the node's drain, as the pool's member has heard it.
  drain_phase phase() const { return phase_; }
  void set_phase(drain_phase phase) { phase_ = phase; }
  bool pings() const { return phase_ < drain_phase::stop_heartbeats; }
  void set_listener(transport_listener* listener) { listener_ = listener; }
  transport_listener* listener() { return listener_; }

  /// Of the drain that is under way, latest first. Here, so that it outlives the pool member.
  std::vector<planned_close> leaving;
  std::uint64_t stopped_for = 0; ///< the last drain that this shard has stopped accepting for
  bool leaving_planned = false;  ///< in that drain

  /// JSON text of the client's id for the command at hand; null when it expects no answer.
  const std::string* command = nullptr;

  // Null while the actor is dead or has not begun; set by itself, on this thread.
  pool_member* pool = nullptr;
  heartbeat_host* pulse = nullptr;
  router_member* router = nullptr;

  /// Null while nobody traces: all that a frame pays for it then is to look.
  tracer* traced = nullptr;

  /// The connection was admitted, moved, or paused: bookkeeping that outlives its actor.
  void opened(connection& c);
  void moved(connection_state from, connection_state to);
  void count(refusal why) { ++counters_.refused[static_cast<std::size_t>(why)]; }
  void keep(close_receipt receipt);

  /// Receipts are sent again after a restart until they are known to be safe.
  void send_receipts_again();
  void receipts_are_safe(std::uint64_t batch);
  void pause(slot_index slot);
  void resume(slot_index slot);

  /// How long the closing handshake of a connection that is closed for `why` may take.
  close_patience patience(cause why) const;

  /// The connection's actor has ended, or its socket: frees the slot when both have.
  void settle(slot_index slot);

  std::size_t connections() const { return slots_.used(); }

  const std::vector<route>& routes() const { return routes_; }

  /// Of these, in state handshaking.
  std::size_t waiting_for_verdicts() const {
    return counters_.in_state[static_cast<std::size_t>(connection_state::handshaking)];
  }

  /// Calls `f(connection)` unless it has ended. Whether it was there.
  template <class F>
  bool call(slot_index slot, connection_id id, F&& f) {
    auto* place = slots_.find(slot, id);
    if (!place)
      return false;
    auto keeper = place->keeper;
    auto& c = *place->actor;
    return c.call([&] { f(c); });
  }

  /// A connection's own handler is kept until the turn is over: it may be running.
  void let_go(std::unique_ptr<handler> app) { parting_.push_back(std::move(app)); }

  /// Accounts for a publication from this shard of so many bytes.
  std::shared_ptr<publication_ticket> ticket_for(std::size_t bytes);

  /// Whether publications from this shard are under way that nobody can keep up with. Who publishes
  /// meanwhile is not read from, until throttle() has been undone at the end of a turn.
  bool congested() const { return *backlog_ > max_backlog; }
  void throttle(const connection& publisher);

private:
  /// Bytes of publications on their way from one shard; a mailbox has no bound of its own.
  static constexpr std::size_t max_backlog = 1024 * 1024;

  struct throttled {
    slot_index slot;
    connection_id id;
  };

  struct denial {
    refusal why;
    std::string_view detail; // for the log, constant text
    std::string_view user;
    std::string_view address;
  };

  void make_routes(const handler_registry& handlers, gateway& outside);

  // ---- the handshake (shard_handshake.cpp)
  const authenticator& authentication() const;

  /// The client's address as text; behind a trusted proxy its true one, whose rate is asked for.
  std::variant<std::string, denial> locate(const handshake_request& request);
  handshake_reply deny(const denial& no, const handshake_request& request);
  const route* find_route(std::string_view path) const;
  handshake_reply accept(const handshake_request& request, transport_connection& socket,
                         identity who, std::string address);

  void heard(slot_index slot);
  void relieve();
  void close_expired(time_point at);
  template <class F>
  void tell(slot_index slot, F&& f);

  shard_index index_;
  const node_settings& settings_;
  capacity& total_;
  std::atomic<std::uint64_t>& admitted_;
  host_unit& unit_;
  event_log& log_;
  std::vector<route> routes_;
  gate gate_;
  slot_table slots_;
  expiry_queue expiries_; // of those whose identity expires; here, so that it outlives every actor
  connection_ids ids_;
  shard_counters counters_;
  services peers_;
  transport_listener* listener_ = nullptr;
  std::vector<close_receipt> receipts_;   // of this turn
  std::deque<connections_closed> unsafe_; // sent, but not known to have arrived
  std::uint64_t batches_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> backlog_
    = std::make_shared<std::atomic<std::size_t>>(0);
  std::vector<throttled> throttled_;
  std::vector<std::unique_ptr<handler>> parting_;
  time_point recent_;
  drain_phase phase_ = drain_phase::serving;
};

} // namespace holdfast
