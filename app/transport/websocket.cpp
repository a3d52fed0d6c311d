#include "app/transport/websocket.hpp"

#include "app/transport/websocket_frames.hpp"

#include <algorithm>

namespace holdfast::transport {

using websocketpp::session::state::value;

websocket_link::connection& websocket_link::self() {
  return static_cast<connection&>(*this);
}

const websocket_link::connection& websocket_link::self() const {
  return static_cast<const connection&>(*this);
}

bool websocket_link::begin(websocket_shard& shard, int fd, const client_address& from,
                           std::uint16_t port) {
  shard_ = &shard;
  settled_ = false;
  opening_ = shard.openings.take();
  opening_->begin(from, port);
  if (!open_stream(shard.loop, fd)) {
    shard.openings.give_back(std::move(opening_));
    settled_ = true;
    shard.loop.events().socket_settled();
    return false;
  }
  self().start();
  return true;
}

bool websocket_link::verbs::is_open() const {
  return link_.has_slot_ && link_.self().get_state() == value::open;
}

send_outcome websocket_link::verbs::send(frame_opcode opcode, std::string_view payload) {
  return is_open() ? link_.send_frame(opcode, payload, !is_control(opcode)) : send_outcome::gone;
}

send_outcome websocket_link::verbs::send(const shared_frame& message) {
  return is_open() ? link_.send_frame(message) : send_outcome::gone;
}

void websocket_link::verbs::ping(std::uint64_t id) {
  char payload[sizeof id];
  for (auto at = sizeof id; at-- > 0; id >>= 8)
    payload[at] = static_cast<char>(id & 0xff);
  send(frame_opcode::ping, {payload, sizeof payload});
}

send_outcome websocket_link::verbs::send_control(std::string_view text) {
  return is_open() ? link_.send_frame(frame_opcode::text, text, false) : send_outcome::gone;
}

void websocket_link::verbs::close(close_code code, std::string_view reason,
                                  close_patience patience) {
  if (!is_open())
    return;
  std::error_code failed;
  link_.self().close(static_cast<websocketpp::close::status::value>(code), std::string{reason},
                     failed);
  link_.limit_closing(patience);
}

void websocket_link::verbs::abort() {
  if (link_.has_slot_)
    link_.reset();
}

void websocket_link::verbs::pause_reading() {
  if (is_open())
    link_.set_intake(intake::off);
}

void websocket_link::verbs::resume_reading() {
  if (is_open())
    link_.set_intake(intake::on);
}

void websocket_link::on_later() {
  if (self().get_state() == value::closed)
    tell_end();
  else
    byte_stream::on_later();
}

void websocket_link::on_deadline() {
  switch (self().get_state()) {
  case value::connecting: self().handle_open_handshake_timeout({}); break;
  case value::closing:
    if (peer_done_ && flushed())
      self().terminate({});
    else
      self().handle_close_handshake_timeout({});
    break;
  case value::open: break;
  case value::closed: break;
  }
}

std::size_t websocket_link::on_received(char* data, std::size_t size) {
  shard_->input = data;
  shard_->used = size;
  loop().events().bytes_came(loop().now());
  if (self().get_state() == value::connecting)
    self().handle_read_handshake({}, size);
  else
    self().handle_read_frame({}, size);
  return shard_->used;
}

std::uint8_t* websocket_link::take_whole_frames(std::uint8_t* from, std::uint8_t* end) {
  auto most = loop().config().max_message_size;
  while (from < end && current_intake() == intake::on) {
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

void websocket_link::take_frame(frame_opcode opcode, std::string_view payload) {
  if (self().get_state() != value::open) {
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
  case frame_opcode::close: break; // is the parser's
  }
}

void websocket_link::on_stream_ended(int error) {
  if (self().get_state() == value::closing && peer_done_ && flushed()) {
    self().terminate({});
    return;
  }
  if (has_slot_) {
    if (self().get_state() == value::open)
      note_cause(cause::peer_vanished);
    last().vanished = true;
    last().error = error;
  }
  std::error_code ended{error != 0 ? error : ECONNRESET, std::system_category()};
  if (self().get_state() == value::connecting)
    self().handle_read_handshake(ended, 0);
  else
    self().handle_read_frame(ended, 0);
}

void websocket_link::on_flushed() {
  switch (self().get_state()) {
  case value::connecting:
    if (answered_)
      half_close();
    break;
  case value::closing:
    if (peer_done_) {
      part();
      break;
    }
    if (current_intake() == intake::discard)
      half_close();
    loop().arm(*this, last().answer_within);
    break;
  case value::open: break;
  case value::closed: break;
  }
}

void websocket_link::settle() {
  if (settled_)
    return;
  settled_ = true;
  shard_->openings.give_back(std::move(opening_));
  loop().events().socket_settled();
}

void websocket_link::answer(const http_answer& answer) {
  answered_ = true;
  send_bytes(to_bytes(answer));
  settle();
  set_intake(intake::discard);
  loop().arm(*this, loop().config().close_timeout);
  if (flushed())
    on_flushed();
}

void websocket_link::refuse(const opening_verdict& verdict, bool head_only) {
  loop().events().refused(verdict.why);
  answer({verdict.status, verdict.detail, 0, head_only});
}

void websocket_link::limit_closing(close_patience patience) {
  last().answer_within = patience.answer;
  loop().arm(*this, flushed() ? patience.answer : patience.flush);
}

void websocket_link::limit_closing() {
  limit_closing({loop().config().close_timeout, loop().config().close_timeout});
}

void websocket_link::part() {
  half_close();
  set_intake(intake::discard);
  loop().arm(*this, loop().config().close_timeout);
}

void websocket_link::finish(bool clean) {
  settle();
  if (has_slot_) {
    auto& words = last();
    words.clean = clean;
    // Our close frame, the last of all bytes, is no loss to anyone.
    std::uint64_t written = flushed() ? close_frame_size_ : 0;
    std::uint64_t unwritten = flushed() ? 0 : close_frame_size_;
    words.unconfirmed = unconfirmed();
    words.unconfirmed -= std::min(words.unconfirmed, written);
    words.never_written = give_up();
    words.never_written.bytes -= std::min(words.never_written.bytes, unwritten);
    loop().later(*this);
  }
  close_stream(reset_);
}

void websocket_link::note_cause(cause why) {
  if (last().why == cause::none)
    last().why = why;
}

websocket_link::last_words& websocket_link::last() {
  if (!last_)
    last_ = std::make_unique<last_words>();
  return *last_;
}

void websocket_link::reset() {
  reset_ = true;
  self().terminate(websocketpp::error::make_error_code(websocketpp::error::general));
}

void websocket_link::tell_end() {
  if (!has_slot_)
    return;
  has_slot_ = false;
  auto& words = last();
  auto text = words.error != 0 ? std::system_category().message(words.error) : std::string{};
  transport_end end;
  if (words.peer_closed)
    end.peer_code = static_cast<close_code>(self().get_remote_close_code());
  else if (words.vanished)
    end.peer_code = close_code::abnormal;
  end.peer_reason = self().get_remote_close_reason();
  end.clean = words.clean;
  end.why = words.why;
  end.error = text;
  end.never_written = words.never_written;
  end.unconfirmed_bytes = words.unconfirmed;
  end.discarded_in = words.discarded;
  loop().events().ended(slot_, end);
}

websocket_factory::websocket_factory(event_loop& loop)
  : shard_{std::make_unique<websocket_shard>(loop)} {}

websocket_factory::~websocket_factory() = default;

void websocket_factory::adopt(int fd, const client_address& from, std::uint16_t port) {
  static const std::string no_name;
  auto made = std::make_shared<websocket>(true, no_name, shard_->log, shard_->log, shard_->random);
  made->begin(*shard_, fd, from, port);
}

} // namespace holdfast::transport
