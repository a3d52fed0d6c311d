// Frames and the closing handshake: members of websocketpp's connection and parser, specialised
// for our config. Internal to websocket.cpp.
#pragma once

#include "app/transport/websocket_opening.hpp"
#include "app/transport/whole_frame.hpp"

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
  m_current_msg->prepared_key
    = holdfast::transport::unmask(data, size, m_current_msg->prepared_key);
  auto& message = *m_current_msg->msg_ptr;
  message.get_raw_payload().append(reinterpret_cast<const char*>(data), size);
  if (message.get_opcode() == frame::opcode::text
      && !holdfast::transport::validate(m_current_msg->validator, data, size)) {
    ec = make_error_code(error::invalid_utf8);
    return 0;
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
  auto* const begin = reinterpret_cast<std::uint8_t*>(shard().input);
  auto* input = begin;
  auto* const end = begin + size;
  shard().used = size;
  auto wanted = [this] { return current_intake() == intake::on && !peer_done_; };
  while (input < end && wanted()) {
    if (!m_processor) {
      input = take_whole_frames(input, end);
      if (input == end || !wanted())
        break;
    }
    auto reader = shard().take_parser(std::move(m_processor));
    lib::error_code broken;
    input += reader->consume(input, static_cast<std::size_t>(end - input), broken);
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
    auto message = reader->ready() ? reader->get_message() : message_ptr{};
    m_processor = shard().give_parser(std::move(reader));
    if (!message)
      continue; // of a longer one; all bytes are used
    if (message->get_opcode() == frame::opcode::close)
      process_control_frame(message);
    else
      take_frame(static_cast<holdfast::frame_opcode>(message->get_opcode()),
                 message->get_payload());
    shard().messages->give_back(std::move(message));
  }
  if (current_intake() == intake::off)
    shard().used = static_cast<std::size_t>(input - begin);
}

/// The peer's close frame. Others never come this way.
template <>
inline void holdfast_connection::process_control_frame(message_ptr message) {
  using holdfast::cause;
  peer_done_ = true;
  auto said = holdfast::transport::read_close(message->get_payload());
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
    part();
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
