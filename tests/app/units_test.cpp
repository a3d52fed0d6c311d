#include "app/units.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(a_duration_is_a_number_with_a_unit) {
  BOOST_TEST((parse_duration("250ms") == 250ms));
  BOOST_TEST((parse_duration("30s") == 30s));
  BOOST_TEST((parse_duration("2m") == 2min));
  BOOST_TEST((parse_duration("1h") == 1h));
  BOOST_TEST((parse_duration("3d") == 72h));
  BOOST_TEST((parse_duration("0s") == 0s));
}

BOOST_AUTO_TEST_CASE(durations_add_up_while_their_units_fall) {
  BOOST_TEST((parse_duration("1h30m") == 90min));
  BOOST_TEST((parse_duration("1d2h3m4s5ms") == 26h + 3min + 4s + 5ms));
  BOOST_TEST(!parse_duration("30m1h"));
  BOOST_TEST(!parse_duration("1s1s"));
}

BOOST_AUTO_TEST_CASE(a_duration_that_could_mean_two_things_is_refused) {
  for (auto text : {"", "30", "0", "s", "-1s", "+1s", "1.5s", "30 s", " 30s", "30s ", "30S", "soon",
                    "1h30", "30sec", "1us", "0x10s", "1e3s", "s30"})
    BOOST_TEST(!parse_duration(text), text);
}

BOOST_AUTO_TEST_CASE(a_duration_ends_at_a_hundred_years) {
  BOOST_TEST((parse_duration("36500d") == 24h * 36500));
  BOOST_TEST(!parse_duration("36500d1ms"));
  BOOST_TEST(!parse_duration("36501d"));
  BOOST_TEST(!parse_duration("18446744073709551615ms"));
  BOOST_TEST(!parse_duration("18446744073709551616ms"));
}

BOOST_AUTO_TEST_CASE(durations_are_written_in_seconds_if_they_are_whole_ones) {
  BOOST_TEST(format_duration(60s) == "60s");
  BOOST_TEST(format_duration(0s) == "0s");
  BOOST_TEST(format_duration(1500ms) == "1500ms");
  BOOST_TEST(format_duration(2h) == "7200s");
}

BOOST_AUTO_TEST_CASE(a_size_is_a_number_of_bytes_with_or_without_a_unit) {
  BOOST_TEST((parse_size("4096") == 4096u));
  BOOST_TEST((parse_size("0") == 0u));
  BOOST_TEST((parse_size("512B") == 512u));
  BOOST_TEST((parse_size("64KiB") == 65536u));
  BOOST_TEST((parse_size("1MiB") == 1048576u));
  BOOST_TEST((parse_size("3GiB") == 3221225472u));
}

BOOST_AUTO_TEST_CASE(a_size_that_could_mean_two_things_is_refused) {
  for (auto text : {"", "KiB", "64KB", "64K", "64k", "64kib", "1.5MiB", "-1", "64 KiB",
                    "1MiB512KiB", "many", "1TiB"})
    BOOST_TEST(!parse_size(text), text);
}

BOOST_AUTO_TEST_CASE(a_size_ends_at_2_to_the_53) {
  BOOST_TEST((parse_size("9007199254740992") == 9007199254740992u));
  BOOST_TEST(!parse_size("9007199254740993"));
  BOOST_TEST((parse_size("8388608GiB") == 9007199254740992u));
  BOOST_TEST(!parse_size("8388609GiB"));
  BOOST_TEST(!parse_size("18446744073709551617"));
}

BOOST_AUTO_TEST_CASE(sizes_are_written_with_the_largest_unit_that_is_exact) {
  BOOST_TEST(format_size(65536) == "64KiB");
  BOOST_TEST(format_size(1048576) == "1MiB");
  BOOST_TEST(format_size(1536) == "1536");
  BOOST_TEST(format_size(1000) == "1000");
  BOOST_TEST(format_size(0) == "0");
}

BOOST_AUTO_TEST_CASE(what_is_written_can_be_read_again) {
  for (auto text : {"0s", "1ms", "250ms", "30s", "86400s"})
    BOOST_TEST(format_duration(*parse_duration(text)) == text);
  for (auto text : {"0", "1", "1023", "1KiB", "17MiB", "4GiB"})
    BOOST_TEST(format_size(*parse_size(text)) == text);
}

BOOST_AUTO_TEST_SUITE_END()
