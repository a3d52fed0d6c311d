// The extension point: what a handler is told of the connections on its route, and what it may do.
//
// A handler is an object with a few functions. The route's mode says where it lives:
//
//   inline          one for each route and shard, called on its connections' own thread. It needs
//                   no lock and must not block. An exception that leaves it closes the connection
//                   it was called for (1011), and nothing else; the receipt carries its text.
//   per_connection  one for each connection, in an actor of its own on the connection's thread. It
//                   must not block either. When it throws or its actor ends, that connection is
//                   closed (1011), and nothing else.
//   shared          one for the route, in an actor on the handlers' thread, so it may take long.
//                   When it throws, it is made anew and is told of the connections that are there;
//                   of what has come meanwhile only the message that it threw for is lost. Whom
//                   it threw for in opened() or adopted() is closed (1011).
//
// In every mode a handler is called by one thread, one call at a time, but for closing(): an inline
// handler, or one of a connection, hears it before the call that has caused it returns.
#pragma once

#include "protocol/messages.hpp"
#include "protocol/restart.hpp"
#include "protocol/transport.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

/// A message of a client. Views hold during the call.
struct inbound_message {
  payload_kind kind = payload_kind::text; ///< json: a holdfast.v1 client's `data` that is no string
  std::string_view payload;               ///< UTF-8 (text), a JSON value (json), or any bytes
  std::uint64_t sequence = 0;             ///< of the messages on this connection, from 1
};

/// One connection, as its handler sees it. Valid from opened() until closed() has returned, on the
/// handler's thread; a shared handler's calls take effect a moment later, in their order.
class session {
public:
  virtual connection_id id() const = 0;
  virtual std::string_view user() const = 0;  ///< empty: anonymous
  virtual std::string_view route() const = 0; ///< the path
  virtual bool speaks_v1() const = 0;         ///< negotiated holdfast.v1

  /// The first `name` of the query, percent-decoded; empty when absent. In opened() only. There is
  /// no "token": it may be a password as good as any.
  virtual std::string query(std::string_view name) const = 0;

  /// A field of the request, if the handler's type asks for it (handler_type::headers). In opened()
  /// only.
  virtual std::string_view header(std::string_view name) const = 0;

  /// What the token says (`auth.attributes`), or what set_attribute() has set; empty when absent.
  virtual std::string_view attribute(std::string_view name) const = 0;

  /// Everybody who looks at the connection can see it. An empty value takes it away. False: there
  /// are max_attributes already, or it is longer than max_attribute.
  virtual bool set_attribute(std::string_view name, std::string_view value) = 0;

  /// A connection with priority gets the first places in a drain: it is back before the others.
  virtual void set_priority(bool priority) = 0;

  /// Sends to the client. `json` payloads must be JSON; they reach plain clients as text. To a
  /// shared handler `taken` means: on its way.
  virtual send_outcome send(payload_kind kind, std::string_view payload) = 0;

  /// Tells the client what is wrong with its message: `error {code, message}` of holdfast.v1, which
  /// a plain client gets as text. Counts as no message.
  virtual void send_error(std::string_view code, std::string_view message) = 0;

  /// Closes after what was sent before has been flushed. `reason` is cut to max_close_reason.
  /// Throws std::invalid_argument when no close frame may carry the code: it is 1000 to 1003, 1007
  /// to 1014, or 3000 to 4999.
  virtual void close(close_code code, std::string_view reason) = 0;

  /// Stops and resumes reading from the client; longer than max_read_pause closes it.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  /// Gets everything that is published to the topic, until it unsubscribes or ends. With
  /// `presence` it also counts as present there, and is told who else is and who comes and goes.
  /// False when it is in `limits.max_topics` topics already, or the topic is empty or longer than
  /// max_topic.
  virtual bool subscribe(std::string_view topic, bool presence = false) = 0;
  virtual void unsubscribe(std::string_view topic) = 0;

  /// Sends to everyone who has subscribed to the topic, on every shard; the sender's user goes with
  /// it.
  virtual void publish(std::string_view topic, payload_kind kind, std::string_view payload) = 0;

  /// Groups are topics that clients do not see: no client can name one, and what is published
  /// there comes as a plain message. None has an empty name, or one that begins with "topic:";
  /// they count as topics do.
  virtual bool join(std::string_view group) = 0;
  virtual void leave(std::string_view group) = 0;
  virtual void publish_to_group(std::string_view group, payload_kind kind, std::string_view payload)
    = 0;

