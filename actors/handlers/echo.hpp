// Sends every message back to whom it came from. The smallest handler there is.
#pragma once

#include "actors/handler.hpp"

namespace holdfast {

class echo final : public handler {
public:
  void inbound(session& from, const inbound_message& message) override {
    from.send(message.kind, message.payload);
  }
};

} // namespace holdfast
