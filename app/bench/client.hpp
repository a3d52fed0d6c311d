// One WebSocket client of a run, and who hears of it.
#pragma once

#include "app/bench/frame.hpp"
#include "app/bench/tls.hpp"
#include "protocol/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::bench {

enum class client_state : std::uint8_t {
  unused,
  connecting,  ///< TCP
  securing,    ///< TLS
  handshaking, ///< the request is sent, or being sent
  open,
  closing, ///< one side has sent a close frame
  ended,   ///< no socket any more
};

/// A message that comes in several frames.
struct partial_message {
  bool begun = false;
  opcode op = opcode::continuation;
  std::string payload;
};

/// About 140 bytes, so that a process holds as many as it may open files. Its two strings stay
/// within themselves while only pings and pongs pass.
struct client {
  int fd = -1;
  std::uint32_t index = 0;
  client_state state = client_state::unused;
  bool leased = false;            ///< asked for holdfast.v1
  bool waits_for_room = false;    ///< EPOLLOUT is armed
  bool close_heard = false;       ///< a close frame came
  bool close_begun = false;       ///< we sent the first close frame
  std::uint16_t close_code = 0;   ///< of the server's close frame; 1005: it carried none
  std::uint32_t unsent_pongs = 0; ///< of those in `out`
  std::uint32_t piece = 0;        ///< bytes written at once at most, until `out` is empty; 0: any
  std::uint32_t blocked = 0;      ///< bytes of the write that TLS wants to see again
  time_point began{};             ///< to connect
  tls_session tls;                ///< none with ws
  std::unique_ptr<partial_message> partial;
  std::string in;  ///< the beginning of a frame or of the response
  std::string out; ///< what the socket did not take yet
};

/// What a mode does with its clients. Called from the one thread, never again for an ended client.
class traffic {
public:
  virtual ~traffic() = default;

  virtual void opened(client&, time_point) {}

  /// A whole text or binary message.
  virtual void received(client&, opcode, std::string_view, time_point) {}

  /// A ping; its pong is queued already.
  virtual void pinged(client&, time_point) {}

  virtual void ponged(client&, std::string_view) {}

  /// An open client's socket is gone. Clean if a close frame came before; `close_code` has it.
  virtual void ended(client&, time_point) {}

  /// The server's close frame came.
  virtual void close_received(client&, time_point) {}

  /// The moment has come that fleet::turn_at() was asked for, or is past.
  virtual void turn(time_point) {}
};

} // namespace holdfast::bench
