// Frames that come in pieces, messages that come in fragments, and frames that break a rule.
#pragma once

#include "protocol/close_code.hpp"
#include "protocol/lifecycle.hpp"
#include "protocol/shared_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::transport {

/// How a connection is failed for what its peer sent.
struct violation {
  close_code code;
  cause why;
};

/// The parser of websocketpp (RFC 6455, version 13, no extension), which is needed only while a
/// frame or a message is incomplete: connections in between share one.
class frame_reader {
public:
  /// In bytes, all fragments of a message together.
  explicit frame_reader(std::size_t max_message_size);
  ~frame_reader();

  /// Reads `data`, unmasking it in place, up to the end of a message or a control frame. Returns
  /// how many bytes were used, all of them unless ready() or `broken`. After a violation the
  /// reader is of no more use.
  std::size_t consume(std::uint8_t* data, std::size_t size, std::optional<violation>& broken);

  /// A message or a control frame is complete.
  bool ready() const;

  /// The same; its payload holds until done().
  frame_opcode opcode() const;
  std::string_view payload() const;

  /// It was dealt with: on to the next.
  void done();

  /// Nothing is incomplete, and any connection may have the reader.
  bool between_messages() const;

private:
  struct parts;

  std::unique_ptr<parts> parts_;
};

/// What the peer's close frame says.
struct peer_close {
  close_code code = close_code::no_status;
  std::string reason;
  std::optional<violation> broken; ///< against RFC 6455 section 5.5.1 or 7.4
};

peer_close read_close(std::string_view payload);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2, item 5.4).
std::string accept_of(std::string_view key);

} // namespace holdfast::transport
