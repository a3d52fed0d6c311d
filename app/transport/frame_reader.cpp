// What Holdfast uses of websocketpp 0.8.2: the frame parser, close codes, SHA-1 and base64, and in
// utf8.hpp the validator. Its connection is left out: it is 940 bytes larger than ours, for
// handlers and strings that would never be used, and all that it does would have to be mended.
#include "app/transport/frame_reader.hpp"

#include "app/transport/utf8.hpp"
#include "app/transport/whole_frame.hpp"

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/random/none.hpp>
#include <websocketpp/sha1/sha1.hpp>

namespace holdfast::transport {

namespace {

/// One message serves after the other, because a reader has its own.
template <class Message>
class message_source {
public:
  using ptr = std::shared_ptr<message_source>;
  using weak_ptr = std::weak_ptr<message_source>;
  using message_ptr = std::shared_ptr<Message>;

  message_ptr get_message(websocketpp::frame::opcode::value opcode, std::size_t size) {
    if (!spare_)
      return std::make_shared<Message>(ptr{}, opcode, size);
    spare_->get_raw_payload().reserve(size);
    spare_->set_opcode(opcode);
    return std::move(spare_);
  }

  /// Keeps it, unless it has grown large.
  void give_back(message_ptr used) {
    auto& payload = used->get_raw_payload();
    if (payload.capacity() > spare_capacity)
      return;
    payload.clear();
    spare_ = std::move(used);
  }

  bool recycle(Message*) { return false; }

private:
  static constexpr std::size_t spare_capacity = 64 * 1024;

  message_ptr spare_;
};

/// As small as the parser lets it be.
struct parser_config : websocketpp::config::core {
  struct no_request {};
  struct no_response {};

  using type = parser_config;
  using request_type = no_request;
  using response_type = no_response;
  using message_type = websocketpp::message_buffer::message<message_source>;
  using con_msg_manager_type = message_source<message_type>;
  using alog_type = websocketpp::log::stub;
  using elog_type = websocketpp::log::stub;
  using rng_type = websocketpp::random::none::int_generator<std::uint32_t>; // servers do not mask

  static const bool enable_extensions = false;
};

using hybi13 = websocketpp::processor::hybi13<parser_config>;
using message_ptr = parser_config::con_msg_manager_type::message_ptr;

violation violation_of(const std::error_code& found) {
  namespace error = websocketpp::processor::error;
  if (found == error::make_error_code(error::message_too_big))
    return {close_code::message_too_big, cause::too_big};
  if (found == error::make_error_code(error::invalid_utf8))
    return {close_code::invalid_payload, cause::bad_utf8};
  return {close_code::protocol_error, cause::protocol_violation};
}

} // namespace

} // namespace holdfast::transport

// Members of the parser, specialised for our config, which the language allows and which reaches
// private members.
namespace websocketpp::processor {

using holdfast_parser = hybi13<holdfast::transport::parser_config>;

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

/// The library adds a fragment's length to what it has, and that sum is small again when the
/// length is near 2^64: any amount would follow.
template <>
inline lib::error_code
holdfast_parser::validate_incoming_extended_header(frame::basic_header basic,
                                                   frame::extended_header extended) const {
  auto size = frame::get_payload_size(basic, extended);
  auto form = frame::get_basic_size(basic);
  bool too_short = (form == frame::payload_size_code_16bit && size < 0x7e)
                   || (form == frame::payload_size_code_64bit && size < 0x10000);
  if (too_short || size >> 63 != 0)
    return make_error_code(error::non_minimal_encoding);
  if (size > m_max_message_size && !frame::opcode::is_control(frame::get_opcode(basic)))
    return make_error_code(error::message_too_big);
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

} // namespace websocketpp::processor

namespace holdfast::transport {

struct frame_reader::parts {
  class parser final : public hybi13 {
  public:
    using hybi13::hybi13;

    bool between_messages() const {
      return m_state == HEADER_BASIC && m_bytes_needed == websocketpp::frame::BASIC_HEADER_LENGTH
             && !m_data_msg.msg_ptr;
    }
  };

  explicit parts(std::size_t max_message_size) : reads{false, true, messages, random} {
    reads.set_max_message_size(max_message_size);
  }

  parser_config::con_msg_manager_type::ptr messages
    = std::make_shared<parser_config::con_msg_manager_type>();
  parser_config::rng_type random;
  parser reads;
  message_ptr complete;
};

frame_reader::frame_reader(std::size_t max_message_size)
  : parts_{std::make_unique<parts>(max_message_size)} {}

frame_reader::~frame_reader() = default;

std::size_t frame_reader::consume(std::uint8_t* data, std::size_t size,
                                  std::optional<violation>& broken) {
  std::error_code found;
  auto used = parts_->reads.consume(data, size, found);
  if (found)
    broken = violation_of(found);
  else if (parts_->reads.ready())
    parts_->complete = parts_->reads.get_message();
  return used;
}

bool frame_reader::ready() const {
  return parts_->complete != nullptr;
}

frame_opcode frame_reader::opcode() const {
  return static_cast<frame_opcode>(parts_->complete->get_opcode());
}

std::string_view frame_reader::payload() const {
  return parts_->complete->get_payload();
}

void frame_reader::done() {
  parts_->messages->give_back(std::move(parts_->complete));
}

bool frame_reader::between_messages() const {
  return parts_->reads.between_messages() && !parts_->complete;
}

peer_close read_close(std::string_view payload) {
  peer_close read;
  if (payload.empty())
    return read;
  std::string bytes{payload};
  std::error_code failed;
  read.code = static_cast<close_code>(websocketpp::close::extract_code(bytes, failed));
  read.reason = websocketpp::close::extract_reason(bytes, failed);
  if (bytes.size() < 2 || !valid_on_wire(static_cast<std::uint16_t>(read.code)))
    read.broken = {close_code::protocol_error, cause::protocol_violation};
  else if (failed)
    read.broken = {close_code::invalid_payload, cause::bad_utf8};
  return read;
}

std::string accept_of(std::string_view key) {
  std::string text{key};
  text.append(websocketpp::processor::constants::handshake_guid);
  unsigned char digest[20];
  websocketpp::sha1::calc(text.data(), text.size(), digest);
  return websocketpp::base64_encode(digest, sizeof digest);
}

} // namespace holdfast::transport
