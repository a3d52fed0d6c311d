// Sends every message to everyone on the route, its sender included.
#pragma once

#include "actors/handler.hpp"

namespace holdfast {

class broadcast final : public handler {
public:
  explicit broadcast(const route_config& route) : group_{"route:" + route.path} {}

  void opened(session& s) override { s.join(group_); }

  void inbound(session& from, const inbound_message& message) override {
    from.publish_to_group(group_, message.kind, message.payload);
  }

private:
  std::string group_;
};

} // namespace holdfast
