#include "protocol/control_message.hpp"
#include "protocol/json_text.hpp"
#include "tests/protocol/property.hpp"

#include <nlohmann/json.hpp>

#include <array>

using namespace holdfast;
using json = nlohmann::json;

namespace {

constexpr std::size_t no_limit = 1 << 20;

/// UTF-8, of one to four bytes a character.
rc::Gen<std::string> any_text(int most) {
  auto character = rc::gen::weightedOneOf<std::string>(
    {{6, rc::gen::map(rc::gen::inRange('\0', '\x7f'), [](char c) { return std::string{c}; })},
     {2, rc::gen::elementOf(std::vector<std::string>{
           "\"", "\\", "/", "\u00df", "\u6c34", "\U0001f34c", "\U0010ffff", "\ufffd", "\x7f"})}});
  return rc::gen::map(
    rc::gen::resize(most, rc::gen::container<std::vector<std::string>>(character)),
    [](const std::vector<std::string>& characters) {
      std::string text;
      for (auto& each : characters)
        text += each;
      return text;
    });
}

/// A value that nests no deeper than `depth`. To be called in a property.
json make_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
  case 0: return nullptr;
  case 1: return *rc::gen::arbitrary<bool>();
  case 2: return *rc::gen::arbitrary<std::uint64_t>();
  case 3: return *rc::gen::arbitrary<std::int64_t>();
  case 4: return *rc::gen::arbitrary<float>();
  case 5: return *any_text(12);
  case 6: {
    auto list = json::array();
    for (auto n = *rc::gen::inRange(0, 4); n > 0; --n)
      list.push_back(make_value(depth - 1));
    return list;
  }
  default: {
    auto object = json::object();
    for (auto n = *rc::gen::inRange(0, 4); n > 0; --n)
      object[*any_text(6)] = make_value(depth - 1);
    return object;
  }
  }
}

json make_id() {
  if (*rc::gen::arbitrary<bool>())
    return *rc::gen::arbitrary<std::uint64_t>();
  return *rc::gen::suchThat(any_text(16),
                            [](const std::string& x) { return x.size() <= max_message_id; });
}

/// A message as a client may write it: with other fields, blanks and escapes.
struct written {
  json fields;
  std::string text;

  explicit written(json message) : fields(std::move(message)) { // braces would make a list of it
    auto sent = fields;
    if (*rc::gen::arbitrary<bool>())
      sent["~other"] = make_value(2);
    text = sent.dump(*rc::gen::inRange(-1, 3), ' ', *rc::gen::arbitrary<bool>());
    RC_LOG() << text;
  }
};

template <class Message>
Message decoded(const written& from) {
  auto result = decode_client_message(from.text, no_limit);
  RC_ASSERT(std::holds_alternative<client_control>(result));
  auto& control = std::get<client_control>(result);
  RC_ASSERT(std::holds_alternative<Message>(control));
  return std::get<Message>(control);
}

void check_id(const std::optional<std::string>& id, const written& from) {
  RC_ASSERT(id.has_value() == (from.fields.count("id") != 0));
  RC_ASSERT((!id || json::parse(*id) == from.fields["id"]));
}

template <class Message>
void check_data(const Message& message, const written& from) {
  auto& data = from.fields["data"];
  RC_ASSERT(json::parse(message.data) == data);
  RC_ASSERT(message.text.has_value() == data.is_string());
  RC_ASSERT((!message.text || *message.text == data));
}

json with_id(json message) {
  if (*rc::gen::arbitrary<bool>())
    message["id"] = make_id();
  return message;
}

std::string make_topic() {
  return *rc::gen::suchThat(
    any_text(30), [](const std::string& x) { return !x.empty() && x.size() <= max_topic; });
}

