// What a shard and a shared handler say to each other.
#pragma once

#include "actors/handler.hpp"
#include "actors/type_ids.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// What a shared handler may know of a connection. Never changes.
struct session_card {
  connection_id id;
  shard_index shard = 0;
  slot_index slot = 0;
  std::string user;
  bool speaks_v1 = false;
  std::size_t max_topics = 0; ///< that it may be in, groups included
  // As it opened; to a handler that takes another's place, as they are by then.
  named_texts attributes;
  std::vector<std::string> groups;
};

/// What there is to read of a request in opened().
struct opening_request {
  std::string query;
  named_texts headers;
};

/// Something that has happened to a connection of the route.
struct handler_event {
  enum class kind : std::uint8_t {
    opened,
    adopted,
    inbound,
    subscribe,
    unsubscribe,
    publish,
    zombie,
    closing,
    closed,
    phase,
  };

  kind what = kind::inbound;
  payload_kind payload = payload_kind::text;
  bool presence = false;
  close_code code = close_code::none;
  cause why = cause::none;
  drain_phase entered = drain_phase::serving;
  connection_id id;
  std::uint64_t sequence = 0;
  std::string topic;
  std::string data;
  std::optional<std::string> command;       ///< JSON text of the client's id
  std::shared_ptr<const session_card> card; ///< of opened and adopted
  std::shared_ptr<const opening_request> request;
  std::shared_ptr<const close_receipt> receipt;
};

struct session_orders;
struct handler_up;
struct handler_given_up;

/// A shard's end of the way to a shared handler.
using port_actor
  = caf::typed_actor<caf::reacts_to<session_orders>,    // INTERNAL what the handler wants done
                     caf::reacts_to<handler_up>,        // INTERNAL a handler that is new
                     caf::reacts_to<handler_given_up>>; // INTERNAL there is none any more

/// Events of one turn of a shard, in their order. Nothing in it is copied on its way.
struct handler_batch {
  shard_index shard = 0;
  std::uint64_t first = 0; ///< number of the first event on its shard, from 1; 0: they have none
  std::shared_ptr<const std::vector<handler_event>> events;
  port_actor port; ///< to be answered by session_orders
};

/// What a shared handler wants done to a connection.
struct session_order {
  enum class kind : std::uint8_t {
    send,
    send_error,
    close,
    pause,
    resume,
    subscribe,
    unsubscribe,
    publish,
    join,
    leave,
    publish_to_group,
    attribute,
    priority,
    answer,
    fault,
  };

  kind what = kind::send;
  payload_kind payload = payload_kind::text;
  bool flag = false; ///< presence, priority
  close_code code = close_code::none;
  command_outcome outcome = command_outcome::done;
  slot_index slot = 0;
  connection_id id;
  std::string name; ///< topic, group, attribute, code of an error, id of a command
  std::string data; ///< what is sent, or said of an end; of a fault, what was thrown
};

/// In their order, for connections of one shard.
struct session_orders {
  std::uint64_t handled = 0; ///< the shard's events up to this one are dealt with
  std::shared_ptr<const std::vector<session_order>> orders;
};

/// To a port: this is the route's handler from now on.
struct handler_up {
  caf::actor handler;
};

/// To a port: there is none any more.
struct handler_given_up {
  std::string why;
};

} // namespace holdfast

// They hold handles and what is shared between threads, and never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::handler_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::session_orders)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::handler_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::handler_given_up)
