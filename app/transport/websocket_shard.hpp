// What the WebSocket connections of a shard share. Internal to websocket.cpp.
#pragma once

#include "app/transport/websocket_config.hpp"

namespace holdfast::transport {

struct websocket_shard {
  explicit websocket_shard(event_loop& on) : loop{on} {}

  /// The connection's own parser, or one that is between messages.
  std::shared_ptr<parser> take_parser(websocket::processor_ptr own) {
    if (own)
      return std::static_pointer_cast<parser>(own);
    if (idle_parser)
      return std::move(idle_parser);
    auto made = std::make_shared<parser>(false, true, messages, random);
    made->set_max_message_size(loop.config().max_message_size);
    return made;
  }

  /// Hands the parser back to its connection if that is in the middle of a message.
  std::shared_ptr<parser> give_parser(std::shared_ptr<parser> used) {
    if (!used->between_messages())
      return used;
    if (!idle_parser)
      idle_parser = std::move(used);
    return nullptr;
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
