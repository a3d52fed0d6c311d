// What everything on one shard's thread shares: readiness, deadlines, turns and buffers.
#pragma once

#include "actors/clock.hpp"
#include "app/transport/deadline_wheel.hpp"
#include "app/transport/transport_config.hpp"
#include "protocol/transport.hpp"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <memory>
#include <vector>

namespace holdfast::transport {

class outbound;

/// Something that waits for a descriptor, a deadline or its turn.
class watcher : public wheel_entry, public std::enable_shared_from_this<watcher> {
public:
  virtual ~watcher() = default;

  /// Its descriptor became ready; bits of epoll(7).
  virtual void on_ready(std::uint32_t bits) = 0;
  /// The turn it asked for with turn_later().
  virtual void on_turn() {}
  /// The event during which it called later() is over.
  virtual void on_later() {}
  virtual void on_deadline() {}
  /// The loop ends.
  virtual void on_stop() {}

private:
  friend class event_loop;

  std::size_t live_at_ = 0; // in event_loop::live_
};

/// Buffers that one connection uses at a time, so that none needs its own.
struct stream_buffers {
  static constexpr std::size_t size = 64 * 1024;

  std::unique_ptr<char[]> receive{new char[size]};

  /// Replies that belong to the read event in progress; they leave in one piece.
  struct {
    outbound* owner = nullptr;
    std::unique_ptr<char[]> bytes{new char[size]};
    std::size_t used = 0;
    std::size_t messages = 0;
  } cork;
};

/// The loop of one shard. All sockets stand in one epoll set, which Asio watches as a single
/// descriptor: a turn of its reactor is shared by all that became ready, and nothing of Asio's
/// exists for each connection. Everything but the constructor runs on the shard's thread.
class event_loop {
public:
  event_loop(asio::io_context& io, const clock& time, const transport_config& config);
  ~event_loop();

  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  void start(transport_events& events);

  /// Ends everything that is live, tells so, and lets the io_context run dry.
  void stop();

  const transport_config& config() const { return config_; }
  stream_buffers& buffers() { return buffers_; }

  /// Before start() there are none.
  transport_events& events() { return *events_; }

  time_point now() const { return clock_.now(); }

  /// Has `who` told of its descriptor's readiness until the descriptor is closed or unwatch()ed.
  /// False, with errno, when the kernel refuses.
  bool watch(int fd, std::uint32_t bits, watcher& who);
  void unwatch(int fd);

  /// Keeps `who` alive until it is released; what is released lives on until the turn ends,
  /// because events of the same batch may still name it.
  void adopt(const std::shared_ptr<watcher>& who);
  void release(watcher& who);

  void arm(watcher& who, duration after) { wheel_.arm(who, now() + after); }

  /// Calls on_later() when the current event is over.
  void later(watcher& who) { later_.push_back(who.shared_from_this()); }

  /// Calls on_turn() after others had theirs.
  void turn_later(watcher& who) { turns_.push_back(who.shared_from_this()); }

  /// A connection's queue had `before` bytes and has `after`.
  void queue_changed(std::size_t before, std::size_t after) { queued_bytes_ += after - before; }

  /// A batch of events is over. For whatever runs on the io_context beside the sockets.
  void end_turn();

private:
  void wait_ready();
  void read_ready();
  std::size_t handle_batch();
  void wait_tick();
  void tick();
  void run_later();
  void run_turns();

  const clock& clock_;
  const transport_config& config_;
  asio::io_context& io_;
  asio::posix::stream_descriptor ready_;
  asio::steady_timer ticker_;
  time_point next_tick_;
  deadline_wheel wheel_;
  stream_buffers buffers_;
  transport_events* events_ = nullptr;
  std::vector<std::shared_ptr<watcher>> live_;
  std::vector<std::shared_ptr<watcher>> released_;
  std::vector<std::shared_ptr<watcher>> later_;
  std::vector<std::shared_ptr<watcher>> running_;
  std::vector<std::shared_ptr<watcher>> turns_;
  std::size_t queued_bytes_ = 0; // on all connections
  bool turns_posted_ = false;
  bool stopped_ = false;
};

} // namespace holdfast::transport
