// Mode shared: a shard's end of the way to the one handler of a route.
#pragma once

#include "actors/handlers/handler_host.hpp"
#include "actors/handlers/shared_events.hpp"
#include "actors/lean_actor.hpp"

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast {

/// Passes on what happens to the route's connections, a batch for each turn of the shard, and does
/// to them what the handler orders. An event is kept until the handler has dealt with it: when that
/// fails, its successor is told of the connections and gets the events that are left. Who sends
/// faster than is handled is not read from meanwhile. Threads: its shard's.
class shared_port final : public lean_actor, public handler {
public:
  using behavior_type = port_actor::behavior_type;
  using signatures = port_actor::signatures;

  shared_port(caf::actor_config& cfg, shard* home);

  void turn_ended();

  // ---- what connections tell
  void opened(session& s) override;
  void inbound(session& from, const inbound_message& message) override;
  command_outcome subscribe(session& s, std::string_view topic, bool presence) override;
  command_outcome unsubscribe(session& s, std::string_view topic) override;
  command_outcome publish(session& s, std::string_view topic, payload_kind kind,
                          std::string_view payload) override;
  void zombie(session& s) override;
  void closing(session& s, close_code code, cause why) override;
  void closed(const close_receipt& receipt) override;
  void phase(session& s, drain_phase phase) override;

protected:
  void receive(element& x) override;
  void failed(std::string) override {}
  void terminated() override {}

private:
  /// Bytes of events that are not dealt with, from which on nobody is read from who adds to them.
  static constexpr std::size_t max_backlog = 1024 * 1024;

  struct batch {
    std::uint64_t first;
    std::size_t cost;
    std::shared_ptr<const std::vector<handler_event>> events;
  };

  struct known {
    std::shared_ptr<const session_card> card;
    std::uint64_t opened; ///< the number of that event
  };

  std::shared_ptr<const session_card> card_of(connection& c) const;
  handler_event event(handler_event::kind what, const session& of) const;
  void gather(handler_event event);
  command_outcome gather_command(handler_event event);
  void hold_back(session& from);
  void send(std::uint64_t first, std::shared_ptr<const std::vector<handler_event>> events);
  void take(const session_orders& x);
  void carry_out(const session_order& x, connection& c);
  void dealt_with(std::uint64_t number);
  void relieve();
  void adopt(const caf::actor& handler);
  void give_up(const std::string& why);

  shard* shard_;
  caf::actor handler_;
  std::string given_up_;                              // why; empty: it is not
  std::unordered_map<connection_id, known> sessions_; // until the handler knows of their end
  std::vector<handler_event> gathered_;               // of this turn
  std::size_t gathered_cost_ = 0;
  std::deque<batch> waiting_; // sent, or to be sent to the next handler
  std::size_t backlog_ = 0;   // of all these
  std::uint64_t events_ = 0;  // ever
  std::uint64_t handled_ = 0;
  std::vector<std::pair<slot_index, connection_id>> held_back_;
};

/// A route with a shared handler, on one shard.
class shared_host final : public handler_host {
public:
  explicit shared_host(shard& home);
  ~shared_host() override;

  handler& app() override { return *port_; }
  void turn_ended() override { port_->turn_ended(); }

  /// Threads: any.
  const port_actor& port() const { return handle_; }

private:
  port_actor handle_;
  shared_port* port_;
};

} // namespace holdfast
