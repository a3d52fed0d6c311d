// The frames of a connection, and its closing handshake.
#include "app/transport/utf8.hpp"
#include "app/transport/websocket_connection.hpp"
#include "app/transport/websocket_shard.hpp"
#include "app/transport/whole_frame.hpp"

namespace holdfast::transport {

std::size_t websocket_connection::read_frames(std::uint8_t* data, std::size_t size) {
  auto* at = data;
  auto* end = data + size;
  while (at < end && wants_frames()) {
    if (!reader_)
      at = read_whole_frames(at, end);
    if (at < end && wants_frames())
      at = read_piece(at, end);
  }
  return current_intake() == intake::off ? static_cast<std::size_t>(at - data) : size;
}

/// Reads what needs no reader, because it is complete, unfragmented and correct.
std::uint8_t* websocket_connection::read_whole_frames(std::uint8_t* from, std::uint8_t* end) {
  auto most = loop().config().max_message_size;
  while (from < end && wants_frames()) {
    auto frame = peek_whole_frame(from, static_cast<std::size_t>(end - from), most);
    if (!frame)
      break;
    auto payload = open_payload(*frame);
    if (frame->opcode == frame_opcode::text && !is_utf8(payload)) {
      open_payload(*frame);
      break;
    }
    from += frame->size;
    take_frame(frame->opcode, payload);
  }
  return from;
}

/// Reads up to the end of one message or control frame.
std::uint8_t* websocket_connection::read_piece(std::uint8_t* from, std::uint8_t* end) {
  auto reader = shard_->take_reader(std::move(reader_));
  std::optional<violation> broken;
  from += reader->consume(from, static_cast<std::size_t>(end - from), broken);
  if (broken) {
    fail(*broken);
    return end;
  }
  if (reader->ready()) {
    if (reader->opcode() == frame_opcode::close)
      take_close(reader->payload());
    else
      take_frame(reader->opcode(), reader->payload());
    reader->done();
  }
  reader_ = shard_->give_reader(std::move(reader));
  return from;
}

/// A message, a ping or a pong.
void websocket_connection::take_frame(frame_opcode opcode, std::string_view payload) {
  if (stage_ != stage::open) {
    if (!is_control(opcode))
      ++last().discarded;
    return;
  }
  switch (opcode) {
  case frame_opcode::text:
  case frame_opcode::binary: loop().events().message(slot_, opcode, payload); break;
  case frame_opcode::ping:
    // RFC 6455 section 5.5.3 allows fewer pongs than pings, so that it does not matter when the
    // queue has no room for one more.
    send_frame(frame_opcode::pong, payload, false);
    loop().events().ping(slot_);
    break;
  case frame_opcode::pong: loop().events().pong(slot_, payload); break;
  case frame_opcode::close: break; // has a way of its own
  }
}

void websocket_connection::take_close(std::string_view payload) {
  peer_done_ = true;
  auto said = read_close(payload);
  if (!said.broken) {
    last().peer_closed = true;
    last().peer_code = said.code;
    last().peer_reason = std::move(said.reason);
  }
  if (stage_ == stage::open) {
    note_cause(said.broken ? said.broken->why : cause::peer_closed);
    begin_close(said.broken ? said.broken->code : said.code);
  } else if (flushed()) {
    part();
  }
}

/// No frame can be told from the next any more. All that comes is discarded, or else our close
/// frame would be lost to a reset.
void websocket_connection::fail(violation found) {
  set_intake(intake::discard);
  if (stage_ == stage::open) {
    note_cause(found.why);
    begin_close(found.code);
  } else if (flushed()) {
    half_close();
  }
}

void websocket_connection::begin_close(close_code code) {
  // First the stage, so that nothing is sent by whoever hears of it.
  stage_ = stage::closing;
  loop().events().closing(slot_, code, last().why);
  if (stage_ != stage::closing)
    return;
  send_close_frame(code, peer_done_ ? std::string_view{} : info(code).reason);
  limit_closing();
}

void websocket_connection::send_close_frame(close_code code, std::string_view reason) {
  stage_ = stage::closing;
  std::string payload;
  if (code != close_code::no_status) {
    auto number = static_cast<std::uint16_t>(code);
    payload = {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
    payload.append(clip_reason(reason));
  }
  close_frame_size_ = static_cast<std::uint8_t>(frame_header_size(payload.size()) + payload.size());
  send_frame(frame_opcode::close, payload, false);
  if (current_intake() == intake::off)
    set_intake(intake::on);
}

void websocket_connection::limit_closing(close_patience patience) {
  last().answer_within = patience.answer;
  loop().arm(*this, flushed() ? patience.answer : patience.flush);
}

void websocket_connection::limit_closing() {
  limit_closing({loop().config().close_timeout, loop().config().close_timeout});
}

void websocket_connection::part() {
  if (unconfirmed() <= close_frame_size_) {
    finish(true);
    return;
  }
  half_close();
  set_intake(intake::discard);
  loop().arm(*this, loop().config().close_timeout);
}

} // namespace holdfast::transport
