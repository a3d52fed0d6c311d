// websocketpp 0.8.2, configured for many connections on shards. Internal to websocket.cpp.
#pragma once

#include "app/transport/websocket_link.hpp"

#include <websocketpp/common/connection_hdl.hpp>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/connection.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/random/none.hpp>

#include <memory>
#include <optional>
#include <queue>
#include <vector>

namespace holdfast::transport {

/// Messages that came in pieces. They are done with as soon as they were handed on, so that a few
/// of them serve a whole shard.
template <class Message>
class message_pool {
public:
  using ptr = std::shared_ptr<message_pool>;
  using weak_ptr = std::weak_ptr<message_pool>;
  using message_ptr = std::shared_ptr<Message>;

  message_ptr get_message(websocketpp::frame::opcode::value opcode, std::size_t size) {
    if (spare_.empty())
      return std::make_shared<Message>(ptr{}, opcode, size);
    auto message = std::move(spare_.back());
    spare_.pop_back();
    message->get_raw_payload().reserve(size);
    message->set_opcode(opcode);
    return message;
  }

  /// The message was handed on. It serves others, unless it has grown large.
  void give_back(message_ptr used) {
    auto& payload = used->get_raw_payload();
    if (spare_.size() == most_spare || payload.capacity() > spare_capacity)
      return;
    payload.clear();
    spare_.push_back(std::move(used));
  }

  bool recycle(Message*) { return false; }

private:
  static constexpr std::size_t most_spare = 16;
  static constexpr std::size_t spare_capacity = 64 * 1024;

  std::vector<message_ptr> spare_;
};

using message = websocketpp::message_buffer::message<message_pool>;

struct websocket_config : websocketpp::config::core {
  /// Heads of requests and answers are not websocketpp's: it keeps what only the handshake
  /// needs, and accepts much that RFC 6455 does not.
  struct no_request {};
  struct no_response {};

  struct transport_type {
    using transport_con_type = websocket_link;
  };

  using type = websocket_config;
  using concurrency_type = websocketpp::concurrency::none; // one thread touches a connection
  using request_type = no_request;
  using response_type = no_response;
  using message_type = message;
  using con_msg_manager_type = message_pool<message>;
  using alog_type = websocketpp::log::stub;
  using elog_type = websocketpp::log::stub;
  using rng_type = websocketpp::random::none::int_generator<std::uint32_t>; // servers do not mask

  static const bool enable_multithreading = false;
  static const bool enable_extensions = false;
  static const std::size_t connection_read_buffer_size = 1; // the shard's buffer is used
};

using websocket = websocketpp::connection<websocket_config>;
using hybi13 = websocketpp::processor::hybi13<websocket_config>;

/// A parser is needed only while a message is incomplete. Connections between messages share
/// one; a connection whose read ends in mid-message keeps it, and another is made.
class parser final : public hybi13 {
public:
  using hybi13::hybi13;

  bool between_messages() const {
    return m_state == HEADER_BASIC && m_bytes_needed == websocketpp::frame::BASIC_HEADER_LENGTH
           && !m_data_msg.msg_ptr;
  }
};

/// How a connection is failed for what its parser found.
struct violation {
  close_code code;
  cause why;
};

inline violation violation_of(const std::error_code& found) {
  namespace error = websocketpp::processor::error;
  if (found == error::make_error_code(error::message_too_big))
    return {close_code::message_too_big, cause::too_big};
  if (found == error::make_error_code(error::invalid_utf8))
    return {close_code::invalid_payload, cause::bad_utf8};
  return {close_code::protocol_error, cause::protocol_violation};
}

/// What the peer's close frame says.
struct peer_close {
  websocketpp::close::status::value code = websocketpp::close::status::no_status;
  std::string reason;
  std::optional<violation> broken; ///< against RFC 6455 section 5.5.1 or 7.4
};

inline peer_close read_close(const std::string& payload) {
  peer_close read;
  if (payload.empty())
    return read;
  std::error_code failed;
  read.code = websocketpp::close::extract_code(payload, failed);
  read.reason = websocketpp::close::extract_reason(payload, failed);
  if (payload.size() < 2 || !valid_on_wire(read.code))
    read.broken = {close_code::protocol_error, cause::protocol_violation};
  else if (failed)
    read.broken = {close_code::invalid_payload, cause::bad_utf8};
  return read;
}

} // namespace holdfast::transport

/// websocketpp's own send queue is never used here, and an empty std::deque takes 592 bytes.
template <>
class std::queue<std::shared_ptr<holdfast::transport::message>> {
public:
  using value_type = std::shared_ptr<holdfast::transport::message>;

  bool empty() const { return messages_.empty(); }
  std::size_t size() const { return messages_.size(); }
  value_type& front() { return messages_.front(); }
  void push(value_type message) { messages_.push_back(std::move(message)); }
  void pop() { messages_.erase(messages_.begin()); }

private:
  std::vector<value_type> messages_;
};
