// What the WebSocket connections of a shard share. Internal to websocket.cpp.
#pragma once

#include "app/transport/websocket_config.hpp"

namespace holdfast::transport {

struct websocket_shard {
  explicit websocket_shard(event_loop& on) : loop{on} {}

  std::shared_ptr<parser> take_parser() {
    if (idle_parser)
      return std::move(idle_parser);
    auto made = std::make_shared<parser>(false, true, messages, random);
    made->set_max_message_size(loop.config().max_message_size);
    return made;
  }

  event_loop& loop;
  opening_pool openings;
  websocket_config::con_msg_manager_type::ptr messages
    = std::make_shared<websocket_config::con_msg_manager_type>();
  websocket_config::rng_type random;
  websocket_link::logger_ptr log = std::make_shared<websocketpp::log::stub>();
  std::shared_ptr<parser> idle_parser;

  // The bytes being processed, and how many of them were used.
  char* input = nullptr;
  std::size_t used = 0;
};

} // namespace holdfast::transport
