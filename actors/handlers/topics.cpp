#include "actors/handlers/topics.hpp"

#include "protocol/control_message.hpp"

namespace holdfast {

namespace {

constexpr std::string_view no_topic
  = "no topic: connect with ?topic=NAME, or speak holdfast.v1 and publish {topic, data}";

constexpr std::string_view no_topic_v1
  = "no topic: publish {topic, data}, or connect with ?topic=NAME";

} // namespace

void topics::opened(session& s) {
  auto topic = s.query("topic");
  if (topic.empty())
    return;
  if (topic.size() > max_topic) {
    s.close(close_code::policy_violation, "topic is longer than 256 bytes");
    return;
  }
  s.subscribe(topic, presence_ && s.query("presence") == "true");
  named_in_query_.emplace(s.id(), std::move(topic));
}

void topics::inbound(session& from, const inbound_message& message) {
  auto named = named_in_query_.find(from.id());
  if (named != named_in_query_.end())
    from.publish(named->second, message.kind, message.payload);
  else
    from.send_error("no_topic", from.speaks_v1() ? no_topic_v1 : no_topic);
}

command_outcome topics::subscribe(session& s, std::string_view topic, bool presence) {
  if (presence && !presence_) {
    s.send_error("no_presence", "this route does not tell who is there: it has no presence = true");
    return command_outcome::later;
  }
  return s.subscribe(topic, presence) ? command_outcome::done : command_outcome::refused;
}

command_outcome topics::unsubscribe(session& s, std::string_view topic) {
  s.unsubscribe(topic);
  return command_outcome::done;
}

command_outcome topics::publish(session& s, std::string_view topic, payload_kind kind,
                                std::string_view payload) {
  s.publish(topic, kind, payload);
  return command_outcome::done;
}

void topics::closed(const close_receipt& receipt) {
  named_in_query_.erase(receipt.id);
}

} // namespace holdfast
