// The real event loop and the real connections on the fuzzer's thread, turned by hand.
#pragma once

#include "app/transport/event_loop.hpp"
#include "app/transport/websocket.hpp"
#include "tests/fuzz/require.hpp"

#include <optional>

namespace holdfast::fuzz {

/// Stands so far in the past that the loop's ticker, which Asio holds against the real clock, is
/// due whenever the loop is asked: the one thing that decides when a tick comes is turn().
class hand_clock final : public clock {
public:
  time_point now() const override { return now_; }
  wall_time wall() const override { return {}; }
  void advance(duration by) { now_ += by; }

private:
  time_point now_ = time_point{} - std::chrono::hours{24 * 365};
};

/// Nothing here depends on real time or on another thread, so that an input always does the same.
class hand_turned_shard {
public:
  /// `settings` may be changed while there are no connections; it is read anew for each.
  hand_turned_shard(const transport::transport_config& settings, transport_events& events)
    : loop_{io_, time_, settings} {
    loop_.start(events);
    renew();
  }

  ~hand_turned_shard() {
    if (!stopped_)
      stop();
  }

  time_point now() const { return time_.now(); }

  /// Forgets what connections leave behind for the next ones. There must be none.
  void renew() {
    connections_.reset();
    connections_.emplace(loop_);
  }

  void adopt(int fd, std::uint16_t port) {
    connections_->adopt(fd, client_address::from_v4(0x7f000001), port);
    loop_.end_turn();
  }

  /// Whatever is ready, then one tick.
  void turn() {
    constexpr int most_handlers = 10000;
    ticked_ = false;
    for (int ran = 0; !ticked_; ++ran) {
      require(ran < most_handlers, "a turn of the loop ends");
      io_.poll_one();
    }
  }

  /// The events object was told of a tick.
  void ticked() { ticked_ = true; }

  void pass(duration time) {
    time_.advance(time);
    turn();
  }

  /// What runs on the io_context beside the sockets, such as an actor.
  template <class F>
  void post(F act) {
    act();
    loop_.end_turn();
  }

  /// For good.
  void stop() {
    stopped_ = true;
    loop_.stop();
    io_.poll();
  }

  bool stopped() const { return stopped_; }

private:
  hand_clock time_;
  asio::io_context io_{1};
  transport::event_loop loop_;
  std::optional<transport::websocket_factory> connections_;
  bool ticked_ = false;
  bool stopped_ = false;
};

} // namespace holdfast::fuzz
