// The extension point: what a handler is told of the connections on its route, and what it may do.
//
// A handler is a small object that is called on its connections' own thread: there is one for each
// route and shard, so it needs no lock and must not block. An exception that leaves it closes the
// connection it was called for (1011), and nothing else; the receipt carries its text.
#pragma once

#include "protocol/messages.hpp"
#include "protocol/transport.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

/// A message of a client. Views hold during the call.
struct inbound_message {
  payload_kind kind = payload_kind::text; ///< json: a holdfast.v1 client's `data`
  std::string_view payload;               ///< UTF-8 (text), a JSON value (json), or any bytes
  std::uint64_t sequence = 0;             ///< of the messages on this connection, from 1
};

/// One connection, as its handler sees it. Valid during the call it was given to.
class session {
public:
  virtual connection_id id() const = 0;
  virtual std::string_view user() const = 0;  ///< empty: anonymous
  virtual std::string_view route() const = 0; ///< the path
  virtual bool speaks_v1() const = 0;         ///< negotiated holdfast.v1

  /// The first `name` of the query, percent-decoded; empty when absent. In opened() only. There is
  /// no "token": it may be a password as good as any.
  virtual std::string query(std::string_view name) const = 0;

  /// Sends to the client. `json` payloads must be JSON; they reach plain clients as text.
  virtual send_outcome send(payload_kind kind, std::string_view payload) = 0;

  /// Tells the client what is wrong with its message: `error {code, message}` of holdfast.v1, which
  /// a plain client gets as text. Counts as no message.
  virtual void send_error(std::string_view code, std::string_view message) = 0;

  /// Closes after what was sent before has been flushed. `reason` is cut to max_close_reason.
  virtual void close(close_code code, std::string_view reason) = 0;

  /// Stops and resumes reading from the client; longer than max_read_pause closes it.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  /// Joins a group: the connection gets everything that is published to it, until it leaves or
  /// ends. False when it is in max_groups groups already.
  virtual bool join(std::string_view group) = 0;
  virtual void leave(std::string_view group) = 0;

  /// Sends to everyone in a group, on every shard. Subscribers see `topic` if it is not empty.
  virtual void publish(std::string_view group, std::string_view topic, payload_kind kind,
                       std::string_view payload)
    = 0;

  static constexpr std::size_t max_groups = 64;

protected:
  ~session() = default;
};

/// What a handler made of a holdfast.v1 command.
enum class command_outcome : std::uint8_t {
  done,        ///< acknowledged if the client asked for it
  unsupported, ///< this route does not know it
  refused,     ///< over a limit
};

class handler {
public:
  virtual ~handler() = default;

  /// The connection was admitted. Nothing of it was seen before.
  virtual void opened(session&) {}

  virtual void inbound(session& from, const inbound_message& message) = 0;

  virtual command_outcome subscribe(session&, std::string_view topic);
  virtual command_outcome unsubscribe(session&, std::string_view topic);
  virtual command_outcome publish(session&, std::string_view topic, payload_kind kind,
                                  std::string_view payload);

  /// The heartbeat has given the peer up. It is closed next, unless on_zombie is "mark".
  virtual void zombie(session&) {}

  /// A close has begun; nothing that is sent from here on arrives.
  virtual void closing(session&, close_code, cause) {}

  /// The connection has ended. Called once for each opened().
  virtual void closed(const close_receipt&) {}

  /// The node's shutdown has entered a phase.
  virtual void phase(session&, drain_phase) {}
};

/// Where a handler stands.
struct route_config {
  std::string path;
  std::string handler;                        ///< name in the registry
  std::map<std::string, std::string> options; ///< the handler's own keys
};

/// Makes the handler of one route on one shard. Called before any connection is accepted; throws
/// std::invalid_argument with a sentence for the user when it cannot work with the options.
using handler_factory = std::function<std::unique_ptr<handler>(const route_config&)>;

/// Factories by name.
using handler_registry = std::map<std::string, handler_factory>;

/// `echo`, `broadcast`, `topics`.
handler_registry built_in_handlers();

} // namespace holdfast
