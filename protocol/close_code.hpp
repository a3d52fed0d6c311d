// Every WebSocket close code that Holdfast sends, in one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

/// Longest reason a close frame can carry: 125 bytes of control payload less the code (RFC 6455
/// sections 5.5 and 5.5.1).
inline constexpr std::size_t max_close_reason = 123;

/// Close codes. 4000 to 4499: the client may come back by itself. 4500 to 4999: it must not.
enum class close_code : std::uint16_t {
  none = 0, ///< no close frame was sent or received
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005, ///< the peer's close frame carried no code; never on the wire
  abnormal = 1006,  ///< the connection ended without a close frame; never on the wire
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  handler_crashed = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  heartbeat_lost = 4000,
  slow_consumer = 4002,
  token_expired = 4003,
  evicted = 4004,
  user_limit = 4500,
  unauthenticated = 4501,
  superseded = 4502,
  kicked = 4503,
  bad_control_message = 4504,
  idle = 4505,
};

/// What a client that receives a code should do.
enum class client_action : std::uint8_t {
  nothing,       ///< it closed the connection itself
  stop,          ///< do not come back by itself
  reconnect,     ///< come back, with jitter
  at_lease,      ///< come back at the reconnect lease, else after a random 5 to 30 s
  back_off_long, ///< come back, much later
  fetch_token,   ///< come back with a new token
};

struct close_code_info {
  close_code code;
  std::string_view name;   ///< snake_case: the label of logs and metrics
  std::string_view reason; ///< the text of our close frame, at most max_close_reason bytes
  client_action action;
};

/// The table's row for `code`; for a code that is not ours, a row named "other" with `stop`.
const close_code_info& info(close_code code);

/// The name in the table ("heartbeat_lost").
std::string_view to_string(close_code code);

std::string_view to_string(client_action action);

/// Whether a peer may put `code` on the wire (RFC 6455 section 7.4.1 and 7.4.2).
bool valid_on_wire(std::uint16_t code);

/// Throws std::invalid_argument for a code that may not be put on the wire.
void require_on_wire(close_code code);

/// `reason` cut to max_close_reason bytes, never inside a UTF-8 sequence.
std::string_view clip_reason(std::string_view reason);

} // namespace holdfast
