// One shard's thread: its event loop, its listening sockets, its connections, its actors.
#pragma once

#include "actors/hosting.hpp"
#include "app/transport/transport_config.hpp"
#include "protocol/transport.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace holdfast::transport {

/// Throws std::system_error, like listen(), when somebody listens on one of these addresses. Asked
/// once before any shard listens: with SO_REUSEPORT a second node would bind without an error and
/// get half of the clients.
void require_unused(const std::vector<endpoint>& where);

/// The real transport. In this order: construct, listen(), start(), stop(), join(). Several may
/// live in one process. Threads: where nothing else is said, the one that constructed it; the
/// verbs of transport_listener belong to the shard's own.
class shard_loop final : public transport_listener {
public:
  /// `time` outlives this. Throws std::system_error when the kernel has no descriptor or no
  /// thread left.
  shard_loop(caf::actor_system& system, const clock& time, const transport_config& config,
             shard_index shard);

  /// Stops and joins.
  ~shard_loop();

  shard_loop(const shard_loop&) = delete;
  shard_loop& operator=(const shard_loop&) = delete;

  /// Runs actors on the shard's thread, from start() on.
  host_unit& unit();

  /// Binds; nothing is accepted before start(). Throws std::system_error, whose text names the
  /// address and the reason (in use, not permitted, not available); then nothing is bound.
  void listen(const std::vector<endpoint>& where);

  /// The port that the endpoint with this index is bound to, so that other shards can bind it too.
  std::uint16_t local_port(std::size_t index) const;

  /// Sets the thread going. `events` outlives join().
  void start(transport_events& events);

  /// Resets every connection, tells their end, runs the actors that heard of it, and ends the
  /// thread. Threads: any. A second call does nothing.
  void stop();

  /// Waits for the thread's end.
  void join();

  /// Runs `f` on the shard's thread, before or after start(). Dropped after stop(). Threads: any.
  void post(std::function<void()> f);

  void stop_accepting() override;
  std::string resume_accepting() override;

private:
  struct parts;

  std::unique_ptr<parts> parts_;
};

} // namespace holdfast::transport
