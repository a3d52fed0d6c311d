#include "protocol/json_object.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;

namespace {

std::string value_in(std::string_view text, std::string_view name) {
  auto object = json_object::read(text, 32);
  return std::string{object ? object->find(name).value_or("(absent)") : "(no object)"};
}

std::string nested(std::size_t levels) {
  return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_object_members)

BOOST_AUTO_TEST_CASE(values_are_found_as_they_stand) {
  auto text = " {\"a\" : 1.50 ,\"b\":\"x\\\"}\",\r\n\"c\": {\"a\":[2]}, \"\":null } ";
  BOOST_TEST(value_in(text, "a") == "1.50");
  BOOST_TEST(value_in(text, "b") == "\"x\\\"}\"");
  BOOST_TEST(value_in(text, "c") == "{\"a\":[2]}");
  BOOST_TEST(value_in(text, "") == "null");
  BOOST_TEST(value_in(text, "d") == "(absent)");
  BOOST_TEST(value_in("{}", "a") == "(absent)");
}

BOOST_AUTO_TEST_CASE(a_name_counts_as_what_it_says) {
  BOOST_TEST(value_in(R"({"\u0061lg":1})", "alg") == "1");
  BOOST_TEST(value_in(R"({"alg\u0000":1})", "alg") == "(absent)");
}

BOOST_AUTO_TEST_CASE(a_name_that_comes_twice_is_refused) {
  for (auto text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"alg":1,"\u0061lg":2})",
                    R"({"":1,"":1})"})
    BOOST_TEST(value_in(text, "a") == "(no object)", text);
  BOOST_TEST(value_in(R"({"a":{"b":1,"b":2}})", "a") == R"({"b":1,"b":2})");
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_refused) {
  for (auto text :
       {"", " ", "[]", "1", "\"a\"", "null", "{", "{\"a\"}", "{\"a\":1,}", "{\"a\":1}x",
        "{\"a\":1}{}", "{a:1}", "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}"})
    BOOST_TEST(!json_object::read(text, 32), text);
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded) {
  BOOST_TEST(json_object::read(nested(32), 32).has_value());
  BOOST_TEST(!json_object::read(nested(33), 32));
  BOOST_TEST(!json_object::read("{\"a\":" + std::string(1000000, '['), 32));
}

BOOST_AUTO_TEST_CASE(strings_are_unescaped_and_nothing_else_is_a_string) {
  BOOST_TEST((read_json_string(R"("a\u00e9\n")") == "a\xc3\xa9\n"));
  for (auto value : {"1", "null", "true", "[\"a\"]", "{}"})
    BOOST_TEST(!read_json_string(value), value);
}

BOOST_AUTO_TEST_CASE(the_elements_of_an_array_are_slices) {
  auto elements = read_json_array(R"([ 1 ,"]", [2,3],{"a":4} ])");
  BOOST_REQUIRE(elements.has_value());
  BOOST_REQUIRE(elements->size() == 4u);
  BOOST_TEST((*elements)[1] == "\"]\"");
  BOOST_TEST((*elements)[2] == "[2,3]");
  BOOST_TEST((*elements)[3] == "{\"a\":4}");
  BOOST_TEST(read_json_array("[ ]")->empty());
  for (auto value : {"1", "\"[]\"", "{\"a\":[]}"})
    BOOST_TEST(!read_json_array(value), value);
}

BOOST_AUTO_TEST_SUITE_END()
