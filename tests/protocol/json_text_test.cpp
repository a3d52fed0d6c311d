#include "protocol/json_text.hpp"

#include "protocol/json_string.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <utility>

using namespace holdfast;

namespace {

using json = nlohmann::json;

constexpr std::size_t deep_enough = 100;

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

enum class verdict { json, no_json, number_too_big };

/// What the library thinks of a text without NUL, which it takes for the end.
verdict of_library(const std::string& text) {
  try {
    auto document = json::parse(text);
    return verdict::json;
  } catch (const json::out_of_range&) {
    return verdict::number_too_big;
  } catch (const json::parse_error&) {
    return verdict::no_json;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(what_is_no_utf8_becomes_one_replacement_for_each_maximal_subpart) {
  const std::string r = "\xef\xbf\xbd";
  const std::pair<std::string, std::string> cases[] = {
    {"\x80", r},
    {"\xc0\xaf", r + r},                 // overlong
    {"\xe0\x80\xaf", r + r + r},         // overlong
    {"\xed\xa0\x80", r + r + r},         // a surrogate
    {"\xf4\x90\x80\x80", r + r + r + r}, // beyond U+10FFFF
    {"\xf5\xff", r + r},
    {"\xe2\x82", r}, // cut short at the end
    {"\xf0\x9f\x98", r},
    {"\xf0\x9f\x98x", r + "x"}, // cut short before something
    {"\xe2\x82\"", r + "\\\""},
    {"\xc3\xc3\xa9", r + "é"},
    {"abcdefgh\xff"
     "abcdefgh",
     "abcdefgh" + r + "abcdefgh"},
    {"\xf1\x80\x80\xe1\x80\xc2"
     "b\x80"
     "c\x80\xbf"
     "d", // the example of table 3-8
     r + r + r + "b" + r + "c" + r + r + "d"},
  };
  for (auto& [bytes, expected] : cases)
    BOOST_TEST(json_string(bytes) == '"' + expected + '"');
}

BOOST_AUTO_TEST_CASE(strings_of_any_bytes_are_written_as_the_library_writes_them) {
  std::mt19937 random{4711};
  const std::string_view pieces[] = {"a",    "\"",   "\\",   "\n",   "é",           "日",      "😀",
                                     "\x80", "\xe2", "\x7f", "\x1f", "abcdefghijk", "\xf0\x9f"};
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (auto left = random() % 24; left > 0; --left)
      bytes += pieces[random() % std::size(pieces)];
    auto written = json_string(bytes);
    auto expected = json(bytes).dump(-1, ' ', false, json::error_handler_t::replace);
    BOOST_TEST(json::parse(written).get<std::string>() == json::parse(expected).get<std::string>());
  }
  std::string every_byte;
  for (int c = 0; c < 128; ++c)
    every_byte += static_cast<char>(c);
  BOOST_TEST(json_string(every_byte) == json(every_byte).dump());
}

BOOST_AUTO_TEST_CASE(a_string_is_appended_to_what_is_there) {
  std::string out = "x=";
  append_json_string(out, "a");
  append_json_string(out, "");
  BOOST_TEST(out == R"(x="a""")");
}

BOOST_AUTO_TEST_CASE(what_is_json_is_what_the_library_takes_for_json) {
  const std::string seeds[] = {
    R"({"a":[1,-0.5e+10,true,false,null],"b":{"":"x"}})",
    R"(["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"])",
    R"([ [ ] , { } ,"é日😀", 0 , 10 ])",
    "-0",
    "1E5",
    "\"\"",
    " null ",
  };
  const std::string_view spice[]
    = {"\"",  "\\",  "{", "}", "[",  "]",    ":",    ",",    "0",
       "-",   ".",   "e", "u", "\n", "\x1f", "\xc3", "\xff", "\xed\xa0\x80",
       "\\u", "d83d"};
  std::mt19937 random{8259};
  int taken = 0;
  for (int round = 0; round < 50000; ++round) {
    auto text = seeds[random() % std::size(seeds)];
    for (auto edits = random() % 3; edits > 0 && !text.empty(); --edits) {
      auto at = random() % text.size();
      if (random() % 2 == 0)
        text.erase(at, 1 + random() % 3);
      else
        text.insert(at, spice[random() % std::size(spice)]);
    }
    auto expected = of_library(text);
    if (expected != verdict::number_too_big)
      BOOST_TEST(is_json(text, deep_enough) == (expected == verdict::json), text);
    taken += expected == verdict::json ? 1 : 0;
  }
  BOOST_TEST(taken > 10000);
  BOOST_TEST(taken < 40000);
}

BOOST_AUTO_TEST_CASE(strings_say_what_the_library_reads_in_them) {
  const std::string_view pieces[] = {
    "a",
    "é",
    "日",
    "😀",
    "abcdefghijk",
    R"(\")",
    R"(\\)",
    R"(\/)",
    R"(\b)",
    R"(\f)",
    R"(\n)",
    R"(\r)",
    R"(\t)",
    R"(\u0000)",
    R"(\u007f)",
    R"(\u0080)",
    R"(\u07FF)",
    R"(\u0800)",
    R"(\uffff)",
    R"(\ud800\udc00)",
    R"(\uDBFF\uDFFF)",
  };
  std::mt19937 random{7};
  for (int round = 0; round < 20000; ++round) {
    std::string text = "\"";
    for (auto left = random() % 12; left > 0; --left)
      text += pieces[random() % std::size(pieces)];
    text += '"';
    BOOST_TEST((check_json_string(text, 0) == text.size()));
    BOOST_TEST(end_of_json_string(text, 0) == text.size());
    BOOST_TEST(unescape_json_string(text) == json::parse(text).get<std::string>());
  }
}

BOOST_AUTO_TEST_CASE(a_text_may_nest_as_deep_as_told_and_no_deeper) {
  for (auto [open, close] : {std::pair{"[", "]"}, {"{\"a\":", "}"}}) {
    std::string text;
    for (int n = 0; n < 32; ++n)
      text += open;
    text += "1";
    for (int n = 0; n < 32; ++n)
      text += close;
    BOOST_TEST(is_json(text, 32));
    BOOST_TEST(!is_json(text, 31));
    BOOST_TEST(!nests_deeper(text, 32));
    BOOST_TEST(nests_deeper(text, 31));
  }
  BOOST_TEST(is_json("1", 0));
  BOOST_TEST(!is_json("[]", 0));
}

BOOST_AUTO_TEST_CASE(nesting_is_counted_in_any_bytes) {
  BOOST_TEST(!nests_deeper("]]][", 1));
  BOOST_TEST(!nests_deeper("[][][]", 1));
  BOOST_TEST(!nests_deeper("\"[[[\\\"[[[", 1)); // a string that never ends
  BOOST_TEST(!nests_deeper("\"\\", 0));
  BOOST_TEST(nests_deeper("\xff\"\\\\\"[[", 1));
}

BOOST_AUTO_TEST_CASE(values_end_where_they_end) {
  for (std::string_view value : {"1", "-1.5e3", "true", R"("a,]}")", "[]", R"([[1],{"]":"["}])"})
    for (std::string_view behind : {"", ",1", "]", "}", " ", "\n"}) {
      auto text = "[" + std::string{value}.append(behind);
      BOOST_TEST(end_of_json_value(text, 1) == 1 + value.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
