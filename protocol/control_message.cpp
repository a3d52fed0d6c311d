#include "protocol/control_message.hpp"

#include "protocol/json_string.hpp"
#include "protocol/json_text.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace holdfast {

std::string_view to_string(decode_error_code code) {
  switch (code) {
  case decode_error_code::not_json: return "not_json";
  case decode_error_code::too_deep: return "too_deep";
  case decode_error_code::not_an_object: return "not_an_object";
  case decode_error_code::missing_type: return "missing_type";
  case decode_error_code::unknown_type: return "unknown_type";
  case decode_error_code::wrong_field_type: return "wrong_field_type";
  case decode_error_code::missing_field: return "missing_field";
  case decode_error_code::empty_field: return "empty_field";
  case decode_error_code::field_too_long: return "field_too_long";
  case decode_error_code::too_large: return "too_large";
  }
  return "unknown";
}

namespace {

bool is_string(std::string_view slice) {
  return slice.front() == '"';
}

/// The fields that some type of message has, as slices; an empty one was not there.
struct fields {
  std::string_view type, data, id, n, topic, presence;

  void put(std::string_view name, std::string_view value) {
    if (name == "type")
      type = value;
    else if (name == "data")
      data = value;
    else if (name == "id")
      id = value;
    else if (name == "n")
      n = value;
    else if (name == "topic")
      topic = value;
    else if (name == "presence")
      presence = value;
  }
};

fields slice_fields(std::string_view object) {
  fields found;
  auto at = skip_json_space(object, object.find('{') + 1);
  while (object[at] != '}') {
    auto name_end = end_of_json_string(object, at);
    auto name = unescape_json_string(object.substr(at, name_end - at));
    at = skip_json_space(object, object.find(':', name_end) + 1);
    auto value_end = end_of_json_value(object, at);
    found.put(name, object.substr(at, value_end - at));
    at = skip_json_space(object, value_end);
    if (object[at] == ',')
      at = skip_json_space(object, at + 1);
  }
  return found;
}

std::optional<std::uint64_t> unsigned_integer(std::string_view slice) {
  std::uint64_t n = 0;
  auto* end = slice.data() + slice.size();
  auto [stopped, error] = std::from_chars(slice.data(), end, n);
  if (error != std::errc{} || stopped != end)
    return {};
  return n;
}

/// `problem` goes on where the field's name ends.
decode_error bad_field(decode_error_code code, std::string_view field, std::string_view problem) {
  return {code, field, std::string{'"'}.append(field).append("\" ").append(problem), {}};
}

decode_error wrong_type(std::string_view field, std::string_view expected) {
  return bad_field(decode_error_code::wrong_field_type, field,
                   std::string{"must be "}.append(expected));
}

decode_error too_long(std::string_view field, std::size_t limit) {
  return bad_field(decode_error_code::field_too_long, field,
                   "is longer than " + std::to_string(limit) + " bytes");
}

std::optional<decode_error> check_id(std::string_view slice) {
  if (slice.empty())
    return {};
  if (!is_string(slice) && !unsigned_integer(slice))
    return wrong_type("id", "a string or an unsigned integer");
  if (is_string(slice) && unescape_json_string(slice).size() > max_message_id)
    return too_long("id", max_message_id);
  return {};
}

/// Takes fields out one by one; after the first that cannot be had, error() says why.
class field_reader {
public:
  explicit field_reader(const fields& from) : from_{from} {}

  /// Notes that `field` must be there.
  void require(std::string_view field, std::string_view slice) {
    if (slice.empty())
      fail(bad_field(decode_error_code::missing_field, field, "is missing"));
  }

  std::optional<std::string> id() {
    if (auto bad = check_id(from_.id)) {
      fail(std::move(*bad));
      return {};
    }
    return from_.id.empty() ? std::nullopt : std::optional{std::string{from_.id}};
  }

  std::string required_id() {
    require("id", from_.id);
    return id().value_or("");
  }

