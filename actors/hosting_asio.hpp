// Hosts actors on an asio::io_context. The only header of this folder that names Asio.
#pragma once

#include "actors/hosting.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

namespace holdfast {

class asio_unit final : public host_unit {
public:
  asio_unit(caf::actor_system& system, const clock& time, asio::io_context& io)
    : host_unit{system, time},
      io_{io},
      timer_{io} {}

protected:
  void wake(bool) override {
    asio::post(io_, [this] { run_some(); });
  }

  void arm(time_point earliest) override {
    timer_.expires_at(earliest);
    timer_.async_wait([this](const asio::error_code& ec) {
      if (!ec)
        fire_timers(time().now());
    });
  }

private:
  asio::io_context& io_;
  asio::steady_timer timer_;
};

} // namespace holdfast
