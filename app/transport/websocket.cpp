#include "app/transport/websocket.hpp"

#include "app/transport/websocket_connection.hpp"
#include "app/transport/websocket_shard.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

namespace holdfast::transport {

websocket_connection::~websocket_connection() = default;

void websocket_connection::begin(int fd, const client_address& from, std::uint16_t port) {
  settled_ = false;
  opening_ = shard_->openings.take();
  opening_->begin(from, port, shard_->loop.now());
  if (!open_stream(shard_->loop, fd)) {
    settled_ = true;
    shard_->openings.give_back(std::move(opening_));
    shard_->loop.events().socket_settled(from);
    return;
  }
  loop().arm(*this, loop().config().handshake_timeout);
  set_intake(intake::on);
}

// ---- what the actors may ask

send_outcome websocket_connection::send(frame_opcode opcode, std::string_view payload) {
  return is_open() ? send_frame(opcode, payload, !is_control(opcode)) : send_outcome::gone;
}

send_outcome websocket_connection::send(const shared_frame& message) {
  return is_open() ? send_frame(message) : send_outcome::gone;
}

send_outcome websocket_connection::send_control(std::string_view text) {
  return is_open() ? send_frame(frame_opcode::text, text, false) : send_outcome::gone;
}

void websocket_connection::ping(std::uint64_t id) {
  char payload[sizeof id];
  for (auto at = sizeof id; at-- > 0; id >>= 8)
    payload[at] = static_cast<char>(id & 0xff);
  send(frame_opcode::ping, {payload, sizeof payload});
}

void websocket_connection::close(close_code code, std::string_view reason,
                                 close_patience patience) {
  if (!is_open())
    return;
  send_close_frame(code, reason);
  limit_closing(patience);
}

void websocket_connection::abort() {
  if (has_slot_)
    reset();
}

void websocket_connection::pause_reading() {
  if (is_open())
    set_intake(intake::off);
}

void websocket_connection::resume_reading() {
  if (is_open())
    set_intake(intake::on);
}

// ---- events of the loop

void websocket_connection::on_later() {
  if (stage_ == stage::closed)
    tell_end();
  else
    byte_stream::on_later();
}

void websocket_connection::on_deadline() {
  switch (stage_) {
  case stage::opening: give_up_opening(); break;
  case stage::open: break;
  case stage::closing:
    if (peer_done_ && flushed()) {
      finish(true);
    } else {
      note_cause(cause::close_timeout);
      reset();
    }
    break;
  case stage::closed: break;
  }
}

std::size_t websocket_connection::on_received(char* data, std::size_t size) {
  loop().events().bytes_came(loop().now());
  if (stage_ == stage::opening) {
    auto used = read_request({data, size});
    ::explicit_bzero(data, used); // it may have had a token, and the loop keeps this memory
    return used;
  }
  try {
    return read_frames(reinterpret_cast<std::uint8_t*>(data), size);
  } catch (const std::bad_alloc&) {
    // Handlers keep their exceptions to themselves: it was this peer's message.
    last().error = ENOMEM;
    reset();
    return size;
  }
}

void websocket_connection::on_stream_ended(int error) {
  if (stage_ == stage::closing && peer_done_ && flushed()) {
    finish(true);
    return;
  }
  // Who only stopped sending may still read what waits, as long as the deadline has it.
  if (error == 0 && stage_ == stage::closing && !flushed())
    return;
  if (has_slot_) {
    if (stage_ == stage::open)
      note_cause(cause::peer_vanished);
    last().vanished = true;
    last().error = error;
  }
  finish(false);
}

void websocket_connection::on_flushed() {
  switch (stage_) {
  case stage::opening:
    if (answered_)
      half_close();
    break;
  case stage::open: break;
  case stage::closing:
    if (stream_over()) {
      if (!peer_done_ && has_slot_)
        last().vanished = true;
      finish(true);
      break;
    }
    if (peer_done_) {
      part();
      break;
    }
    if (current_intake() == intake::discard)
      half_close();
    loop().arm(*this, last().answer_within);
    break;
  case stage::closed: break;
  }
}

// ---- the end

websocket_connection::last_words& websocket_connection::last() {
  if (!last_)
    last_ = std::make_unique<last_words>();
  return *last_;
}

void websocket_connection::note_cause(cause why) {
  if (last().why == cause::none)
    last().why = why;
}

void websocket_connection::reset() {
  reset_ = true;
  finish(false);
}

void websocket_connection::finish(bool clean) {
  if (stage_ == stage::closed)
    return;
  stage_ = stage::closed;
  settle();
  if (has_slot_) {
    auto& words = last();
    words.was_clean = clean && words.peer_closed && flushed();
    // Our close frame, the last of all bytes, is no loss to anyone.
    std::uint64_t written = flushed() ? close_frame_size_ : 0;
    std::uint64_t unwritten = flushed() ? 0 : close_frame_size_;
    words.unconfirmed = unconfirmed();
    words.unconfirmed -= std::min(words.unconfirmed, written);
    words.never_written = give_up();
    words.never_written.bytes -= std::min(words.never_written.bytes, unwritten);
    loop().later(*this);
  } else {
    give_up();
  }
  close_stream(reset_);
}

void websocket_connection::tell_end() {
  if (!has_slot_)
    return;
  has_slot_ = false;
  auto& words = last();
  auto text = words.error != 0 ? std::system_category().message(words.error) : std::string{};
  transport_end end;
  if (words.peer_closed)
    end.peer_code = words.peer_code;
  else if (words.vanished)
    end.peer_code = close_code::abnormal;
  end.peer_reason = words.peer_reason;
  end.clean = words.was_clean;
  end.why = words.why;
  end.error = text;
  end.never_written = words.never_written;
  end.unconfirmed_bytes = words.unconfirmed;
  end.discarded_in = words.discarded;
  loop().events().ended(slot_, end);
}

// ---- the shard's

websocket_factory::websocket_factory(event_loop& loop)
  : shard_{std::make_unique<websocket_shard>(loop)} {}

websocket_factory::~websocket_factory() = default;

void websocket_factory::adopt(int fd, const client_address& from, std::uint16_t port) {
  std::make_shared<websocket_connection>(*shard_)->begin(fd, from, port);
}

} // namespace holdfast::transport
