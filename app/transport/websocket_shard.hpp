// What the WebSocket connections of a shard share.
#pragma once

#include "app/transport/event_loop.hpp"
#include "app/transport/frame_reader.hpp"
#include "app/transport/opening.hpp"

namespace holdfast::transport {

struct websocket_shard {
  explicit websocket_shard(event_loop& on) : loop{on} {}

  /// The connection's own reader, or one that is between messages.
  std::unique_ptr<frame_reader> take_reader(std::unique_ptr<frame_reader> own) {
    if (own)
      return own;
    if (idle_reader)
      return std::move(idle_reader);
    return std::make_unique<frame_reader>(loop.config().max_message_size);
  }

  /// Hands the reader back to its connection if that is in the middle of a message.
  std::unique_ptr<frame_reader> give_reader(std::unique_ptr<frame_reader> used) {
    if (!used->between_messages())
      return used;
    if (!idle_reader)
      idle_reader = std::move(used);
    return nullptr;
  }

  event_loop& loop;
  opening_pool openings;
  std::unique_ptr<frame_reader> idle_reader;
};

} // namespace holdfast::transport
