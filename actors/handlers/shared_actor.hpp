// Mode shared: the one handler of a route, in an actor on the handlers' thread.
#pragma once

#include "actors/handlers/handler_host.hpp"
#include "actors/handlers/shared_events.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast {

/// Sees the connections of all shards through their ports (shared_port). What it wants done to them
/// goes back once a message: a batch of orders for each shard. Threads: its unit's.
class shared_actor final : public hosted<caf::event_based_actor>, private host_context {
public:
  shared_actor(caf::actor_config& cfg, handler_type type, const route_config& route, gateway& node,
               event_log& log, std::size_t shards, probe_ptr probe);
  ~shared_actor() override;

  caf::invoke_message_result consume(caf::mailbox_element& x) override;

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  class remote_session;

  struct shard_side {
    port_actor port;
    std::uint64_t handled = 0;
    bool owes_answer = false;
    std::vector<session_order> orders;
  };

  caf::event_based_actor* self() override { return this; }
  void behavior(caf::message_handler further) override { further_ = std::move(further); }
  void show(std::string_view key, std::string_view value) override;
  void run(const std::function<void()>& f) override;

  void take(const handler_batch& x);
  void handle(const handler_event& x);
  void begin(remote_session& s, const handler_event& x);
  void answer(const remote_session& s, const handler_event& x, command_outcome outcome);
  void order(const session_card& of, session_order x);
  void after(connection_id id, duration delay, std::function<void(session&)> f);
  void flush();

  handler_type type_;
  probe_ptr own_probe_;
  caf::message_handler further_;
  std::vector<shard_side> shards_;
  std::unordered_map<connection_id, std::unique_ptr<remote_session>> sessions_;
  std::unique_ptr<handler> app_;
};

} // namespace holdfast
