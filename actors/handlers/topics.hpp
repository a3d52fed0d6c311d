// Publish and subscribe. holdfast.v1 clients name topics in their messages; a plain client names
// one in its query (`?topic=news`): it gets what is published there, and what it sends is.
#pragma once

#include "actors/handler.hpp"

#include <unordered_map>

namespace holdfast {

class topics final : public handler {
public:
  /// `presence`: clients may ask who else is there.
  explicit topics(bool presence) : presence_{presence} {}

  void opened(session& s) override;
  void inbound(session& from, const inbound_message& message) override;
  command_outcome subscribe(session& s, std::string_view topic, bool presence) override;
  command_outcome unsubscribe(session& s, std::string_view topic) override;
  command_outcome publish(session& s, std::string_view topic, payload_kind kind,
                          std::string_view payload) override;
  void closed(const close_receipt& receipt) override;

private:
  bool presence_;
  std::unordered_map<connection_id, std::string> named_in_query_;
};

} // namespace holdfast
