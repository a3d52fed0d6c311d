// Text frames of holdfast.v1, against a second reading with nlohmann-json.
//
// Input: the text as a client sends it, so that a seed is a message as anyone would write it. The
// same bytes are then what an application has the server say.

#include "protocol/control_message.hpp"
#include "protocol/json_text.hpp"
#include "tests/fuzz/oracle/reference_json.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

namespace holdfast::fuzz {

namespace {

using verdict = reference_json::verdict;

/// What the server writes is always JSON.
json read(const std::string& encoded) {
  reference_json reference{encoded};
  require(reference.is == verdict::json, "what the server says is JSON");
  return std::move(reference.value);
}

/// A value that was kept as its text.
void check_slice(const std::string& slice, const json& value) {
  require(read(slice) == value, "a value is kept as it was written");
}

void check_id(const std::optional<std::string>& id, const json& message) {
  require(id.has_value() == (message.count("id") != 0), "an id is kept");
  if (id)
    check_slice(*id, message["id"]);
}

void check_text(const std::optional<std::string>& text, const json& data) {
  require(text.has_value() == data.is_string(), "data that is a string is had as text");
  require(!text || *text == data, "the text is what the string says");
}

/// Each kind of message: its fields, and the answer that they go into.
struct check_fields {
  const json& sent;

  void operator()(const client_message& x) const {
    type_is("message");
    check_slice(x.data, sent["data"]);
    check_text(x.text, sent["data"]);
    check_id(x.id, sent);
    if (x.id)
      require(read(encode_reply(*x.id, x.data))
                == json({{"type", "reply"}, {"re", sent["id"]}, {"data", sent["data"]}}),
              "a reply holds what it answers");
  }
  void operator()(const client_ack& x) const {
    type_is("ack");
    require(sent["n"] == x.n, "an ack's number is kept");
  }
  void operator()(const client_ping& x) const {
    type_is("ping");
    check_slice(x.id, sent["id"]);
    require(read(encode_pong(x.id)) == json({{"type", "pong"}, {"id", sent["id"]}}),
            "a pong has the ping's id");
  }
  void operator()(const client_subscribe& x) const {
    type_is("subscribe");
    require(sent["topic"] == x.topic, "a topic is kept");
    check_id(x.id, sent);
    if (x.id)
      require(read(encode_ack(*x.id)) == json({{"type", "ack"}, {"id", sent["id"]}}),
              "an ack has the message's id");
  }
  void operator()(const client_unsubscribe& x) const {
    type_is("unsubscribe");
    require(sent["topic"] == x.topic, "a topic is kept");
    check_id(x.id, sent);
  }
  void operator()(const client_publish& x) const {
    type_is("publish");
    require(sent["topic"] == x.topic, "a topic is kept");
    check_slice(x.data, sent["data"]);
    check_text(x.text, sent["data"]);
    check_id(x.id, sent);
    json expected{{"type", "message"}, {"data", sent["data"]}, {"topic", x.topic}};
    require(read(encode_message(x.data, x.topic)) == expected, "a publication is passed on");
    if (x.text)
      require(read(encode_text_message(*x.text, x.topic)) == expected, "so is one of text");
  }

  void type_is(const char* type) const {
    require(sent["type"] == type, "a message is of the type that it says");
  }
};

void check_error(const decode_error& error) {
  require(!error.message.empty(), "an error says why");
  require_between(0, error.message.size(), 128, "what it says is bounded");
  auto told = read(encode_error(error));
  require(told["type"] == "error" && told["code"] == std::string{to_string(error.code)}
            && told["message"] == error.message,
          "an error is told as it is");
  require((told.count("re") != 0) == error.id.has_value(), "and about which message");
}

/// `message` was read as JSON and is not nested too deep.
void check_judgement(const decode_result& result, const json& message) {
  auto expected = judge_message(message);
  auto* error = std::get_if<decode_error>(&result);
  require((error != nullptr) == expected.has_value(), "what is a message is taken, and only that");
  if (!error) {
    std::visit(check_fields{message}, std::get<client_control>(result));
    return;
  }
  require_same(static_cast<unsigned>(expected->code), static_cast<unsigned>(error->code),
               "the error is the right one");
  require(error->field == expected->field, "of the right field");
  bool has_id = message.is_object() && message.count("id") != 0 && is_id(message["id"]);
  require(error->id.has_value() == has_id, "an error names the message, if it can");
  if (error->id)
    check_slice(*error->id, message["id"]);
}

void check_decoding(std::string_view text) {
  auto result = decode_client_message(text, text.size());
  auto* error = std::get_if<decode_error>(&result);
  if (error)
    check_error(*error);
  auto deep = nests_deeper(text, max_json_depth);
  require((error && error->code == decode_error_code::too_deep) == deep, "the depth is told first");
  reference_json reference{text};
  if (reference.is == verdict::too_large_a_number)
    return;
  auto is_json_text = reference.is == verdict::json;
  if (is_json_text)
    require((depth_of(reference.value) > max_json_depth) == deep, "the depth is the right one");
  require(is_json(text, max_json_depth) == (is_json_text && !deep), "JSON is JSON");
  if (deep)
    return;
  if (is_json_text)
    check_judgement(result, reference.value);
  else
    require(error && error->code == decode_error_code::not_json, "what is no JSON is refused");
}

void check_size_limit(std::string_view text) {
  if (text.empty())
    return;
  auto result = decode_client_message(text, text.size() - 1);
  auto* error = std::get_if<decode_error>(&result);
  require(error && error->code == decode_error_code::too_large, "the limit counts bytes");
  check_error(*error);
}

/// The application may say anything, UTF-8 or not.
void check_encoding(std::string_view text) {
  auto whole = json{std::string{text}}.dump(-1, ' ', false, json::error_handler_t::replace);
  bool is_utf8 = json::parse(whole)[0] == std::string{text};
  auto same = [&](const json& said) { return !is_utf8 || said == std::string{text}; };
  auto message = read(encode_text_message(text, text, text));
  require(same(message["data"]), "text is told as it is");
  auto from_to = [&](const char* field) {
    return text.empty() ? message.count(field) == 0 : same(message[field]);
  };
  require(from_to("topic") && from_to("from"), "so are topic and sender");
  auto welcome = read(encode_welcome({text, text, text, {}, {}, text.size()}));
  require(same(welcome["connection"]) && welcome["limits"]["message_bytes"] == text.size(),
          "a welcome is JSON");
  auto drain = read(encode_drain(text, {text, text, {}, {}}));
  require(same(drain["reason"]) && same(drain["lease"]["id"]), "a drain is JSON");
}

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  check_decoding(text);
  check_size_limit(text);
  check_encoding(text);
  return 0;
}
