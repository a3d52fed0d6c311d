// The seam to sockets: what the actors may ask of a transport, and what a transport tells them.
//
// Everything here happens on the thread of one shard. A transport never calls up from inside a
// verb that it was asked: what a verb causes is told later, from the shard's event loop.
#pragma once

#include "protocol/close_code.hpp"
#include "protocol/gate.hpp"
#include "protocol/ids.hpp"
#include "protocol/lifecycle.hpp"
#include "protocol/shared_frame.hpp"
#include "protocol/time.hpp"

#include <string>
#include <string_view>

namespace holdfast {

/// What became of a frame that was to be sent.
enum class send_outcome : std::uint8_t {
  taken,    ///< by the socket, or by the queue in front of it
  dropped,  ///< by the queue's policy: this frame or an older one
  overflow, ///< the queue is full and its policy is to close
  gone,     ///< the connection is closing or broken; nothing was sent
};

/// How long a closing handshake may take.
struct close_patience {
  duration flush{};  ///< until everything that is queued has left, the close frame included
  duration answer{}; ///< from then on, until the peer's close frame
};

/// What a transport knows of a connection's outbound side.
struct outbound_state {
  std::size_t queued_bytes = 0; ///< every byte that the socket has not taken yet
  std::size_t queued_messages = 0;
  std::uint64_t dropped_messages = 0;
};

/// One socket after its handshake. Used by its connection's actor; its shard's heartbeat pings.
class transport_connection {
public:
  /// Sends a text or binary message as one frame.
  virtual send_outcome send(frame_opcode opcode, std::string_view payload) = 0;

  /// Sends a message that was encoded before, without copying it.
  virtual send_outcome send(const shared_frame& message) = 0;

  /// Sends a text frame of the protocol's own: no message in any count, and never dropped by the
  /// queue's policy.
  virtual send_outcome send_control(std::string_view text) = 0;

  /// Sends a ping whose payload is `id`, 8 bytes in network order.
  virtual void ping(std::uint64_t id) = 0;

  /// Flushes what is queued, sends a close frame, waits for the peer's. When one of the two takes
  /// longer than `patience` has it, the TCP connection is aborted. Inbound messages are discarded
  /// (and counted) from now on. A second call does nothing.
  virtual void close(close_code code, std::string_view reason, close_patience patience) = 0;

  /// Resets the TCP connection; what is queued is lost and counted.
  virtual void abort() = 0;

  /// Stops and resumes reading. Pongs and close frames are not seen meanwhile either.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  virtual outbound_state outbound() const = 0;

  /// Gathers what is sent until uncork(), to write it in one go. In pairs, for one connection of a
  /// shard at a time. A transport need not gather.
  virtual void cork() {}
  virtual void uncork() {}

protected:
  ~transport_connection() = default;
};

/// Corks a connection, if there is one, as long as it is in scope.
class corked {
public:
  explicit corked(transport_connection* socket) : socket_{socket} {
    if (socket_)
      socket_->cork();
  }

  ~corked() {
    if (socket_)
      socket_->uncork();
  }

  corked(const corked&) = delete;
  corked& operator=(const corked&) = delete;

private:
  transport_connection* socket_;
};

/// A request to upgrade that is well formed (RFC 6455 section 4.2.1). Views hold during the call.
class handshake_request {
public:
  virtual std::string_view path() const = 0;  ///< without the query, not percent-decoded
  virtual std::string_view query() const = 0; ///< without the question mark
  /// Empty when absent; the values of several fields of this name, joined by commas.
  virtual std::string_view header(std::string_view name) const = 0;
  virtual std::size_t count(std::string_view name) const = 0; ///< fields of this name
  virtual const client_address& address() const = 0;          ///< of the socket's other end
  virtual std::string_view address_text() const = 0;          ///< "203.0.113.9:51234"

