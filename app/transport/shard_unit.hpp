// Actors on the shard's io_context. Unlike asio_unit it ends a turn of the event loop after the
// actors ran, so that what they did to connections and gathered for other threads takes effect.
#pragma once

#include "actors/hosting.hpp"
#include "app/transport/event_loop.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

namespace holdfast::transport {

class shard_unit final : public host_unit {
public:
  shard_unit(caf::actor_system& system, const clock& time, asio::io_context& io, event_loop& loop)
    : host_unit{system, time},
      io_{io},
      timer_{io},
      loop_{loop} {}

  /// No timer fires from now on.
  void stop() { timer_.cancel(); }

protected:
  void wake(bool) override {
    asio::post(io_, [this] {
      run_some();
      loop_.end_turn();
    });
  }

  void arm(time_point earliest) override {
    timer_.expires_at(earliest);
    timer_.async_wait([this](const asio::error_code& ec) {
      if (ec)
        return;
      fire_timers(time().now());
      loop_.end_turn();
    });
  }

private:
  asio::io_context& io_;
  asio::steady_timer timer_;
  event_loop& loop_;
};

} // namespace holdfast::transport
