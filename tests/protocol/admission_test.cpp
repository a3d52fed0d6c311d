#include "tests/protocol/admission_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace holdfast;
using namespace holdfast::test;

BOOST_AUTO_TEST_SUITE(admission_of_users)

BOOST_AUTO_TEST_CASE(a_user_is_admitted_up_to_his_limit_and_then_rejected) {
  auto users = make(2);
  auto first = std::get<admitted>(users.decide("ann", id(1), start));
  BOOST_TEST(first.count == 1u);
  BOOST_TEST(first.limit == 2u);
  BOOST_TEST(is<admitted>(users.decide("ann", id(2), start)));
  auto no = std::get<rejected>(users.decide("ann", id(3), start));
  BOOST_TEST(no.count == 2u);
  BOOST_TEST(no.limit == 2u);
  BOOST_TEST(users.count("ann") == 2u);
}

BOOST_AUTO_TEST_CASE(users_do_not_count_against_each_other) {
  auto users = make(1);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
  BOOST_TEST(is<admitted>(users.decide("bob", id(2), start)));
  BOOST_TEST(users.users() == 2u);
  BOOST_TEST(users.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(who_left_makes_room_and_the_last_one_takes_the_user_along) {
  auto users = make(1);
  users.decide("ann", id(1), start);
  BOOST_TEST(users.left("ann", id(1)));
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(is<admitted>(users.decide("ann", id(2), start)));
}

BOOST_AUTO_TEST_CASE(leaving_twice_counts_once) {
  auto users = make(3);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  BOOST_TEST(users.left("ann", id(1)));
  BOOST_TEST(!users.left("ann", id(1)));
  BOOST_TEST(users.count("ann") == 1u);
  BOOST_TEST(users.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_that_was_rejected_or_never_seen_is_harmless) {
  auto users = make(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  BOOST_TEST(!users.left("ann", id(2)));
  BOOST_TEST(!users.left("ann", id(99)));
  BOOST_TEST(!users.left("nobody", id(1)));
  BOOST_TEST(!users.left("", id(1)));
  BOOST_TEST(users.count("ann") == 1u);
}

BOOST_AUTO_TEST_CASE(an_end_that_comes_before_its_request_leaves_nothing_behind) {
  auto users = make(1);
  BOOST_TEST(!users.left("ann", id(1)));
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.left("ann", id(1)));
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(users.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_repeated_counts_once) {
  auto users = make(2);
  users.decide("ann", id(1), start);
  auto again = std::get<admitted>(users.decide("ann", id(1), start + 1s));
  BOOST_TEST(again.count == 1u);
  users.decide("ann", id(2), start);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start + 2s))); // at the limit as well
  BOOST_TEST(users.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(anonymous_connections_are_admitted_and_not_counted) {
  auto users = make(1);
  for (std::uint64_t n = 1; n < 10; ++n)
    BOOST_TEST(is<admitted>(users.decide("", id(n), start)));
  BOOST_TEST(!users.restore("", id(11), start));
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(users.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_limit_of_zero_is_none_yet_users_are_counted) {
  auto users = make(0);
  for (std::uint64_t n = 1; n <= 100; ++n)
    BOOST_TEST(is<admitted>(users.decide("ann", id(n), start)));
  BOOST_TEST(users.count("ann") == 100u);
  BOOST_TEST(users.users_at_limit() == 0u);
  BOOST_TEST(users.users_over(0) == 0u);
  BOOST_TEST(users.excess().empty());
}

BOOST_AUTO_TEST_CASE(the_oldest_makes_room_for_the_newest_and_is_counted_out_at_once) {
  auto users = evicting(2);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start + 1s);
  auto v = users.decide("ann", id(3), start + 2s);
  BOOST_TEST((evicted_by(v) == ids{id(1)}));
  BOOST_TEST(std::get<admitted_evicting>(v).count == 2u);
  BOOST_TEST(users.count("ann") == 2u);
}

BOOST_AUTO_TEST_CASE(evictions_follow_the_order_of_admission_not_of_ids) {
  auto users = evicting(2);
  users.decide("ann", id(9, 1), start);
  users.decide("ann", id(1, 0), start - 1s); // another shard read its clock earlier
  BOOST_TEST((evicted_by(users.decide("ann", id(5, 1), start)) == ids{id(9, 1)}));
  BOOST_TEST((evicted_by(users.decide("ann", id(6, 1), start)) == ids{id(1, 0)}));
}

BOOST_AUTO_TEST_CASE(a_chain_of_evictions_at_limit_one_counts_one) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  for (std::uint64_t n = 2; n < 20; ++n) {
    BOOST_TEST((evicted_by(users.decide("ann", id(n), start)) == ids{id(n - 1)}));
    BOOST_TEST(users.count("ann") == 1u);
  }
  for (std::uint64_t n = 1; n < 19; ++n)
    BOOST_TEST(!users.left("ann", id(n))); // the ends of the evicted come late and change nothing
  BOOST_TEST(users.count("ann") == 1u);
  BOOST_TEST(users.left("ann", id(19)));
  BOOST_TEST(users.users() == 0u);
}

BOOST_AUTO_TEST_CASE(an_evicted_connection_that_asks_again_evicts_nobody) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  BOOST_TEST(is<rejected>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.left("ann", id(2)));
  BOOST_TEST(is<rejected>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.users() == 0u);
}

BOOST_AUTO_TEST_CASE(an_evicted_connection_is_forgotten_when_it_has_left) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  users.left("ann", id(1));
  // Were it still remembered as evicted, this would be a rejection.
  BOOST_TEST((evicted_by(users.decide("ann", id(1), start)) == ids{id(2)}));
}