/// Nothing for a number that a double cannot hold: nlohmann-json reads no such text.
std::optional<bool> is_json_elsewhere(const std::string& text) {
  try {
    return !json::parse(text).is_discarded();
  } catch (const json::parse_error&) {
    return false;
  } catch (const json::out_of_range&) {
    return std::nullopt;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_control_messages)

BOOST_AUTO_TEST_CASE(what_a_client_writes_is_what_the_server_reads) {
  BOOST_TEST(holds([] {
    written message{with_id(json{{"type", "message"}, {"data", make_value(3)}})};
    auto read = decoded<client_message>(message);
    check_data(read, message);
    check_id(read.id, message);

    written ack{json{{"type", "ack"}, {"n", *rc::gen::arbitrary<std::uint64_t>()}}};
    RC_ASSERT(decoded<client_ack>(ack).n == ack.fields["n"]);

    written ping{json{{"type", "ping"}, {"id", make_id()}}};
    RC_ASSERT(json::parse(decoded<client_ping>(ping).id) == ping.fields["id"]);
  }));
}

BOOST_AUTO_TEST_CASE(so_it_is_with_topics) {
  BOOST_TEST(holds([] {
    auto topic = make_topic();
    auto presence = *rc::gen::arbitrary<bool>();
    written subscribe{
      with_id(json{{"type", "subscribe"}, {"topic", topic}, {"presence", presence}})};
    auto subscribed = decoded<client_subscribe>(subscribe);
    RC_ASSERT(subscribed.topic == topic);
    RC_ASSERT(subscribed.presence == presence);
    check_id(subscribed.id, subscribe);

    written unsubscribe{with_id(json{{"type", "unsubscribe"}, {"topic", topic}})};
    auto unsubscribed = decoded<client_unsubscribe>(unsubscribe);
    RC_ASSERT(unsubscribed.topic == topic);
    check_id(unsubscribed.id, unsubscribe);

    written publish{with_id(json{{"type", "publish"}, {"topic", topic}, {"data", make_value(3)}})};
    auto published = decoded<client_publish>(publish);
    RC_ASSERT(published.topic == topic);
    check_data(published, publish);
    check_id(published.id, publish);
  }));
}

BOOST_AUTO_TEST_CASE(any_json_is_a_message_or_an_error_that_can_be_told) {
  auto type = rc::gen::elementOf(std::vector<std::string>{"message", "ack", "ping", "subscribe",
                                                          "unsubscribe", "publish", "other"});
  BOOST_TEST(holds([&] {
    auto value = make_value(3);
    if (value.is_object()) {
      value["type"]
        = *rc::gen::weightedElement<int>({{9, 1}, {1, 0}}) ? json(*type) : make_value(1);
      for (auto* field : {"data", "id", "n", "topic"})
        if (*rc::gen::arbitrary<bool>())
          value[field] = make_value(1);
    }
    auto text = value.dump();
    RC_LOG() << text;
    RC_ASSERT(is_json(text, max_json_depth));
    auto result = decode_client_message(text, no_limit);
    auto* error = std::get_if<decode_error>(&result);
    if (!error)
      return;
    auto told = json::parse(encode_error(*error));
    RC_ASSERT(told["type"] == "error");
    RC_ASSERT(told["code"] == to_string(error->code));
    RC_ASSERT(told["message"] == error->message);
    RC_ASSERT(told.count("re") == (error->id ? 1u : 0u));
    if (error->id)
      RC_ASSERT(told["re"] == value["id"]);
  }));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_json_for_us_if_they_are_for_nlohmann_json) {
  auto piece = rc::gen::elementOf(std::vector<std::string>{
    "{",   "}",       "[",       "]",       ",",    ":", "\"", "\"\"",     "\"a\"",
    "\\",  "\\u00e9", "\\ud83c", "\\udf4c", "1",    "-", "0",  ".",        "e",
    "E",   "+",       "true",    "false",   "null", " ", "\n", "\xc3\xa9", "\xed\xa0\x80",
    "\xff"});
  BOOST_TEST(holds([&] {
    std::string text;
    for (auto& each : *rc::gen::container<std::vector<std::string>>(piece))
      text += each;
    RC_LOG() << text;
    if (auto expected = is_json_elsewhere(text))
      RC_ASSERT(is_json(text, max_json_depth) == *expected);
    decode_client_message(text, no_limit);
  }));
}

BOOST_AUTO_TEST_CASE(what_the_server_says_is_read_as_it_was_meant) {
  BOOST_TEST(holds([] {
    auto data = make_value(3);
    auto id = make_id();
    auto topic = make_topic(), from = make_topic(), text = *any_text(40);
    auto message = json::parse(encode_message(data.dump(), topic, from));
    RC_ASSERT(message
              == json({{"type", "message"}, {"data", data}, {"topic", topic}, {"from", from}}));
    RC_ASSERT(json::parse(encode_text_message(text))
              == json({{"type", "message"}, {"data", text}}));
    RC_ASSERT(json::parse(encode_reply(id.dump(), data.dump()))
              == json({{"type", "reply"}, {"re", id}, {"data", data}}));
    RC_ASSERT(json::parse(encode_ack(id.dump())) == json({{"type", "ack"}, {"id", id}}));
    RC_ASSERT(json::parse(encode_error(topic, text, id.dump()))
              == json({{"type", "error"}, {"code", topic}, {"message", text}, {"re", id}}));
    auto users = *rc::gen::container<std::vector<std::string>>(any_text(20));
    RC_ASSERT(
      json::parse(encode_presence(topic, users, users.size()))
      == json({{"type", "presence"}, {"topic", topic}, {"users", users}, {"count", users.size()}}));
    RC_ASSERT(json::parse(encode_presence_change(topic, from, true))
              == json({{"type", "presence"}, {"topic", topic}, {"came", from}}));
    RC_ASSERT(json::parse(encode_presence_change(topic, from, false))
              == json({{"type", "presence"}, {"topic", topic}, {"left", from}}));
  }));
}

BOOST_AUTO_TEST_SUITE_END()
