#include "app/bench/verify_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

using namespace holdfast::bench;

namespace {

/// How many characters of each length `text` has; fails the test if it is not UTF-8.
std::array<std::size_t, 5> characters(const std::string& text) {
  std::array<std::size_t, 5> count{};
  for (std::size_t at = 0; at < text.size();) {
    auto first = static_cast<unsigned char>(text[at]);
    std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    BOOST_REQUIRE((first < 0x80 || (first >= 0xc2 && first <= 0xf4)));
    BOOST_REQUIRE(at + bytes <= text.size());
    std::uint32_t code = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
      auto next = static_cast<unsigned char>(text[at + i]);
      BOOST_REQUIRE((next & 0xc0) == 0x80);
      code = code << 6 | (next & 0x3f);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    BOOST_REQUIRE((code >= least[bytes] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)));
    ++count[bytes];
    at += bytes;
  }
  return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_verify_plan)

BOOST_AUTO_TEST_CASE(the_sizes_have_all_borders_and_nothing_above_the_largest) {
  auto sizes = verify_sizes(1u << 20, 7);
  std::set<std::uint32_t> set{sizes.begin(), sizes.end()};
  for (std::uint32_t size = 0; size <= 300; ++size)
    BOOST_TEST(set.count(size) == 1u);
  for (std::uint32_t size : {511u, 512u, 513u, 65535u, 65536u, 65537u, (1u << 20) - 1, 1u << 20})
    BOOST_TEST(set.count(size) == 1u, size);
  BOOST_TEST(*set.rbegin() == 1u << 20);
  BOOST_TEST(sizes.size() == set.size());
  BOOST_TEST(set.size() > 301u + 35u + 20u); // the random ones
}

BOOST_AUTO_TEST_CASE(a_small_largest_is_kept_to) {
  BOOST_TEST((verify_sizes(0, 1) == std::vector<std::uint32_t>{0}));
  auto sizes = verify_sizes(1000, 1);
  BOOST_TEST(sizes.back() == 1000u);
  BOOST_TEST(std::count(sizes.begin(), sizes.end(), 513u) == 1);
}

BOOST_AUTO_TEST_CASE(each_size_is_planned_in_each_kind_and_way_once) {
  auto plan = verify_plan({0, 5, 126}, 3);
  std::set<std::tuple<std::uint32_t, opcode, sending>> set;
  for (auto& message : plan)
    set.insert({message.size, message.op, message.way});
  BOOST_TEST(plan.size() == 3u * 2u * 3u);
  BOOST_TEST(set.size() == plan.size());
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_run_and_another_seed_another) {
  auto sizes = verify_sizes(70'000, 5);
  BOOST_TEST((sizes == verify_sizes(70'000, 5)));
  BOOST_TEST((sizes != verify_sizes(70'000, 6)));
  auto first_sizes = [&](std::uint64_t seed) {
    std::vector<std::uint32_t> result;
    for (auto& message : verify_plan(sizes, seed))
      result.push_back(message.size);
    return result;
  };
  BOOST_TEST((first_sizes(1) == first_sizes(1)));
  BOOST_TEST((first_sizes(1) != first_sizes(2)));
  std::string one, same, other;
  fill_message(one, {100, opcode::binary, sending::whole}, 1);
  fill_message(same, {100, opcode::binary, sending::whole}, 1);
  fill_message(other, {100, opcode::binary, sending::whole}, 2);
  BOOST_TEST((one == same && one != other));
}

BOOST_AUTO_TEST_CASE(text_is_utf8_of_the_exact_size_with_characters_of_all_lengths) {
  std::string text;
  for (std::uint32_t size = 0; size <= 300; ++size) {
    fill_message(text, {size, opcode::text, sending::whole}, size);
    BOOST_TEST(text.size() == size);
    characters(text);
  }
  fill_message(text, {100'000, opcode::text, sending::whole}, 1);
  auto count = characters(text);
  for (std::size_t bytes = 1; bytes <= 4; ++bytes)
    BOOST_TEST(count[bytes] > 1000u);
}

BOOST_AUTO_TEST_CASE(binary_messages_have_every_byte) {
  std::string data;
  fill_message(data, {10'003, opcode::binary, sending::whole}, 1);
  BOOST_TEST(data.size() == 10'003u);
  BOOST_TEST((std::set<char>{data.begin(), data.end()}.size() == 256u));
}

BOOST_AUTO_TEST_CASE(fragments_cover_the_message_and_are_two_at_least) {
  for (std::size_t size : {0u, 1u, 2u, 1000u}) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      auto ends = fragment_ends(size, seed);
      BOOST_TEST((ends.size() >= 2 && ends.size() <= 6));
      BOOST_TEST(std::is_sorted(ends.begin(), ends.end()));
      BOOST_TEST(ends.back() == size);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
