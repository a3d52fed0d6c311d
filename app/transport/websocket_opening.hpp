// The opening handshake: members of websocketpp::connection, specialised for our config (which
// the language allows, and which reaches private members). Internal to websocket.cpp.
//
// The library answers a missing version with 500, does not look at keys, and reads no header
// strictly; so the request is read and judged by opening.hpp.
#pragma once

#include "app/transport/websocket_shard.hpp"

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>

namespace websocketpp {

using holdfast_connection = connection<holdfast::transport::websocket_config>;

// Declared before use, because none may be instantiated before it is specialised.
template <>
void holdfast_connection::handle_transport_init(const lib::error_code& ec);
template <>
void holdfast_connection::read_handshake(std::size_t);
template <>
void holdfast_connection::handle_read_handshake(const lib::error_code& ec, std::size_t size);
template <>
void holdfast_connection::write_http_response(const lib::error_code& ec);
template <>
void holdfast_connection::handle_open_handshake_timeout(const lib::error_code& ec);
template <>
lib::error_code holdfast_connection::send_close_frame(close::status::value code,
                                                      const std::string& reason, bool ack,
                                                      bool terminal);
template <>
void holdfast_connection::terminate(const lib::error_code& ec);

/// Writes do not go this way: see outbound.
template <>
inline void holdfast_connection::handle_write_frame(const lib::error_code&) {}

template <>
inline void holdfast_connection::handle_transport_init(const lib::error_code&) {
  m_internal_state = session::internal_state::READ_HTTP_REQUEST;
  // Two allocations for reads and writes that never go this way.
  m_handle_read_frame = nullptr;
  m_write_frame_handler = nullptr;
  m_msg_manager = shard().messages;
  read_handshake(1);
}

template <>
inline void holdfast_connection::read_handshake(std::size_t) {
  loop().arm(*this, loop().config().handshake_timeout);
  set_intake(intake::on);
}

template <>
inline void holdfast_connection::handle_read_handshake(const lib::error_code& ec,
                                                       std::size_t size) {
  using holdfast::transport::http_request;
  using holdfast::transport::opening_verdict;
  if (ec) {
    terminate(ec);
    return;
  }
  auto& config = loop().config();
  auto& request = opening_->request();
  auto progress
    = request.read({shard().input, size}, {config.header_size, config.uri_size}, shard().used);
  if (progress == http_request::progress::incomplete)
    return;
  m_internal_state = session::internal_state::PROCESS_HTTP_REQUEST;
  auto failed = holdfast::transport::judge(progress);
  auto verdict = failed ? *failed : holdfast::transport::judge(request);
  if (verdict.why == holdfast::refusal::upgrade_required && !loop().events().serves(request.path()))
    verdict = {opening_verdict::action::refuse, 404, holdfast::refusal::not_found, {}};
  bool head_only = !failed && request.method() == "HEAD";
  switch (verdict.what) {
  case opening_verdict::action::upgrade: write_http_response({}); return;
  case opening_verdict::action::refuse: refuse(verdict, head_only); return;
  case opening_verdict::action::health: {
    bool ready = loop().events().ready();
    answer({ready ? 200u : 503u, ready ? "ok" : "draining", 0, head_only});
    return;
  }
  }
}

/// Asks the shard, and answers the request to upgrade.
template <>
inline void holdfast_connection::write_http_response(const lib::error_code&) {
  auto reply = loop().events().handshake(*opening_, verbs_);
  if (m_state != session::state::connecting)
    return;
  if (reply.status != 101) {
    answer({reply.status, {}, reply.retry_after_s, false});
    return;
  }
  std::string key{opening_->request().header("Sec-WebSocket-Key")};
  key.append(processor::constants::handshake_guid);
  unsigned char digest[20];
  sha1::calc(key.data(), key.size(), digest);
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
  text.append(base64_encode(digest, sizeof digest));
  if (!reply.subprotocol.empty())
    text.append("\r\nSec-WebSocket-Protocol: ").append(reply.subprotocol);
  send_bytes(text.append("\r\n\r\n"));
  shard().openings.give_back(std::move(opening_));
  disarm();
  m_internal_state = session::internal_state::PROCESS_CONNECTION;
  m_state = session::state::open;
  settle();
  if (reply.close != holdfast::close_code::none) {
    auto& row = holdfast::info(reply.close);
    send_close_frame(static_cast<close::status::value>(reply.close), std::string{row.reason}, false,
                     false);
    limit_closing();
    return;
  }
  slot_ = reply.slot;
  has_slot_ = true;
  set_intake(intake::off);
  loop().events().established(slot_);
}

template <>
inline void holdfast_connection::handle_open_handshake_timeout(const lib::error_code&) {
  using holdfast::refusal;
  if (answered_) {
    reset_ = !flushed();
    terminate(make_error_code(error::open_handshake_timeout));
    return;
  }
  if (!opening_->request().empty()) {
    refuse({holdfast::transport::opening_verdict::action::refuse,
            holdfast::info(refusal::handshake_timeout).http_status, refusal::handshake_timeout,
            "the request took too long"},
           false);
    return;
  }
  loop().events().refused(refusal::handshake_timeout);
  terminate(make_error_code(error::open_handshake_timeout));
}

} // namespace websocketpp
