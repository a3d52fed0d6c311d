// Frames and the closing handshake: members of websocketpp's connection and parser, specialised
// for our config. Internal to websocket.cpp.
#pragma once

#include "app/transport/fast_payload.hpp"
#include "app/transport/websocket_opening.hpp"

namespace websocketpp {

namespace processor {

using holdfast_parser = hybi13<holdfast::transport::websocket_config>;

// Virtual members that the library calls for a client, or for an opening handshake of its own.

template <>
inline holdfast_parser::err_str_pair holdfast_parser::negotiate_extensions(const request_type&) {
  return {};
}

template <>
inline holdfast_parser::err_str_pair holdfast_parser::negotiate_extensions(const response_type&) {
  return {};
}

template <>
inline lib::error_code holdfast_parser::validate_handshake(const request_type&) const {
  return {};
}

template <>
inline lib::error_code holdfast_parser::process_handshake(const request_type&, const std::string&,
                                                          response_type&) const {
  return {};
}

template <>
inline lib::error_code
holdfast_parser::client_handshake_request(request_type&, uri_ptr,
                                          const std::vector<std::string>&) const {
  return {};
}

template <>
inline lib::error_code holdfast_parser::validate_server_handshake_response(const request_type&,
                                                                           response_type&) const {
  return {};
}

template <>
inline std::string holdfast_parser::get_raw(const response_type&) const {
  return {};
}

template <>
inline const std::string& holdfast_parser::get_origin(const request_type&) const {
  static const std::string none;
  return none;
}

template <>
inline lib::error_code holdfast_parser::extract_subprotocols(const request_type&,
                                                             std::vector<std::string>&) {
  return {};
}

template <>
inline uri_ptr holdfast_parser::get_uri(const request_type&) const {
  return {};
}

/// As the library's, without its two passes byte by byte.
template <>
inline std::size_t holdfast_parser::process_payload_bytes(std::uint8_t* data, std::size_t size,
                                                          lib::error_code& ec) {
  using holdfast::transport::ascii_prefix;
  m_current_msg->prepared_key
    = holdfast::transport::unmask(data, size, m_current_msg->prepared_key);
  auto& message = *m_current_msg->msg_ptr;
  message.get_raw_payload().append(reinterpret_cast<const char*>(data), size);
  if (message.get_opcode() == frame::opcode::text) {
    auto& validator = m_current_msg->validator;
    for (std::size_t at = 0; at < size; ++at) {
      if (validator.complete())
        at += ascii_prefix(data + at, size - at);
      if (at < size && !validator.consume(data[at])) {
        ec = make_error_code(error::invalid_utf8);
        return 0;
      }
    }
  }
  m_bytes_needed -= size;
  return size;
}

/// The library looks at the last fragment's opcode, which is never text, and so lets a message
/// end in the middle of a character.
template <>
inline lib::error_code holdfast_parser::finalize_message() {
  if (m_current_msg->msg_ptr->get_opcode() == frame::opcode::text
      && !m_current_msg->validator.complete())
    return make_error_code(error::invalid_utf8);
  m_state = READY;
  return {};
}

} // namespace processor

template <>
void holdfast_connection::process_control_frame(message_ptr message);
template <>
lib::error_code holdfast_connection::send_close_ack(close::status::value code,
                                                    const std::string& reason);
template <>
void holdfast_connection::handle_close_handshake_timeout(const lib::error_code& ec);
template <>
void holdfast_connection::handle_read_frame(const lib::error_code& ec, std::size_t size);

template <>
inline void holdfast_connection::handle_read_frame(const lib::error_code& ec, std::size_t size) {
  if (ec) {
    terminate(ec);
    return;
  }
  auto* input = reinterpret_cast<std::uint8_t*>(shard().input);
  shard().used = size;
  auto reader = shard().take_parser(std::move(m_processor));
  std::size_t at = 0;
  while (at < size && current_intake() == intake::on && !peer_done_) {
    lib::error_code broken;
    at += reader->consume(input + at, size - at, broken);
    if (broken) {
      // No frame can be told from the next any more. All that comes is discarded, or else our
      // close frame would be lost to a reset.
      set_intake(intake::discard);
      auto found = holdfast::transport::violation_of(broken);
      if (m_state == session::state::open) {
        note_cause(found.why);
        send_close_ack(static_cast<close::status::value>(found.code), {});
      } else if (flushed()) {
        half_close();
      }
      return;
    }
    if (!reader->ready())
      break;
    auto message = reader->get_message();
    if (frame::opcode::is_control(message->get_opcode()))
      process_control_frame(std::move(message));
    else if (m_state == session::state::open)
      loop().events().message(slot_, static_cast<holdfast::frame_opcode>(message->get_opcode()),
                              message->get_payload());
    else
      ++last().discarded;
  }
  if (current_intake() == intake::off)
    shard().used = at;
  m_processor = shard().give_parser(std::move(reader));
}

template <>
inline void holdfast_connection::process_control_frame(message_ptr message) {
  using holdfast::cause;
  const auto& payload = message->get_payload();
  auto opcode = message->get_opcode();
  if (opcode != frame::opcode::close) {
    if (m_state != session::state::open)
      return; // by now only the peer's close frame matters
    if (opcode == frame::opcode::pong) {
      loop().events().pong(slot_, payload);
      return;
    }
    // RFC 6455 section 5.5.3 allows fewer pongs than pings, so that it does not matter when the
    // queue has no room for one more.
    send_frame(holdfast::frame_opcode::pong, payload, false);
    loop().events().ping(slot_);
    return;
  }
  peer_done_ = true;
  auto said = holdfast::transport::read_close(payload);
  if (!said.broken) {
    m_remote_close_code = said.code;
    m_remote_close_reason = std::move(said.reason);
    m_was_clean = last().peer_closed = true;
  }
  if (m_state == session::state::open) {
    note_cause(said.broken ? said.broken->why : cause::peer_closed);
    send_close_ack(said.broken ? static_cast<close::status::value>(said.broken->code) : said.code,
                   {});
  } else if (flushed()) {
    terminate({});
  }
}

/// An end that the transport begins, for the cause that was noted: a violation, or the answer to
/// the peer's close frame.
template <>
inline lib::error_code holdfast_connection::send_close_ack(close::status::value code,
                                                           const std::string&) {
  // First the state, so that nothing is sent by whoever hears of it.
  m_state = session::state::closing;
  auto told = static_cast<holdfast::close_code>(code);
  loop().events().closing(slot_, told, last().why);
  if (m_state != session::state::closing)
    return {};
  auto reason = peer_done_ ? std::string_view{} : holdfast::info(told).reason;
  send_close_frame(code == close::status::no_status ? close::status::blank : code,
                   std::string{reason}, true, true);
  limit_closing();
  return {};
}

/// With code `blank` the frame carries none.
template <>
inline lib::error_code holdfast_connection::send_close_frame(close::status::value code,
                                                             const std::string& reason, bool,
                                                             bool) {
  m_state = session::state::closing;
  std::string payload;
  if (code != close::status::blank) {
    payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload.append(holdfast::clip_reason(reason));
  }
  close_frame_size_
    = static_cast<std::uint8_t>(holdfast::frame_header_size(payload.size()) + payload.size());
  send_frame(holdfast::frame_opcode::close, payload, false);
  if (current_intake() == intake::off)
    set_intake(intake::on);
  return {};
}

template <>
inline void holdfast_connection::handle_close_handshake_timeout(const lib::error_code&) {
  note_cause(holdfast::cause::close_timeout);
  reset_ = true;
  terminate(make_error_code(error::close_handshake_timeout));
}

/// Without an error after a closing handshake.
template <>
inline void holdfast_connection::terminate(const lib::error_code& ec) {
  if (m_state == session::state::closed)
    return;
  m_state = session::state::closed;
  finish(!ec && m_was_clean && flushed());
}

} // namespace websocketpp