  /// Calls `f` after `delay` on the handler's thread, if the connection is still there. An
  /// exception that leaves it is like one that leaves the handler.
  virtual void after(duration delay, std::function<void(session&)> f) = 0;

  static constexpr std::size_t max_attributes = 32;
  static constexpr std::size_t max_attribute = 1024; ///< bytes of a name and its value

protected:
  ~session() = default;
};

/// What a handler made of a holdfast.v1 command.
enum class command_outcome : std::uint8_t {
  done,        ///< acknowledged if the client asked for it
  unsupported, ///< this route does not know it
  refused,     ///< over a limit
  denied,      ///< not for this client
  later,       ///< not acknowledged: the handler has said what is wrong itself, by send_error()
};

class handler {
public:
  virtual ~handler() = default;

  /// The connection was admitted. Nothing of it was seen before.
  virtual void opened(session&) {}

  /// Of a shared handler that takes the place of one that failed: the connection is there already.
  virtual void adopted(session& s) { opened(s); }

  virtual void inbound(session& from, const inbound_message& message) = 0;

  virtual command_outcome subscribe(session&, std::string_view topic, bool presence);
  virtual command_outcome unsubscribe(session&, std::string_view topic);
  virtual command_outcome publish(session&, std::string_view topic, payload_kind kind,
                                  std::string_view payload);

  /// The heartbeat has given the peer up. It is closed next, unless on_zombie is "mark".
  virtual void zombie(session&) {}

  /// A close has begun; nothing that is sent from here on arrives.
  virtual void closing(session&, close_code, cause) {}

  /// The connection has ended. Called once for each opened() or adopted().
  virtual void closed(const close_receipt&) {}

  /// The node's shutdown has entered a phase. Called for each connection.
  virtual void phase(session&, drain_phase) {}

  /// Calls `f` where the handler lives. For Holdfast's own use.
  virtual void run(session& s, const std::function<void(session&)>& f) { f(s); }
};

enum class handler_mode : std::uint8_t { inlined, per_connection, shared };

/// As in the configuration ("inline").
constexpr std::string_view to_string(handler_mode mode) {
  switch (mode) {
  case handler_mode::inlined: return "inline";
  case handler_mode::per_connection: return "per_connection";
  case handler_mode::shared: return "shared";
  }
  return "invalid";
}

/// What becomes of the connections of a shared handler that fails again and again.
enum class give_up_policy : std::uint8_t {
  drain, ///< the node drains, as when one of its own actors keeps failing
  close, ///< they are closed 1011, and whoever comes is, too
};

constexpr std::string_view to_string(give_up_policy policy) {
  switch (policy) {
  case give_up_policy::drain: return "drain";
  case give_up_policy::close: return "close";
  }
  return "invalid";
}

/// Where a handler stands.
struct route_config {
  std::string path;
  std::string handler; ///< name in the registry
  handler_mode mode = handler_mode::inlined;
  restart_intensity restarts{}; ///< of a shared handler
  give_up_policy on_give_up = give_up_policy::drain;
  std::map<std::string, std::string> options{}; ///< the handler's own keys
};

/// A number in `/metrics`. Threads: any.
using counter = std::atomic<std::int64_t>;

/// Keys and values to run an actor with, or that one shows.
using texts = std::map<std::string, std::string>;

/// The whole node, for whoever has something to say to its clients. Lives until every actor has
/// ended. Threads: any.
class node_gateway {
public:
  /// To everyone who has subscribed to the topic. `from` is the user that subscribers see.
  virtual void publish(std::string_view topic, payload_kind kind, std::string_view payload,
                       std::string_view from = {})
    = 0;

  /// To every connection of the user, to one connection, to everyone.
  virtual void send_to_user(std::string_view user, payload_kind kind, std::string_view payload) = 0;
  virtual void send_to(connection_id id, payload_kind kind, std::string_view payload) = 0;
  virtual void send_to_everyone(payload_kind kind, std::string_view payload) = 0;

  virtual void close(connection_id id, close_code code, std::string_view reason) = 0;

