#include "protocol/presence.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(presence)

BOOST_AUTO_TEST_CASE(a_user_is_there_from_his_first_connection_to_his_last) {
  presence_roll roll;
  BOOST_TEST(roll.appear("g", 1, "ann"));
  BOOST_TEST(!roll.appear("g", 2, "ann"));
  BOOST_TEST(!roll.leave("g", 1, "ann"));
  BOOST_TEST(roll.leave("g", 2, "ann"));
  BOOST_TEST(roll.all().empty());
}

BOOST_AUTO_TEST_CASE(who_is_anonymous_looks_on_and_is_not_there) {
  presence_roll roll;
  BOOST_TEST(!roll.appear("g", 1, ""));
  BOOST_TEST(roll.watchers("g").size() == 1);
  BOOST_TEST(roll.all().at(0).users.empty());
  BOOST_TEST(!roll.leave("g", 1, ""));
  BOOST_TEST(roll.watchers("g").empty());
}

BOOST_AUTO_TEST_CASE(who_was_not_there_cannot_leave) {
  presence_roll roll;
  roll.appear("g", 1, "ann");
  BOOST_TEST(!roll.leave("g", 2, "ann"));
  BOOST_TEST(!roll.leave("h", 1, "ann"));
  BOOST_TEST(roll.watchers("g").size() == 1);
}

BOOST_AUTO_TEST_CASE(a_user_is_there_while_any_shard_says_so) {
  presence_table table;
  BOOST_TEST(table.came(0, "g", "ann"));
  BOOST_TEST(!table.came(1, "g", "ann"));
  BOOST_TEST(!table.left(0, "g", "ann"));
  BOOST_TEST(!table.left(0, "g", "ann")); // said twice
  BOOST_TEST(table.left(1, "g", "ann"));
  BOOST_TEST(table.groups() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_shard_announces_replaces_what_it_has_said) {
  presence_table table;
  table.came(0, "g", "ann");
  table.came(0, "g", "bob");
  table.came(1, "g", "bob");
  table.came(0, "h", "cat");
  auto changes = table.announced(0, {{"g", {"ann", "dan"}}});
  std::vector<presence_change> expected{{"h", "cat", false}, {"g", "dan", true}};
  BOOST_TEST((changes == expected)); // bob is still on shard 1
  BOOST_TEST(table.users("g", 10) == (names{"ann", "bob", "dan"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.count("g") == 3);
  BOOST_TEST(table.users("g", 2) == (names{"ann", "bob"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
