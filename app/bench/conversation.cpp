#include "app/bench/conversation.hpp"

#include "app/bench/handshake.hpp"

#include <utility>

namespace holdfast::bench {

conversation::conversation(traffic& events, std::string protocols)
  : events_{events},
    protocols_{std::move(protocols)} {}

std::optional<std::string> conversation::digest(client& c, std::string_view bytes, time_point at) {
  auto stored = !c.in.empty();
  if (stored)
    bytes = c.in.append(bytes);
  if (auto fault = consume(c, bytes, at))
    return fault;
  if (stored)
    c.in.erase(0, c.in.size() - bytes.size());
  else
    c.in.assign(bytes);
  return std::nullopt;
}

std::string conversation::refusal_at_end(const client& c) const {
  return read_answer(c.in, protocols_of(c), true).why;
}

void conversation::send(client& c, opcode op, std::string_view payload) {
  append_frame(c.out, {op, true, payload}, next_key());
}

void conversation::send(client& c, const frame_view& frame) {
  append_frame(c.out, frame, next_key());
}

void conversation::begin_close(client& c, std::uint16_t code) {
  c.state = client_state::closing;
  c.close_begun = true;
  std::string payload;
  append_big_endian(payload, code, 2);
  send(c, opcode::close, payload);
}

// Leaves in `bytes` what is only the beginning of something.
std::optional<std::string> conversation::consume(client& c, std::string_view& bytes,
                                                 time_point at) {
  if (c.state == client_state::handshaking) {
    auto fault = consume_answer(c, bytes, at);
    if (fault || c.state == client_state::handshaking)
      return fault;
  }
  for (frame_view frame;;) {
    auto taken = take_frame(bytes, frame);
    if (taken == take_result::incomplete)
      return std::nullopt;
    if (taken == take_result::invalid || !on_frame(c, frame, at)) {
      ++garbled_;
      return "garbled";
    }
  }
}

std::optional<std::string> conversation::consume_answer(client& c, std::string_view& bytes,
                                                        time_point at) {
  auto found = read_answer(bytes, protocols_of(c), false);
  switch (found.state) {
  case answer_state::incomplete: return std::nullopt;
  case answer_state::refused: return found.why;
  case answer_state::accepted: break;
  }
  bytes.remove_prefix(found.size);
  c.state = client_state::open;
  c.out.shrink_to_fit(); // the request, sent long ago
  events_.opened(c, at);
  return std::nullopt;
}

// False for what no server may send.
bool conversation::on_frame(client& c, const frame_view& frame, time_point at) {
  switch (frame.op) {
  case opcode::ping:
    if (c.state == client_state::open) {
      send(c, opcode::pong, frame.payload);
      ++c.unsent_pongs;
      events_.pinged(c, at);
    }
    return true;
  case opcode::pong: events_.ponged(c, frame.payload); return true;
  case opcode::close: return on_close(c, frame.payload, at);
  case opcode::text:
  case opcode::binary:
  case opcode::continuation: return on_data(c, frame, at);
  }
  return false;
}

bool conversation::on_data(client& c, const frame_view& frame, time_point at) {
  auto first = frame.op != opcode::continuation;
  auto inside = c.partial && c.partial->begun;
  if (first == inside)
    return false; // a message within a message, or the rest of none
  if (first && frame.fin) {
    events_.received(c, frame.op, frame.payload, at);
    return true;
  }
  if (!c.partial)
    c.partial = std::make_unique<partial_message>();
  auto& message = *c.partial;
  if (first) {
    message.op = frame.op;
    message.payload.clear();
  }
  message.begun = !frame.fin;
  if (message.payload.size() + frame.payload.size() > max_frame_payload)
    return false;
  message.payload.append(frame.payload);
  if (frame.fin)
    events_.received(c, message.op, message.payload, at);
  return true;
}

bool conversation::on_close(client& c, std::string_view payload, time_point at) {
  constexpr std::uint16_t no_status = 1005;
  if (payload.size() == 1)
    return false;
  if (c.close_heard)
    return true;
  auto code = payload.substr(0, 2);
  c.close_heard = true;
  c.close_code = code.empty() ? no_status : static_cast<std::uint16_t>(read_big_endian(code));
  c.state = client_state::closing;
  if (!c.close_begun)
    send(c, opcode::close, code);
  events_.close_received(c, at);
  return true;
}

std::string_view conversation::protocols_of(const client& c) const {
  return c.leased ? lease_protocol : std::string_view{protocols_};
}

std::uint32_t conversation::next_key() {
  key_ ^= key_ << 13;
  key_ ^= key_ >> 17;
  key_ ^= key_ << 5;
  return key_;
}

} // namespace holdfast::bench
