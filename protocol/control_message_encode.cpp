// The server's half of holdfast.v1. Text is put together by hand: every reply and every broadcast
// passes here, and none of them needs a document.
#include "protocol/control_message.hpp"

#include "protocol/json_string.hpp"

#include <utility>

namespace holdfast {

namespace {

/// Writes one message of the server, field by field. Names are not escaped: they are ours.
class message_writer {
public:
  explicit message_writer(std::string_view type, std::size_t room = 128) {
    out_.reserve(room);
    out_.append("{\"type\":\"").append(type).append("\"");
  }

  message_writer& text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(out_, value);
    return *this;
  }

  message_writer& optional_text(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }

  message_writer& json_text(std::string_view name, std::string_view value) {
    begin(name).append(value);
    return *this;
  }

  message_writer& ms(std::string_view name, duration value) {
    begin(name).append(std::to_string(to_ms(value)));
    return *this;
  }

  message_writer& bytes(std::string_view name, std::size_t value) {
    begin(name).append(std::to_string(value));
    return *this;
  }

  message_writer& open(std::string_view name) {
    begin(name) += '{';
    return *this;
  }

  message_writer& close() {
    out_ += '}';
    return *this;
  }

  std::string done() { return std::move(close().out_); }

private:
  std::string& begin(std::string_view name) {
    if (out_.back() != '{')
      out_ += ',';
    return out_.append("\"").append(name).append("\":");
  }

  std::string out_;
};

// Room for what an encode_message() writes besides its arguments.
constexpr std::size_t message_overhead = 64;

} // namespace

std::string encode_welcome(const welcome_fields& welcome) {
  return message_writer{"welcome", 256}
    .text("connection", welcome.connection)
    .text("node", welcome.node)
    .optional_text("user", welcome.user)
    .open("heartbeat")
    .ms("interval_ms", welcome.heartbeat_interval)
    .ms("timeout_ms", welcome.heartbeat_timeout)
    .close()
    .open("limits")
    .bytes("message_bytes", welcome.message_bytes)
    .close()
    .done();
}

std::string encode_message(std::string_view data_json, std::string_view topic,
                           std::string_view from) {
  return message_writer{"message", message_overhead + data_json.size() + topic.size() + from.size()}
    .json_text("data", data_json)
    .optional_text("topic", topic)
    .optional_text("from", from)
    .done();
}

std::string encode_text_message(std::string_view text, std::string_view topic,
                                std::string_view from) {
  return message_writer{"message", message_overhead + text.size() + topic.size() + from.size()}
    .text("data", text)
    .optional_text("topic", topic)
    .optional_text("from", from)
    .done();
}

std::string encode_presence(std::string_view topic, const std::vector<std::string>& users,
                            std::uint64_t count) {
  std::string list{'['};
  for (auto& user : users) {
    if (list.size() > 1)
      list += ',';
    append_json_string(list, user);
  }
  list += ']';
  return message_writer{"presence", message_overhead + topic.size() + list.size()}
    .text("topic", topic)
    .json_text("users", list)
    .bytes("count", count)
    .done();
}

std::string encode_presence_change(std::string_view topic, std::string_view user, bool came) {
  return message_writer{"presence", message_overhead + topic.size() + user.size()}
    .text("topic", topic)
    .text(came ? "came" : "left", user)
    .done();
}

std::string encode_ack(std::string_view id_json) {
  return message_writer{"ack"}.json_text("id", id_json).done();
}

std::string encode_reply(std::string_view re_json, std::string_view data_json) {
  return message_writer{"reply", message_overhead + re_json.size() + data_json.size()}
    .json_text("re", re_json)
    .json_text("data", data_json)
    .done();
}

std::string encode_pong(std::string_view id_json) {
  return message_writer{"pong"}.json_text("id", id_json).done();
}

std::string encode_drain(std::string_view reason, const lease_fields& lease) {
  return message_writer{"drain", 256}
    .text("reason", reason)
    .open("lease")
    .text("id", lease.id)
    .optional_text("target", lease.target)
    .ms("after_ms", lease.after)
    .ms("expires_ms", lease.expires)
    .close()
    .done();
}

std::string encode_drain_cancelled() {
  return message_writer{"drain_cancelled"}.done();
}

std::string encode_error(std::string_view code, std::string_view message,
                         std::string_view re_json) {
  message_writer writer{"error"};
  writer.text("code", code).text("message", message);
  if (!re_json.empty())
    writer.json_text("re", re_json);
  return writer.done();
}

std::string encode_error(const decode_error& error) {
  return encode_error(to_string(error.code), error.message,
                      error.id ? std::string_view{*error.id} : std::string_view{});
}

} // namespace holdfast
