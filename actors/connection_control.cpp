// The holdfast.v1 side of a connection: what the client says in JSON, and the answers.
#include "actors/connection.hpp"
#include "actors/shard.hpp"

namespace holdfast {

namespace {

/// A client that keeps sending what is no holdfast.v1 message is closed 4504 at the third.
constexpr unsigned max_bad_messages = 3;

payload_kind kind_of(const std::optional<std::string>& text) {
  return text ? payload_kind::text : payload_kind::json;
}

const std::string& payload_of(const std::optional<std::string>& text, const std::string& json) {
  return text ? *text : json;
}

} // namespace

void connection::welcome() {
  auto id = to_string(id_);
  auto& settings = shard_->settings();
  send_control(encode_welcome({id, settings.name, user_, settings.heartbeat.ping_interval,
                               settings.heartbeat.pong_timeout, settings.max_message_size}));
}

void connection::send_control(const std::string& text) {
  if (!live())
    return;
  if (socket_->send_control(text) == send_outcome::overflow)
    begin_close(close_code::slow_consumer, cause::slow_consumer, {});
}

void connection::send_error(std::string_view code, std::string_view message) {
  send_control(encode_error(code, message));
}

void connection::control(std::string_view text) {
  auto decoded = decode_client_message(text, shard_->settings().max_message_size);
  if (auto* error = std::get_if<decode_error>(&decoded))
    bad_message(*error);
  else
    std::visit([this](auto& m) { on_client(m); }, std::get<client_control>(decoded));
}

void connection::bad_message(const decode_error& error) {
  send_control(encode_error(error));
  if (++more().bad_messages >= max_bad_messages)
    begin_close(close_code::bad_control_message, cause::bad_control_messages, error.message);
}

/// Calls the handler, which may look at the id, and answers the client.
template <class F>
void connection::command(const std::optional<std::string>& id, F&& f) {
  auto outcome = command_outcome::refused;
  shard_->command = id ? &*id : nullptr;
  auto stays = guard_handler([&] { outcome = f(); });
  shard_->command = nullptr;
  if (stays)
    finish_command(outcome, id);
}

void connection::on_client(client_message& m) {
  count_in(kind_of(m.text), payload_of(m.text, m.data).size());
  command(m.id, [&] {
    app().inbound(*this, {kind_of(m.text), payload_of(m.text, m.data), in_.messages});
    return route_->answers_later() ? command_outcome::later : command_outcome::done;
  });
}

void connection::on_client(client_ack& m) {
  auto& acknowledged = more().acknowledged;
  if (m.n > out_.messages)
    bad_message({decode_error_code::wrong_field_type, "n", "ack of more than was sent", {}});
  else if (m.n > acknowledged)
    acknowledged = m.n;
}

void connection::on_client(client_ping& m) {
  send_control(encode_pong(m.id));
}

void connection::on_client(client_subscribe& m) {
  command(m.id, [&] { return app().subscribe(*this, m.topic, m.presence); });
}

void connection::on_client(client_unsubscribe& m) {
  command(m.id, [&] { return app().unsubscribe(*this, m.topic); });
}

void connection::on_client(client_publish& m) {
  auto& payload = payload_of(m.text, m.data);
  count_in(kind_of(m.text), payload.size());
  command(m.id, [&] { return app().publish(*this, m.topic, kind_of(m.text), payload); });
}

void connection::finish_command(command_outcome outcome, const std::optional<std::string>& id) {
  switch (outcome) {
  case command_outcome::done:
    if (id)
      send_control(encode_ack(*id));
    return;
  case command_outcome::unsupported:
    send_control(encode_error("unsupported", "this route has no topics", id.value_or("")));
    return;
  case command_outcome::refused:
    send_control(encode_error("too_many_topics",
                              "the connection is in its "
                                + std::to_string(shard_->settings().max_topics) + " topics already",
                              id.value_or("")));
    return;
  case command_outcome::denied:
    send_control(encode_error("denied", "this topic is not for you", id.value_or("")));
    return;
  case command_outcome::later: return;
  }
}

} // namespace holdfast