BOOST_AUTO_TEST_CASE(a_lowered_limit_closes_nobody_and_rejects_until_the_user_is_below_it) {
  auto users = make(3);
  for (std::uint64_t n = 1; n <= 3; ++n)
    users.decide("ann", id(n), start);
  users.set_limit(2);
  BOOST_TEST(users.count("ann") == 3u);
  users.left("ann", id(1));
  BOOST_TEST(is<rejected>(users.decide("ann", id(4), start)));
  users.left("ann", id(2));
  BOOST_TEST(is<admitted>(users.decide("ann", id(5), start)));
}

BOOST_AUTO_TEST_CASE(after_a_lowered_limit_one_newcomer_evicts_down_to_it) {
  auto users = evicting(4);
  for (std::uint64_t n = 1; n <= 4; ++n)
    users.decide("ann", id(n), start);
  users.set_limit(2);
  auto v = users.decide("ann", id(5), start);
  BOOST_TEST((evicted_by(v) == ids{id(1), id(2), id(3)}));
  BOOST_TEST(users.count("ann") == 2u);
}

BOOST_AUTO_TEST_CASE(users_near_and_at_the_limit_are_counted) {
  auto users = make(5);
  auto give = [&](const std::string& user, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i)
      users.restore(user, {node, (std::hash<std::string>{}(user)&0xffff) << 16 | i << 8}, start);
  };
  give("one", 1);
  give("four", 4);
  give("five", 5);
  give("six", 6);
  BOOST_TEST(users.users_at_limit() == 2u);
  BOOST_TEST(users.users_over(19) == 4u);
  BOOST_TEST(users.users_over(20) == 3u);
  BOOST_TEST(users.users_over(79) == 3u);
  BOOST_TEST(users.users_over(80) == 2u);
  BOOST_TEST(users.users_over(100) == 1u);
  users.set_limit(4);
  BOOST_TEST(users.users_at_limit() == 3u);
  users.set_limit(100);
  BOOST_TEST(users.users_at_limit() == 0u);
}

BOOST_AUTO_TEST_CASE(partitions_are_the_same_in_every_process) {
  BOOST_TEST(stable_hash("") == 0xcbf29ce484222325ull); // vectors of FNV's authors
  BOOST_TEST(stable_hash("a") == 0xaf63dc4c8601ec8cull);
  BOOST_TEST(stable_hash("foobar") == 0x85944171f73967e8ull);
  BOOST_TEST(partition_of("foobar", 1000) == 697u);
  BOOST_TEST(partition_of("foobar", 1) == 0u);
  BOOST_TEST(partition_of("foobar", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(partitions_get_about_as_many_users_each) {
  std::vector<int> users(8, 0);
  for (int i = 0; i < 8000; ++i)
    ++users[partition_of("user" + std::to_string(i), users.size())];
  for (int n : users) {
    BOOST_TEST(n > 850);
    BOOST_TEST(n < 1150);
  }
}

BOOST_AUTO_TEST_CASE(counts_equal_a_plain_model_after_many_random_events) {
  for (auto policy : {user_limit_policy::reject_newest, user_limit_policy::evict_oldest}) {
    auto users = make(3, policy);
    std::map<std::string, ids> model; // oldest first
    std::mt19937 random{20240607};
    std::uint64_t next = 0;
    for (int step = 0; step < 20000; ++step) {
      auto user = "user" + std::to_string(random() % 20);
      auto& held = model[user];
      if (random() % 5 < 3) {
        auto v = users.decide(user, id(++next), start);
        if (!is<rejected>(v)) {
          for (auto gone : evicted_by(v))
            held.erase(std::find(held.begin(), held.end(), gone));
          held.push_back(id(next));
        }
      } else {
        auto gone = id(1 + random() % (next + 1));
        auto found = std::find(held.begin(), held.end(), gone);
        BOOST_REQUIRE(users.left(user, gone) == (found != held.end()));
        if (found != held.end())
          held.erase(found);
      }
      BOOST_REQUIRE(users.count(user) == held.size());
      BOOST_REQUIRE(held.size() <= 3u);
    }
    std::size_t sum = 0;
    for (auto& [user, held] : model) {
      sum += held.size();
      for (auto x : held)
        BOOST_REQUIRE(users.left(user, x));
    }
    BOOST_TEST(sum > 0u);
    BOOST_TEST(users.users() == 0u);
    BOOST_TEST(users.connections() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(who_has_the_most_connections_is_named_first_and_then_by_name) {
  auto users = make(0);
  std::uint64_t next = 0;
  for (auto& [user, count] : {std::pair{"bob", 2}, {"ann", 2}, {"eve", 3}, {"joe", 1}})
    for (int i = 0; i < count; ++i)
      users.decide(user, id(++next), start);
  using list = std::vector<std::pair<std::string_view, std::size_t>>;
  BOOST_TEST((users.most_connected(10) == list{{"eve", 3}, {"ann", 2}, {"bob", 2}, {"joe", 1}}));
  BOOST_TEST((users.most_connected(2) == list{{"eve", 3}, {"ann", 2}}));
  BOOST_TEST(users.most_connected(0).empty());
  users.left("eve", id(5));
  users.left("eve", id(6));
  users.left("eve", id(7));
  BOOST_TEST((users.most_connected(1) == list{{"ann", 2}}));
}

BOOST_AUTO_TEST_SUITE_END()