  std::string topic() {
    require("topic", from_.topic);
    if (error_)
      return {};
    if (!is_string(from_.topic)) {
      fail(wrong_type("topic", "a string"));
      return {};
    }
    auto name = unescape_json_string(from_.topic);
    if (name.empty())
      fail(bad_field(decode_error_code::empty_field, "topic", "is empty"));
    if (name.size() > max_topic)
      fail(too_long("topic", max_topic));
    return name;
  }

  bool presence() {
    auto wanted = from_.presence == "true";
    if (!wanted && !from_.presence.empty() && from_.presence != "false")
      fail(wrong_type("presence", "true or false"));
    return wanted;
  }

  std::uint64_t n() {
    require("n", from_.n);
    auto value = unsigned_integer(from_.n);
    if (!value)
      fail(wrong_type("n", "an unsigned integer"));
    return value.value_or(0);
  }

  std::string data() {
    require("data", from_.data);
    return std::string{from_.data};
  }

  std::optional<std::string> text() {
    if (from_.data.empty() || !is_string(from_.data))
      return {};
    return unescape_json_string(from_.data);
  }

  std::optional<decode_error>& error() { return error_; }

private:
  void fail(decode_error why) {
    if (!error_)
      error_ = std::move(why);
  }

  const fields& from_;
  std::optional<decode_error> error_;
};

// Braces evaluate from left to right: of several bad fields the first here is told.
using read_type = client_control (*)(field_reader&);
constexpr std::array<std::pair<std::string_view, read_type>, 6> types{{
  {"message",
   [](field_reader& f) -> client_control {
     return client_message{f.data(), f.text(), f.id()};
   }},
  {"ack", [](field_reader& f) -> client_control { return client_ack{f.n()}; }},
  {"ping", [](field_reader& f) -> client_control { return client_ping{f.required_id()}; }},
  {"subscribe",
   [](field_reader& f) -> client_control {
     return client_subscribe{f.topic(), f.presence(), f.id()};
   }},
  {"unsubscribe",
   [](field_reader& f) -> client_control {
     return client_unsubscribe{f.topic(), f.id()};
   }},
  {"publish",
   [](field_reader& f) -> client_control {
     return client_publish{f.topic(), f.data(), f.text(), f.id()};
   }},
}};

decode_result read_fields(const fields& found) {
  if (found.type.empty())
    return bad_field(decode_error_code::missing_type, "type", "is missing");
  if (!is_string(found.type))
    return wrong_type("type", "a string");
  auto type = unescape_json_string(found.type);
  for (auto& [name, read] : types) {
    if (name != type)
      continue;
    field_reader reader{found};
    auto message = read(reader);
    if (reader.error())
      return std::move(*reader.error());
    return message;
  }
  // A longer one would only be an echo of what the client knows.
  auto text = type.size() > 64 ? std::string{"unknown type"} : "unknown type \"" + type + '"';
  return decode_error{decode_error_code::unknown_type, "type", std::move(text), {}};
}

decode_error whole(decode_error_code code, std::string message) {
  return {code, {}, std::move(message), {}};
}

} // namespace

decode_result decode_client_message(std::string_view wire, std::size_t max_bytes) {
  if (wire.size() > max_bytes)
    return whole(decode_error_code::too_large,
                 "longer than " + std::to_string(max_bytes) + " bytes");
  if (nests_deeper(wire, max_json_depth))
    return whole(decode_error_code::too_deep,
                 "nested deeper than " + std::to_string(max_json_depth));
  if (!is_json(wire, max_json_depth))
    return whole(decode_error_code::not_json, "not a JSON text");
  if (wire[skip_json_space(wire, 0)] != '{')
    return whole(decode_error_code::not_an_object, "not a JSON object");
  auto found = slice_fields(wire);
  auto result = read_fields(found);
  auto* error = std::get_if<decode_error>(&result);
  if (error != nullptr && !found.id.empty() && !check_id(found.id))
    error->id = std::string{found.id};
  return result;
}

} // namespace holdfast
