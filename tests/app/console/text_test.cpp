#include "app/console/json.hpp"
#include "app/console/numbers.hpp"
#include "app/console/text.hpp"
#include "app/console/words.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::console;

BOOST_AUTO_TEST_SUITE(console_text)

BOOST_AUTO_TEST_CASE(what_a_terminal_would_obey_is_shown_instead) {
  BOOST_TEST(shown("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  BOOST_TEST(shown("a\nb\tc\r\x7f") == "a\\x0ab\\x09c\\x0d\\x7f");
  BOOST_TEST(shown("\xc2\x9b"
                   "31m")
             == "\\x9b31m"); // CSI as one character
  BOOST_TEST(shown("ab\xe2\x80\xae"
                   "dc")
             == "ab\\u202edc"); // would be read from the right
  BOOST_TEST(shown(std::string{"a\0b", 3}) == "a\\x00b");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf_8_are_shown_one_by_one) {
  BOOST_TEST(shown("\xff\xfe") == "\\xff\\xfe");
  BOOST_TEST(shown("\xe2\x82") == "\\xe2\\x82");
  BOOST_TEST(shown("\xc0\xaf") == "\\xc0\\xaf");
}

BOOST_AUTO_TEST_CASE(other_text_is_left_as_it_is) {
  for (auto* text :
       {"u42", "J\xc3\xbcrgen", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x8e\x89", "a\\x1b"})
    BOOST_TEST(shown(text) == text);
}

BOOST_AUTO_TEST_CASE(json_stays_the_same_value_without_what_a_terminal_obeys) {
  json value{{"user", "a\x1b[2J\xc2\x9b\xe2\x80\xae\x7f"}};
  auto text = to_text(value, true);
  for (char c : text)
    BOOST_TEST((c == '\n' || (c >= 0x20 && c < 0x7f)), text);
  BOOST_TEST((json::parse(text) == value));
}

BOOST_AUTO_TEST_CASE(width_is_counted_in_columns) {
  BOOST_TEST(display_width("abc") == 3u);
  BOOST_TEST(display_width("J\xc3\xbcrgen") == 6u);
  BOOST_TEST(display_width("u\xcc\x88") == 1u);                // u and a combining diaeresis
  BOOST_TEST(display_width("\xe6\x97\xa5\xe6\x9c\xac") == 4u); // two Han characters
  BOOST_TEST(display_width("\xf0\x9f\x8e\x89") == 2u);         // a picture
  BOOST_TEST(display_width("") == 0u);
}

BOOST_AUTO_TEST_CASE(text_is_clipped_between_characters) {
  BOOST_TEST(clipped("abcdef", 6) == "abcdef");
  BOOST_TEST(clipped("abcdef", 4) == "abc~");
  BOOST_TEST(clipped("\xe6\x97\xa5\xe6\x9c\xac", 3) == "\xe6\x97\xa5~");
  BOOST_TEST(clipped("\xe6\x97\xa5\xe6\x9c\xac", 2) == "~");
  BOOST_TEST(clipped("abc", 0) == "");
  BOOST_TEST(padded("\xe6\x97\xa5", 4) == "\xe6\x97\xa5  ");
  BOOST_TEST(padded("1", 3, true) == "  1");
}

BOOST_AUTO_TEST_CASE(counts_and_shares_read_as_people_write_them) {
  BOOST_TEST(count(8214) == "8,214");
  BOOST_TEST(count(-3) == "-3");
  BOOST_TEST(counted(1, "zombie") == "1 zombie");
  BOOST_TEST(counted(0, "zombie") == "0 zombies");
  BOOST_TEST(rough(14'230) == "14.2k");
  BOOST_TEST(rough(999) == "999");
  BOOST_TEST(rough(999.7) == "1.0k");
  BOOST_TEST(rough(1'234'567) == "1.2M");
  BOOST_TEST(rate(0) == "0/s");
  BOOST_TEST(rate(0.44) == "0.4/s");
  BOOST_TEST(rate(112.3) == "112/s");
  BOOST_TEST(percent(8214.0 / 20'000) == "41 %");
  BOOST_TEST(percent(3.0 / 8214) == "0.04 %");
  BOOST_TEST(percent(0.024) == "2.4 %");
  BOOST_TEST(percent(0.998) == "99.8 %");
  BOOST_TEST(percent(0.99999) == "99.9 %"); // somebody has not answered
  BOOST_TEST(percent(0.00001) == "0.01 %");
  BOOST_TEST(percent(1) == "100 %");
  BOOST_TEST(percent(0) == "0 %");
}

BOOST_AUTO_TEST_CASE(times_and_sizes_have_the_unit_that_fits) {
  BOOST_TEST(span(0) == "0 s");
  BOOST_TEST(span(100) == "0.1 s");
  BOOST_TEST(span(3'000) == "3 s");
  BOOST_TEST(span(59'900) == "1m00s");
  BOOST_TEST(span(41 * 60'000 + 7'000) == "41m07s");
  BOOST_TEST(span(3 * 3'600'000 + 12 * 60'000) == "3h12m");
  BOOST_TEST(span(12 * 86'400'000.0 + 3 * 3'600'000) == "12d03h");
  BOOST_TEST(span(-5) == "0 s");
  BOOST_TEST(latency(0.41) == "0.4 ms");
  BOOST_TEST(latency(21.2) == "21 ms");
  BOOST_TEST(latency(310) == "310 ms");
  BOOST_TEST(latency(1'900) == "1.9 s");
  BOOST_TEST(clock_span(41 * 60'000 + 7'400) == "41:07");
  BOOST_TEST(clock_span(3 * 3'600'000 + 12 * 60'000 + 7'000) == "3:12:07");
  BOOST_TEST(size(812) == "812 B");
  BOOST_TEST(size(41.3 * 1024) == "41 KiB");
  BOOST_TEST(size(1536) == "1.5 KiB");
  BOOST_TEST(size(1.2 * 1024 * 1024) == "1.2 MiB");
  BOOST_TEST(size(11.84 * 1024 * 1024) == "11.8 MiB");
}

BOOST_AUTO_TEST_CASE(numbers_without_bounds_do_no_harm) {
  auto endless = std::numeric_limits<double>::infinity();
  for (auto value : {endless, -endless, std::numeric_limits<double>::quiet_NaN(), 1e300})
    BOOST_TEST((!count(value).empty() && !span(value).empty() && !size(value).empty()
                && !percent(value).empty() && !latency(value).empty()
                && !clock_span(value).empty()));
}

BOOST_AUTO_TEST_CASE(a_line_is_split_as_a_shell_splits_it) {
  auto line = split(R"(closed --user 'a b' "c \"d" e\ f)");
  std::vector<std::string> expected{"closed", "--user", "a b", "c \"d", "e f"};
  BOOST_TEST(line.words == expected, boost::test_tools::per_element());
  BOOST_TEST(line.last == "e f");
  BOOST_TEST(!line.open_quote);
  BOOST_TEST(split("conns ").last.empty());
  BOOST_TEST(split("conns ").words.size() == 1u);
  BOOST_TEST(split("conns li").last == "li");
  BOOST_TEST(split("x 'open").open_quote);
  BOOST_TEST(split("").words.empty());
  BOOST_TEST(split("''").words.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_json_or_too_deep_is_none) {
  BOOST_TEST(!parse_json("{").has_value());
  BOOST_TEST(!parse_json(std::string(100'000, '[')).has_value());
  BOOST_TEST(parse_json(R"({"a":[1]})").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
