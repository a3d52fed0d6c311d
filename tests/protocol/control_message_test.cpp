// Runs protocol/vectors/, which the JavaScript client's tests run too. Every case has a name and
// a wire text. In addition:
// - client_messages.json: what the server reads. In `expect`, `type` and the fields; `..._json`
//   is the JSON text that the server keeps. `canonical`: it is also what a client writes.
// - server_messages.json: what the server writes for `expect`, byte for byte, and what a client
//   reads from it. `data_json` is the text of `expect.data` where JSON has several for it.
// - errors.json: what the server refuses, at most `max_bytes` long, and the `answer` it gives.
#include "protocol/control_message.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

#ifndef HOLDFAST_VECTORS_DIR
#define HOLDFAST_VECTORS_DIR "protocol/vectors"
#endif

using json = nlohmann::json;

constexpr std::size_t no_limit = 1 << 20;

json vectors(const std::string& file) {
  std::ifstream in{std::string{HOLDFAST_VECTORS_DIR} + "/" + file};
  BOOST_REQUIRE_MESSAGE(in, "cannot open " << file << " in " << HOLDFAST_VECTORS_DIR);
  auto cases = json::parse(in);
  BOOST_REQUIRE(!cases.empty());
  return cases;
}

void put(json& to, const char* name, const std::optional<std::string>& value) {
  if (value)
    to[name] = *value;
}

/// A message in the words of the vectors.
struct describe {
  json operator()(const client_message& m) const {
    json out{{"type", "message"}, {"data_json", m.data}};
    put(out, "text", m.text);
    put(out, "id_json", m.id);
    return out;
  }
  json operator()(const client_ack& m) const { return {{"type", "ack"}, {"n", m.n}}; }
  json operator()(const client_ping& m) const { return {{"type", "ping"}, {"id_json", m.id}}; }
  json operator()(const client_subscribe& m) const {
    json out{{"type", "subscribe"}, {"topic", m.topic}};
    if (m.presence)
      out["presence"] = true;
    put(out, "id_json", m.id);
    return out;
  }
  json operator()(const client_unsubscribe& m) const {
    json out{{"type", "unsubscribe"}, {"topic", m.topic}};
    put(out, "id_json", m.id);
    return out;
  }
  json operator()(const client_publish& m) const {
    json out{{"type", "publish"}, {"topic", m.topic}, {"data_json", m.data}};
    put(out, "text", m.text);
    put(out, "id_json", m.id);
    return out;
  }
  json operator()(const client_control& m) const { return std::visit(*this, m); }
  json operator()(const decode_error& e) const {
    json out{{"code", to_string(e.code)}};
    if (!e.field.empty())
      out["field"] = e.field;
    put(out, "re_json", e.id);
    return out;
  }
};

json describe_decoded(std::string_view wire, std::size_t max_bytes = no_limit) {
  return std::visit(describe{}, decode_client_message(wire, max_bytes));
}

duration ms(const json& value) {
  return std::chrono::milliseconds{value.get<std::int64_t>()};
}

std::string encoded(const json& test) {
  auto& x = test.at("expect");
  auto type = x.at("type").get<std::string>();
  auto text = [&](const char* name) { return x.value(name, std::string{}); };
  auto raw = [&](const char* name) { return x.contains(name) ? x[name].dump() : std::string{}; };
  auto data = [&] { return test.value("data_json", raw("data")); };
  if (type == "welcome") {
    auto connection = text("connection"), node = text("node"), user = text("user");
    return encode_welcome({connection, node, user, ms(x["heartbeat"]["interval_ms"]),
                           ms(x["heartbeat"]["timeout_ms"]), x["limits"]["message_bytes"]});
  }
  if (type == "message" && !test.contains("data_json"))
    return encode_text_message(text("data"), text("topic"), text("from"));
  if (type == "message")
    return encode_message(data(), text("topic"), text("from"));
  if (type == "ack")
    return encode_ack(raw("id"));
  if (type == "reply")
    return encode_reply(raw("re"), data());
  if (type == "pong")
    return encode_pong(raw("id"));
  if (type == "drain") {
    auto& lease = x["lease"];
    auto id = lease["id"].get<std::string>(), target = lease.value("target", std::string{});
    return encode_drain(text("reason"),
                        {id, target, ms(lease["after_ms"]), ms(lease["expires_ms"])});
  }
  if (type == "presence" && x.contains("users"))
    return encode_presence(text("topic"), x["users"], x["count"]);
  if (type == "presence")
    return encode_presence_change(text("topic"), text(x.contains("came") ? "came" : "left"),
                                  x.contains("came"));
  if (type == "drain_cancelled")
    return encode_drain_cancelled();
  if (type == "error")
    return encode_error(text("code"), text("message"), raw("re"));
  throw std::runtime_error{"unknown type in the vectors: " + type};
}

