// A whole node: its shards, its supervision tree, and the way in from the process around it.
#pragma once

#include "actors/node_context.hpp"
#include "actors/supervisor.hpp"

#include <memory>
#include <vector>

namespace holdfast {

/// Wires a node together. Where its actors run is the caller's: one unit for the control thread,
/// one for each shard.
///
/// Life: construct; give each shard its listener; start() before the loops run; let the loops run;
/// drain; then stop() while the loops still run, and end them when every actor has gone.
class node {
public:
  /// Throws std::invalid_argument when a route cannot be made. `settings` and `log` outlive it, and
  /// so do the units. Shared handlers and the actors that users spawn live on `extensions`.
  node(const node_settings& settings, const node_extensions& types, host_unit& control,
       host_unit& extensions, const std::vector<host_unit*>& shard_units, event_log& log);

  shard& shard_at(std::size_t index) { return *shards_[index]; }
  std::size_t shard_count() const { return shards_.size(); }

  /// The control thread's state; see there for its threads.
  node_context& context() { return context_; }

  /// Spawns the supervisor, which starts everyone else on their own threads.
  void start();

  /// The supervisor, between start() and stop().
  const caf::actor& root() const { return root_; }

  /// Tells all permanent actors to end, and those that registered for the drain. Threads: the
  /// control thread.
  void stop();

  /// Sends to the shutdown actor, wherever it lives by now. Threads: the control thread.
  template <class Message>
  void tell_shutdown(Message message) {
    caf::anon_send(context_.peers.shutdown, std::move(message));
  }

private:
  std::vector<child_spec> children();
  child_spec shared_handler(std::size_t route);

  handler_registry handlers_;
  node_context context_;
  host_unit& extensions_;
  std::vector<host_unit*> units_;
  std::vector<std::unique_ptr<shard>> shards_;
  caf::actor root_;
};

} // namespace holdfast
