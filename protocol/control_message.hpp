// What client and server say to each other in text frames under the subprotocol holdfast.v1.
//
// JSON text passes through as it stands: the `data` of a message and the ids of the client are
// kept as the client wrote them, so that numbers keep their digits and nothing is encoded twice.
#pragma once

#include "protocol/time.hpp"
#include "protocol/topic.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

/// The deepest nesting that is read. The object of the message itself is the first level.
inline constexpr std::size_t max_json_depth = 32;

/// The longest id that a client may give as a string, in bytes of UTF-8 without escapes.
inline constexpr std::size_t max_message_id = 64;

/// `message {data, id?}`: for the handler.
struct client_message {
  std::string data;                ///< the JSON text of the value, as the client wrote it
  std::optional<std::string> text; ///< what `data` says, if it is a string
  std::optional<std::string> id;   ///< JSON text; with one, the client expects `ack {id}`
};

/// `ack {n}`: the client has had the first `n` messages that the server sent on this connection.
/// Whether that many were sent is for the receiver to judge.
struct client_ack {
  std::uint64_t n = 0;
};

/// `ping {id}`: to be answered by `pong {id}` at once.
struct client_ping {
  std::string id; ///< JSON text
};

/// `subscribe {topic, presence?, id?}`
struct client_subscribe {
  std::string topic;
  bool presence = false;
  std::optional<std::string> id; ///< JSON text
};

/// `unsubscribe {topic, id?}`
struct client_unsubscribe {
  std::string topic;
  std::optional<std::string> id; ///< JSON text
};

/// `publish {topic, data, id?}`
struct client_publish {
  std::string topic;
  std::string data;                ///< the JSON text of the value, as the client wrote it
  std::optional<std::string> text; ///< what `data` says, if it is a string
  std::optional<std::string> id;   ///< JSON text
};

using client_control = std::variant<client_message, client_ack, client_ping, client_subscribe,
                                    client_unsubscribe, client_publish>;

/// Why a text frame is no message of holdfast.v1. The names go over the wire.
enum class decode_error_code : std::uint8_t {
  not_json,         ///< bad by RFC 8259, bad UTF-8, or an escaped surrogate without its other half
  too_deep,         ///< deeper than max_json_depth; told before anything is parsed
  not_an_object,    ///< JSON, but an array, a string, ...
  missing_type,     ///< no "type"
  unknown_type,     ///< a "type" that no message has
  wrong_field_type, ///< a field's value is of the wrong JSON type
  missing_field,    ///< a field that the type requires
  empty_field,      ///< a topic of no bytes
  field_too_long,   ///< an id or a topic
  too_large,        ///< the whole text; told before anything else
};

std::string_view to_string(decode_error_code code);

struct decode_error {
  decode_error_code code = decode_error_code::not_json;
  std::string_view field;        ///< the field at fault; empty if it is the whole
  std::string message;           ///< for people
  std::optional<std::string> id; ///< JSON text of the message's id, if it could be read
};

using decode_result = std::variant<client_control, decode_error>;

/// Reads one text frame of at most `max_bytes`. "type" may stand anywhere. Of fields that occur
/// twice the last counts, as in JavaScript's JSON.parse. Fields that the type does not have are
/// ignored. Ids are strings or unsigned integers below 2^64. Throws nothing but std::bad_alloc.
decode_result decode_client_message(std::string_view wire, std::size_t max_bytes);

/// What a client is told first.
struct welcome_fields {
  std::string_view connection;
  std::string_view node;
  std::string_view user; ///< empty: anonymous, and left out
  duration heartbeat_interval{};
  duration heartbeat_timeout{};
  std::size_t message_bytes = 0; ///< the longest message the server reads
};

/// When and where a client is to come back. Times count from the receipt of the lease.
struct lease_fields {
  std::string_view id;
  std::string_view target; ///< empty: the same address, and left out
  duration after{};
  duration expires{};
};

// The server's messages. "type" comes first. `..._json` are valid JSON texts and are not looked
// at; everything else is plain text. Durations go out in whole milliseconds, rounded down.

std::string encode_welcome(const welcome_fields& welcome);

/// `message {data, topic?, from?}` with the JSON text `data_json`. An empty topic or sender is
/// left out.
std::string encode_message(std::string_view data_json, std::string_view topic = {},
                           std::string_view from = {});

/// The same with the string `text` as its data.
std::string encode_text_message(std::string_view text, std::string_view topic = {},
                                std::string_view from = {});

/// `presence {topic, users, count}`: all who are there, or of many some.
std::string encode_presence(std::string_view topic, const std::vector<std::string>& users,
                            std::uint64_t count);

/// `presence {topic, came}` or `presence {topic, left}`.
std::string encode_presence_change(std::string_view topic, std::string_view user, bool came);

std::string encode_ack(std::string_view id_json);
std::string encode_reply(std::string_view re_json, std::string_view data_json);
std::string encode_pong(std::string_view id_json);
std::string encode_drain(std::string_view reason, const lease_fields& lease);
std::string encode_drain_cancelled();

/// `re_json` is the id of the message at fault; empty is left out.
std::string encode_error(std::string_view code, std::string_view message,
                         std::string_view re_json = {});
std::string encode_error(const decode_error& error);

} // namespace holdfast