  /// A counter `name` in `/metrics`, which should end in "_total", or a gauge. The same for the
  /// same name. Throws std::invalid_argument when Prometheus would not take the name, when it
  /// begins with "holdfast_" or "process_", or when it is taken by one of the other kind.
  virtual counter& count(std::string_view name, std::string_view help) = 0;
  virtual counter& gauge(std::string_view name, std::string_view help) = 0;

  /// There is none yet while the configuration is read, as with handler_context::self().
  virtual caf::actor_system& system() = 0;

protected:
  ~node_gateway() = default;
};

/// What stands around a handler. Given to its factory, and valid as long as the handler lives.
/// Threads: the handler's.
class handler_context {
public:
  virtual const route_config& route() const = 0;
  virtual node_gateway& node() = 0;

  /// The actor that the handler runs in, with all that CAF's actors can do: request(), monitor(),
  /// spawn(), delayed_send(). Null for an inline handler. There is none yet while the configuration
  /// is read: a factory is not tried further than to here.
  virtual caf::event_based_actor* self() = 0;

  /// Lets the actor understand further messages. Not for an inline handler. In the factory only.
  virtual void behavior(caf::message_handler further) = 0;

  /// Calls `f` after `delay`, as long as the handler lives.
  virtual void after(duration delay, std::function<void()> f) = 0;

  /// `f` is called in the last phase of shutdown, when every connection has ended, and counts in
  /// the drain's ledger under this name. An inline handler's is called once on each shard.
  virtual void at_cleanup(std::string name, std::function<void()> f) = 0;

  /// Shows a value to whoever looks at the handler's actor (`actors show`), or at the connection of
  /// a handler of its own (`conns show`). An empty value takes it away. An inline handler has
  /// nobody to look at: nothing is shown.
  virtual void show(std::string_view key, std::string_view value) = 0;

protected:
  ~handler_context() = default;
};

/// Makes the handler of one route, one shard or one connection; never null. Throws
/// std::invalid_argument with a sentence for the user when it cannot work with the route's options:
/// this is tried when the configuration is read.
using handler_factory = std::function<std::unique_ptr<handler>(handler_context&)>;

/// A kind of handler.
struct handler_type {
  handler_factory make;
  handler_mode mode = handler_mode::inlined; ///< of routes that do not say
  std::vector<std::string> headers;          ///< of the request that opened() may ask for

  handler_type() = default;

  handler_type(handler_factory factory, handler_mode usual = handler_mode::inlined,
               std::vector<std::string> wanted_headers = {})
    : make{std::move(factory)},
      mode{usual},
      headers{std::move(wanted_headers)} {}

  /// Also from a factory that only wants to know the route.
  template <class F, class = std::enable_if_t<std::is_invocable_v<F&, const route_config&>>>
  handler_type(F factory)
    : make{[f = std::move(factory)](handler_context& x) mutable { return f(x.route()); }} {}
};

/// Kinds of handlers by name.
using handler_registry = std::map<std::string, handler_type>;

/// `echo`, `broadcast`, `topics`.
handler_registry built_in_handlers();

/// What stands around an actor that was spawned at runtime. Valid as long as the actor lives.
/// Threads: the actor's.
class actor_context {
public:
  virtual const std::string& name() const = 0;
  virtual node_gateway& node() = 0;

  /// As those of handler_context.
  virtual void at_cleanup(std::string name, std::function<void()> f) = 0;
  virtual void show(std::string_view key, std::string_view value) = 0;

protected:
  ~actor_context() = default;
};

/// What such an actor does first; it runs on the handlers' thread. When it fails, it is called
/// again for a new actor, as often as `[supervisor]` allows.
using actor_start = std::function<caf::behavior(caf::event_based_actor*, actor_context&)>;

/// A kind of actor that can be spawned at runtime (`holdfast actors spawn`).
struct actor_type {
  /// Throws std::invalid_argument with a sentence for the user when it cannot work with the
  /// arguments.
  std::function<actor_start(const texts& arguments)> make;
  std::string summary;                ///< for people, in a few words
  std::vector<std::string> arguments; ///< the names of those it takes
};

/// Kinds of actors by name.
using actor_registry = std::map<std::string, actor_type>;

/// `ticker`.
actor_registry built_in_actors();

/// What a node can be made to do beyond what it does by itself.
struct node_extensions {
  handler_registry handlers = built_in_handlers();
  actor_registry actors = built_in_actors();
};

} // namespace holdfast
