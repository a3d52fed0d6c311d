#include "protocol/ids.hpp"
#include "tests/protocol/property.hpp"

#include <set>

using namespace holdfast;

namespace {

/// Small ones, and all others.
rc::Gen<std::uint64_t> number() {
  return rc::gen::oneOf(
    rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange<std::uint64_t>(0, 40),
    rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 40), [](std::uint64_t n) { return ~n; }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_ids)

BOOST_AUTO_TEST_CASE(any_id_is_read_back_from_its_text) {
  BOOST_TEST(holds([] {
    connection_id id{incarnation{*number()}, *number()};
    auto text = to_string(id);
    RC_LOG() << text;
    auto read = parse_connection_id(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == id);
  }));
}

BOOST_AUTO_TEST_CASE(any_text_is_refused_or_is_the_only_one_of_its_id) {
  auto letter = rc::gen::oneOf(rc::gen::elementOf(std::string{"0123456789abcdefz-"}),
                               rc::gen::arbitrary<char>());
  BOOST_TEST(holds([&] {
    // That of an id, with something put into it.
    auto text = to_string(connection_id{incarnation{*number()}, *number()});
    text.insert(*rc::gen::inRange<std::size_t>(0, text.size() + 1), 1, *letter);
    RC_LOG() << text;
    auto read = parse_connection_id(text);
    RC_ASSERT((!read || to_string(*read) == text));
  }));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_refused_or_the_text_of_an_id) {
  BOOST_TEST(holds([](const std::string& text) {
    auto read = parse_connection_id(text);
    RC_ASSERT((!read || to_string(*read) == text));
  }));
}

BOOST_AUTO_TEST_CASE(shards_never_give_out_an_id_twice) {
  BOOST_TEST(holds([](const std::vector<shard_index>& takers) {
    std::vector<connection_ids> givers;
    for (unsigned shard = 0; shard < max_shards; ++shard)
      givers.emplace_back(incarnation{7}, static_cast<shard_index>(shard));
    std::set<std::uint64_t> given;
    for (auto shard : takers) {
      auto id = givers[shard].next();
      RC_ASSERT(id.shard() == shard);
      RC_ASSERT(given.insert(id.counter).second);
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
