#include "protocol/ids.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace holdfast;

namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

connection_id id(std::uint64_t node, std::uint64_t counter) {
  return {incarnation{node}, counter};
}

bool refused(std::string_view text) {
  return !parse_connection_id(text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ids)

BOOST_AUTO_TEST_CASE(the_text_is_the_incarnation_in_base_36_and_the_counter_in_hexadecimal) {
  BOOST_TEST(to_string(id(0, 0)) == "0-0");
  BOOST_TEST(to_string(id(35, 255)) == "z-ff");
  BOOST_TEST(to_string(id(36, 256)) == "10-100");
  BOOST_TEST(to_string(id(1753000000000, 0x3f01)) == "mdbexssg-3f01");
  BOOST_TEST(to_string(id(largest, largest)) == "3w5e11264sgsf-ffffffffffffffff");
}

BOOST_AUTO_TEST_CASE(the_text_of_an_id_is_read_back_as_the_same_id) {
  for (auto node : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{35}, std::uint64_t{36},
                    std::uint64_t{1753000000000}, largest - 1, largest}) {
    for (auto counter : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{0x3f01}, largest}) {
      auto text = to_string(id(node, counter));
      BOOST_TEST_CONTEXT(text)
      BOOST_TEST((parse_connection_id(text) == id(node, counter)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_number_that_does_not_fit_is_refused_not_wrapped) {
  BOOST_TEST(refused("3w5e11264sgsg-0")); // 2^64
  BOOST_TEST(refused("zzzzzzzzzzzzz-0"));
  BOOST_TEST(refused("10000000000000-0"));    // 36^13
  BOOST_TEST(refused("0-10000000000000000")); // 2^64
  BOOST_TEST(refused("0-ffffffffffffffffffffff"));
}

BOOST_AUTO_TEST_CASE(an_id_has_one_text_so_capitals_and_leading_zeros_are_refused) {
  BOOST_TEST(refused("MF2-1"));
  BOOST_TEST(refused("mf2-A"));
  BOOST_TEST(refused("0mf2-1"));
  BOOST_TEST(refused("mf2-01"));
  BOOST_TEST(refused("00-0"));
}

BOOST_AUTO_TEST_CASE(empty_parts_are_refused) {
  for (auto text : {"", "-", "mf2-", "-1", "mf2"})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST(refused(text));
}

BOOST_AUTO_TEST_CASE(junk_is_refused) {
  using namespace std::string_view_literals;
  for (auto text : {"mf2-1g"sv, "mf2-1-2"sv, "mf2--1"sv, "+1-1"sv, "mf2-0x1"sv, " mf2-1"sv,
                    "mf2-1 "sv, "mf2 -1"sv, "mf2-1\0"sv, "m\0-1"sv, "m\xc3\xa9-1"sv})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST(refused(text));
}

BOOST_AUTO_TEST_CASE(ids_of_a_shard_ascend_and_name_the_shard) {
  connection_ids ids{incarnation{7}, 255};
  auto first = ids.next();
  auto second = ids.next();
  BOOST_TEST(int{first.shard()} == 255);
  BOOST_TEST(int{second.shard()} == 255);
  BOOST_TEST(first.counter < second.counter);
  BOOST_TEST((first.node == incarnation{7}));
}

BOOST_AUTO_TEST_CASE(two_shards_never_issue_the_same_id) {
  connection_ids zero{incarnation{7}, 0};
  connection_ids one{incarnation{7}, 1};
  for (int i = 0; i < 1000; ++i)
    BOOST_REQUIRE((zero.next() != one.next()));
}

BOOST_AUTO_TEST_SUITE_END()
