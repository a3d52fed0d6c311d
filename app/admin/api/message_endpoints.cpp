// What is said to clients from outside: so a back end in any language can push.
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "protocol/admission.hpp"
#include "protocol/base64url.hpp"
#include "protocol/topic.hpp"

#include <algorithm>

namespace holdfast::admin {

namespace {

std::nullopt_t refuse(exchange& to, std::string_view message, std::string_view hint = {}) {
  fail(to, 400, "bad_request", message, hint);
  return std::nullopt;
}

/// RFC 4648 section 4, with or without padding.
std::optional<std::string> decode_base64(std::string text) {
  while (!text.empty() && text.back() == '=')
    text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return decode_base64url(text);
}

/// Nothing when 400 was answered.
std::optional<send_message> message_of(exchange& to, const json& fields) {
  auto kinds = {"text", "data", "base64"};
  if (std::count_if(kinds.begin(), kinds.end(), [&](auto x) { return fields.contains(x); }) != 1)
    return refuse(to, "there is no message, or more than one",
                  R"(say one of text ("..."), data (any JSON) and base64 (binary))");
  if (auto data = fields.find("data"); data != fields.end())
    return send_message{payload_kind::json, data->dump()};
  auto is_text = fields.contains("text");
  auto& value = fields.at(is_text ? "text" : "base64");
  if (!value.is_string())
    return refuse(to, std::string{is_text ? "text" : "base64"} + " is no string");
  if (is_text)
    return send_message{payload_kind::text, value.get<std::string>()};
  auto bytes = decode_base64(value.get<std::string>());
  if (!bytes)
    return refuse(to, "base64 is none", "RFC 4648 section 4, on one line");
  return send_message{payload_kind::binary, std::move(*bytes)};
}

template <class Question>
void send_by(const api_context& node, const exchange_ptr& to, std::size_t member,
             Question question) {
  auto reached = std::make_shared<std::uint64_t>(0);
  inquiry ask;
  ask.ask<std::uint64_t>("pool/" + std::to_string(member),
                         member < node.peers.members.size() ? node.peers.members[member]
                                                            : pool_member_actor{},
                         std::move(question), [reached](std::uint64_t& x) { *reached = x; });
  std::move(ask).run(node, [to, reached](const inquiry::silent_list& silent) {
    reply(*to, {{"reached", *reached}, {"partial", silent}});
  });
}

void post_send(const api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"user", "id", "everyone", "text", "data", "base64"});
  auto message = fields ? message_of(*to, *fields) : std::nullopt;
  if (!message)
    return;
  auto user = fields->find("user");
  auto id = fields->find("id");
  auto all = fields->value("everyone", json(false)) == json(true);
  if ((user != fields->end()) + (id != fields->end()) + all != 1) {
    refuse(*to, "nobody is named, or more than one", R"(say one of user, id and "everyone":true)");
    return;
  }
  if (all) {
    node.outside.send_to_everyone(message->kind, message->data);
    reply(*to, {{"reached", node.total.taken()}, {"partial", json::array()}});
  } else if (user != fields->end()) {
    if (!user->is_string() || user->get<std::string>().empty()) {
      refuse(*to, "user is no text, or empty");
      return;
    }
    auto name = user->get<std::string>();
    send_by(node, to, partition_of(name, std::max<std::size_t>(1, node.peers.members.size())),
            send_to_user{name, std::move(*message)});
  } else {
    auto known = id->is_string() ? parse_connection_id(id->get<std::string>()) : std::nullopt;
    if (!known) {
      refuse(*to, "id is none of a connection", "GET /v1/connections lists them");
      return;
    }
    if (known->shard() < node.peers.members.size())
      send_by(node, to, known->shard(), send_by_id{{*known}, std::move(*message)});
    else // none of this node's
      reply(*to, {{"reached", 0}, {"partial", json::array()}});
  }
}

void post_publish(const api_context& node, const exchange_ptr& to) {
  auto fields = fields_of(*to, {"topic", "from", "text", "data", "base64"});
  auto message = fields ? message_of(*to, *fields) : std::nullopt;
  if (!message)
    return;
  auto topic = fields->value("topic", json(""));
  auto from = fields->value("from", json(""));
  if (!topic.is_string() || topic.get<std::string>().empty()
      || topic.get<std::string>().size() > max_topic) {
    refuse(*to, "topic is no text of 1 to 256 bytes");
    return;
  }
  if (!from.is_string()) {
    refuse(*to, "from is no text", "it is the user that subscribers see; leave it out");
    return;
  }
  node.outside.publish(topic.get<std::string>(), message->kind, message->data,
                       from.get<std::string>());
  reply(*to, {{"published", true}});
}

} // namespace

std::vector<endpoint> message_endpoints(api_context& node) {
  return {
    {"POST", "/v1/publish",
     [&node](const exchange_ptr& to, const std::string&) { post_publish(node, to); }},
    {"POST", "/v1/send",
     [&node](const exchange_ptr& to, const std::string&) { post_send(node, to); }},
  };
}

} // namespace holdfast::admin