const client_message& as_message(const decode_result& result) {
  return std::get<client_message>(std::get<client_control>(result));
}

decode_error_code error_of(std::string_view wire, std::size_t max_bytes = no_limit) {
  return std::get<decode_error>(decode_client_message(wire, max_bytes)).code;
}

} // namespace

BOOST_AUTO_TEST_SUITE(control_message)

BOOST_AUTO_TEST_CASE(every_client_message_of_the_vectors_is_read) {
  for (auto& test : vectors("client_messages.json"))
    BOOST_TEST_CONTEXT(test["name"])
  BOOST_TEST(describe_decoded(test["wire"].get<std::string>()) == test["expect"]);
}

BOOST_AUTO_TEST_CASE(every_server_message_of_the_vectors_is_written_byte_for_byte) {
  for (auto& test : vectors("server_messages.json"))
    BOOST_TEST_CONTEXT(test["name"])
  BOOST_TEST(encoded(test) == test["wire"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(every_error_of_the_vectors_is_refused_with_its_answer) {
  for (auto& test : vectors("errors.json"))
    BOOST_TEST_CONTEXT(test["name"]) {
      auto wire = test["wire"].get<std::string>();
      auto max_bytes = test.value("max_bytes", no_limit);
      auto result = decode_client_message(wire, max_bytes);
      BOOST_TEST(std::visit(describe{}, result) == test["expect"]);
      if (auto* error = std::get_if<decode_error>(&result))
        BOOST_TEST(encode_error(*error) == test["answer"].get<std::string>());
    }
}

BOOST_AUTO_TEST_CASE(the_vectors_have_every_type_and_every_error_and_no_name_twice) {
  std::map<std::string, std::set<std::string>> seen;
  for (auto* file : {"client_messages.json", "server_messages.json", "errors.json"}) {
    std::set<std::string> names;
    for (auto& test : vectors(file)) {
      BOOST_TEST(names.insert(test["name"]).second, test["name"]);
      auto& expect = test["expect"];
      seen[file].insert(expect.value("type", expect.value("code", "")));
    }
  }
  BOOST_TEST(seen["client_messages.json"].size() == std::variant_size_v<client_control>);
  BOOST_TEST(seen["server_messages.json"].size() == 9u);
  for (int code = 0; code <= static_cast<int>(decode_error_code::too_large); ++code)
    BOOST_TEST(
      seen["errors.json"].count(std::string{to_string(static_cast<decode_error_code>(code))})
      == 1u);
}

BOOST_AUTO_TEST_CASE(a_text_of_the_greatest_size_is_read_and_a_longer_one_is_not) {
  std::string text(65536 - 28, 'x');
  auto wire = R"({"type":"message","data":")" + text + R"("})";
  BOOST_TEST(wire.size() == 65536u);
  BOOST_TEST((as_message(decode_client_message(wire, 65536)).text == text));
  BOOST_TEST((error_of(wire, 65535) == decode_error_code::too_large));
}

BOOST_AUTO_TEST_CASE(a_megabyte_of_brackets_is_refused_before_it_is_parsed) {
  for (auto* bracket : {"[", "{", "{\"a\":"}) {
    std::string wire;
    while (wire.size() < no_limit - 8)
      wire += bracket;
    BOOST_TEST((error_of(wire) == decode_error_code::too_deep));
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_no_json) {
  for (std::string bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    BOOST_TEST((error_of("{\"type\":\"message\",\"data\":\"" + bytes + "\"}")
                == decode_error_code::not_json));
    BOOST_TEST((error_of("{\"type\":\"ping\",\"id\":1}" + bytes) == decode_error_code::not_json));
  }
}

BOOST_AUTO_TEST_CASE(a_text_cut_anywhere_is_refused_and_nothing_is_read_beyond_it) {
  const std::string whole
    = R"({"type":"publish","topic":"a\u00e9","data":{"x":[1,"\\",null]},"id":"k"})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // On the heap and without a terminator, so that a sanitizer sees a read too far.
    std::vector<char> cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    BOOST_TEST((error_of({cut.data(), cut.size()}) == decode_error_code::not_json));
  }
  BOOST_TEST(describe_decoded(whole)["topic"] == "aé");
}

BOOST_AUTO_TEST_CASE(damaged_texts_are_refused_or_read_as_a_parser_of_documents_reads_them) {
  std::vector<std::string> seeds;
  for (auto& test : vectors("client_messages.json"))
    seeds.push_back(test["wire"]);
  std::mt19937 random{20211};
  const std::string spice{"\"\\{}[]:,0-eun \t\0\xc3\xff", 18};
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    auto wire = seeds[random() % seeds.size()];
    for (auto edits = 1 + random() % 3; edits > 0 && !wire.empty(); --edits) {
      auto at = random() % wire.size();
      if (random() % 2 == 0)
        wire[at] = spice[random() % spice.size()];
      else
        wire.erase(at, 1 + random() % 4);
    }
    auto result = decode_client_message(wire, no_limit);
    auto* control = std::get_if<client_control>(&result);
    if (control == nullptr)
      continue;
    ++read;
    auto document = json::parse(wire, nullptr, false);
    if (document.is_discarded())
      continue; // a number that the library has no room for
    auto told = describe{}(*control);
    BOOST_TEST(told["type"] == document["type"]);
    for (auto [name, slice] : {std::pair{"data", "data_json"}, {"id", "id_json"}})
      if (told.contains(slice))
        BOOST_TEST(json::parse(told[slice].get<std::string>()) == document[name], wire);
    if (told.contains("text"))
      BOOST_TEST(told["text"] == document["data"]);
    if (told.contains("topic"))
      BOOST_TEST(told["topic"] == document["topic"]);
  }
  BOOST_TEST(read > 1000);
}

BOOST_AUTO_TEST_CASE(what_a_client_said_goes_out_again_unchanged) {
  const std::string data = R"({"n": 0.10000000000000000001, "s": "\u00e9"})";
  auto result = decode_client_message(R"({"type":"message","data":)" + data + "}", no_limit);
  BOOST_TEST(encode_message(as_message(result).data)
             == R"({"type":"message","data":)" + data + "}");
}

BOOST_AUTO_TEST_CASE(durations_go_out_in_whole_milliseconds_rounded_down) {
  BOOST_TEST(encode_drain("r", {"l", "", 1999us, 1h})
             == R"({"type":"drain","reason":"r","lease":{"id":"l","after_ms":1,)"
                R"("expires_ms":3600000}})");
}

BOOST_AUTO_TEST_CASE(a_message_whose_sender_is_no_utf8_still_is_json) {
  BOOST_TEST(encode_text_message("\xff", "\xfe", "\xfd")
             == "{\"type\":\"message\",\"data\":\"\xef\xbf\xbd\",\"topic\":\"\xef\xbf\xbd\","
                "\"from\":\"\xef\xbf\xbd\"}");
}

BOOST_AUTO_TEST_SUITE_END()