  /// When its socket was accepted, for what is measured; the clock's zero where nobody knows.
  virtual time_point accepted_at() const { return {}; }

protected:
  ~handshake_request() = default;
};

/// The answer to a handshake. With status 101 and a close code the connection is upgraded and
/// closed at once, because browsers can read a close code but not a status.
struct handshake_reply {
  unsigned status = 101;
  close_code close = close_code::none;
  std::string subprotocol;    ///< chosen from the client's offer; empty for none
  unsigned retry_after_s = 0; ///< Retry-After of a refusal, in seconds; 0 for none
  slot_index slot = 0;        ///< of the accepted connection; unused in a refusal
};

/// How a connection's socket ended.
struct transport_end {
  close_code peer_code = close_code::none; ///< of the peer's close frame; no_status if it had none
  std::string_view peer_reason;
  bool clean = false;      ///< both close frames were exchanged
  cause why = cause::none; ///< what the transport found wrong, if it began the end
  std::string_view error;  ///< of the system, when there was one
  traffic never_written;
  std::uint64_t unconfirmed_bytes = 0; ///< still in the kernel's send buffer
  std::uint64_t discarded_in = 0;      ///< messages that arrived after the close began
};

/// What a loop has seen of itself. Measured once for each of its ticks.
struct loop_figures {
  duration late{};              ///< this tick, behind its time
  std::size_t queued_bytes = 0; ///< on all its connections, that their sockets have not taken
};

/// What a transport tells its shard.
class transport_events {
public:
  /// A socket was accepted: whether to go on with it. Every `true` is answered by one
  /// socket_settled() with the same address when its handshake is over, however it ended.
  virtual bool socket_accepted(const client_address& from) = 0;
  virtual void socket_settled(const client_address& from) = 0;

  /// A request to upgrade. When the reply is 101 without a close code, `connection` lives until
  /// ended(slot), and established(slot) follows as soon as the 101 is on its way. It begins with
  /// reading paused: what the peer sends before resume_reading() waits.
  virtual handshake_reply handshake(const handshake_request& request,
                                    transport_connection& connection)
    = 0;
  virtual void established(slot_index slot) = 0;

  /// A request that the transport refused before it could reach handshake().
  virtual void refused(refusal why) = 0;

  /// Whether there is a route of this path: a plain GET of it is answered 426, of others 404.
  virtual bool serves(std::string_view path) const = 0;

  /// Whether `GET /healthz` is to be answered 200 rather than 503.
  virtual bool ready() const = 0;

  /// What is told next was read at this time, all at once: so that the clock is asked once for
  /// however many messages came together.
  virtual void bytes_came(time_point) {}

  /// Frames of the peer, in order. A ping has been answered already.
  virtual void message(slot_index slot, frame_opcode opcode, std::string_view payload) = 0;
  virtual void ping(slot_index slot) = 0;
  virtual void pong(slot_index slot, std::string_view payload) = 0;

  /// The transport began a close of its own: a violation, or the peer's close frame.
  virtual void closing(slot_index slot, close_code code, cause why) = 0;

  /// The socket is gone; `connection` is destroyed when this returns. Once for each connection.
  virtual void ended(slot_index slot, const transport_end& end) = 0;

  /// Told just before each tick.
  virtual void measured(const loop_figures&) {}

  /// The loop's pulse, every few milliseconds; `now` was read after the sockets that were ready.
  virtual void tick(time_point now) = 0;

  /// A batch of events is over: time to send what was gathered for other threads.
  virtual void turn_ended() = 0;

protected:
  ~transport_events() = default;
};

/// The listening side of a shard.
class transport_listener {
public:
  /// Accepts what the kernel has queued, then closes the listening sockets. Handshakes in
  /// progress go on and are refused by the gate.
  virtual void stop_accepting() = 0;

  /// Listens again on the same addresses. Empty when that worked, else why not.
  virtual std::string resume_accepting() = 0;

protected:
  ~transport_listener() = default;
};

} // namespace holdfast
