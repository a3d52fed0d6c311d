// The node of one episode, and the clients it meets: drawn from a seed.
#pragma once

#include "actors/shard.hpp"
#include "protocol/send_queue.hpp"
#include "tests/simulation/schedule.hpp"

namespace holdfast::simulation {

struct scenario {
  node_settings settings;
  weights how{};
  std::size_t users = 3; ///< named ones; "" is one more

  // the transport's
  std::size_t max_queued_messages = 8;
  send_queue_config::slow_consumer on_slow_consumer = send_queue_config::slow_consumer::close;

  // of a hundred clients
  unsigned answers_pings = 60; ///< at once; half of the others do late
  unsigned answers_closes = 60;
};

/// Times are short, so that everything that takes time happens within a few hundred steps.
scenario draw_scenario(dice& from);

/// One line for people.
std::string summary(const scenario& x);

} // namespace holdfast::simulation
