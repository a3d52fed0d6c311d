// What a pool member learns from the shards: after its restart, and when it compares with them.
#include "tests/protocol/admission_cases.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::test;

namespace {

ids excess_ids(const admission& users) {
  ids result;
  for (const auto& x : users.excess())
    result.push_back(x.id);
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(admission_rebuild)

BOOST_AUTO_TEST_CASE(nothing_is_decided_until_every_shard_is_done) {
  auto users = make(5);
  users.begin_rebuild(3);
  BOOST_TEST(is<undecided>(users.decide("ann", id(1), start)));
  BOOST_TEST(!users.shard_done(0));
  BOOST_TEST(!users.shard_done(2));
  BOOST_TEST(!users.shard_done(2));  // said twice
  BOOST_TEST(!users.shard_done(77)); // not asked
  BOOST_TEST(users.rebuilding());
  BOOST_TEST((users.missing_shards() == std::vector<shard_index>{1}));
  BOOST_TEST(is<undecided>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.shard_done(1));
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.count("ann") == 1u);
}

BOOST_AUTO_TEST_CASE(anonymous_connections_do_not_wait_for_a_rebuild) {
  auto users = make(5);
  users.begin_rebuild(1);
  BOOST_TEST(is<admitted>(users.decide("", id(1), start)));
}

BOOST_AUTO_TEST_CASE(what_the_shards_have_counts_against_the_limit_again) {
  auto users = make(2);
  users.decide("old", id(9), start);
  users.begin_rebuild(2);
  BOOST_TEST(users.count("old") == 0u);
  users.snapshot(0, {{"ann", id(1, 0), start}});
  users.snapshot(1, {{"ann", id(2, 1), start}, {"bob", id(3, 1), start}, {"", id(4, 1), start}});
  users.snapshot(1, {{"bob", id(3, 1), start}}); // said twice
  users.shard_done(0);
  users.shard_done(1);
  BOOST_TEST(is<rejected>(users.decide("ann", id(5), start)));
  BOOST_TEST(is<admitted>(users.decide("bob", id(6), start)));
  BOOST_TEST(users.connections() == 4u);
}

BOOST_AUTO_TEST_CASE(the_order_of_admission_survives_a_rebuild) {
  auto users = evicting(3);
  users.begin_rebuild(2);
  users.snapshot(1, {{"ann", id(1, 1), start + 2s}, {"ann", id(2, 1), start + 1s}});
  users.snapshot(0, {{"ann", id(3, 0), start}});
  users.shard_done(0);
  users.shard_done(1);
  BOOST_TEST((evicted_by(users.decide("ann", id(4), start + 3s)) == ids{id(3, 0)}));
  BOOST_TEST((evicted_by(users.decide("ann", id(5), start + 3s)) == ids{id(2, 1)}));
  BOOST_TEST((evicted_by(users.decide("ann", id(6), start + 3s)) == ids{id(1, 1)}));
}

BOOST_AUTO_TEST_CASE(registrations_never_fail_and_the_newest_are_the_excess) {
  auto users = make(2);
  users.begin_rebuild(1);
  users.snapshot(0, {{"ann", id(1), start + 3s},
                     {"ann", id(2), start},
                     {"ann", id(3), start + 2s},
                     {"ann", id(4), start + 1s},
                     {"bob", id(5), start}});
  BOOST_TEST(users.count("ann") == 4u);
  BOOST_TEST(users.excess().empty()); // who is newest is known only when all have spoken
  users.shard_done(0);
  BOOST_TEST((excess_ids(users) == ids{id(1), id(3)}));
  users.left("ann", id(1));
  BOOST_TEST((excess_ids(users) == ids{id(3)}));
  users.left("ann", id(3));
  BOOST_TEST(users.excess().empty());
}

BOOST_AUTO_TEST_CASE(who_leaves_while_his_verdict_waits_is_not_counted_by_it) {
  auto users = make(1);
  users.begin_rebuild(1);
  BOOST_TEST(is<undecided>(users.decide("ann", id(1), start)));
  BOOST_TEST(!users.left("ann", id(1)));
  users.shard_done(0);
  BOOST_TEST(is<departed>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(is<admitted>(users.decide("ann", id(2), start)));
}

BOOST_AUTO_TEST_CASE(once_its_verdict_is_out_a_connection_that_waited_is_like_any_other) {
  auto users = make(1);
  users.begin_rebuild(1);
  users.decide("ann", id(1), start);
  users.shard_done(0);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
  BOOST_TEST(users.left("ann", id(1)));
  // Were it still remembered as waiting, its end would make this `departed`.
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
}

BOOST_AUTO_TEST_CASE(a_rebuild_believes_the_shards_about_evicted_connections_too) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start + 1s);
  users.begin_rebuild(1);
  std::vector<user_connection> both{{"ann", id(1), start}, {"ann", id(2), start + 1s}};
  users.snapshot(0, both);
  users.shard_done(0);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
  BOOST_TEST((excess_ids(users) == ids{id(2)}));
}

BOOST_AUTO_TEST_CASE(a_rebuild_starts_from_nobody) {
  auto users = make(1);
  users.decide("ann", id(1), start);
  users.begin_rebuild(1);
  users.shard_done(0);
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(users.connections() == 0u);
  BOOST_TEST(users.users_at_limit() == 0u);
}

BOOST_AUTO_TEST_CASE(a_second_rebuild_remembers_who_left_while_waiting_in_the_first) {
  auto users = make(1);
  users.begin_rebuild(1);
  users.decide("ann", id(1), start);
  users.decide("bob", id(2), start);
  users.begin_rebuild(1);
  users.left("ann", id(1));
  users.shard_done(0);
  BOOST_TEST(is<departed>(users.decide("ann", id(1), start)));
  BOOST_TEST(is<admitted>(users.decide("bob", id(2), start)));
}

BOOST_AUTO_TEST_CASE(who_leaves_after_his_shards_snapshot_is_counted_out) {
  auto users = make(1);
  users.begin_rebuild(2);
  users.snapshot(0, {{"ann", id(1), start}});
  BOOST_TEST(users.left("ann", id(1)));
  users.shard_done(0);
  users.snapshot(0, {{"ann", id(1), start}}); // a straggling copy of old news
  users.shard_done(1);
  BOOST_TEST(users.users() == 0u);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_nobody_asked_for_is_ignored) {
  auto users = make(1);
  users.snapshot(0, {{"ann", id(1), start}});
  BOOST_TEST(users.users() == 0u);
  BOOST_TEST(!users.shard_done(0));
}

BOOST_AUTO_TEST_CASE(a_rebuild_from_no_shards_is_over_at_once) {
  auto users = make(1);
  users.begin_rebuild(0);
  BOOST_TEST(is<admitted>(users.decide("ann", id(1), start)));
}

BOOST_AUTO_TEST_CASE(all_256_shards_can_be_awaited) {
  auto users = make(1);
  users.begin_rebuild(256);
  for (int shard = 0; shard < 255; ++shard)
    BOOST_TEST(!users.shard_done(static_cast<shard_index>(shard)));
  BOOST_TEST((users.missing_shards() == std::vector<shard_index>{255}));
  BOOST_TEST(users.shard_done(255));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(admission_sweep)

BOOST_AUTO_TEST_CASE(a_sweep_that_finds_everything_right_mends_nothing) {
  auto users = make(5);
  users.decide("ann", id(1), start);
  users.decide("bob", id(2), start);
  auto result = users.reconcile(
    node, 0, {{"bob", id(2), start}, {"ann", id(1), start}, {"", id(3), start}}, start + 1s);
  BOOST_TEST(result.forgotten == 0u);
  BOOST_TEST(result.registered == 0u);
  BOOST_TEST(users.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_leaked_connection_is_forgotten_and_a_missing_one_registered) {
  auto users = make(2);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  users.decide("gone", id(3), start);
  auto result
    = users.reconcile(node, 0, {{"ann", id(2), start}, {"new", id(4), start}}, start + 1s);
  BOOST_TEST(result.forgotten == 2u);
  BOOST_TEST(result.registered == 1u);
  BOOST_TEST(users.count("ann") == 1u);
  BOOST_TEST(users.count("gone") == 0u);
  BOOST_TEST(users.count("new") == 1u);
  BOOST_TEST(users.users() == 2u);
  BOOST_TEST(users.connections() == 2u);
  BOOST_TEST(is<admitted>(users.decide("ann", id(5), start)));
  BOOST_TEST(users.users_at_limit() == 1u);
}

BOOST_AUTO_TEST_CASE(a_shards_list_says_nothing_of_other_shards_and_other_nodes) {
  auto users = make(5);
  users.decide("ann", id(1, 0), start);
  users.decide("ann", id(2, 1), start);
  users.decide("ann", connection_id{incarnation{8}, 1 << 8}, start);
  auto result = users.reconcile(node, 0, {}, start + 1s);
  BOOST_TEST(result.forgotten == 1u);
  BOOST_TEST(users.count("ann") == 2u);
}

BOOST_AUTO_TEST_CASE(who_was_admitted_since_the_list_was_made_is_spared) {
  auto users = make(5);
  users.decide("ann", id(1), start - 1ns);
  users.decide("ann", id(2), start);
  BOOST_TEST(users.reconcile(node, 0, {}, start).forgotten == 1u);
  BOOST_TEST(users.left("ann", id(2)));
}

BOOST_AUTO_TEST_CASE(an_evicted_connection_that_is_not_closed_yet_is_not_counted_again) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  std::vector<user_connection> both{{"ann", id(1), start}, {"ann", id(2), start}};
  BOOST_TEST(users.reconcile(node, 0, both, start + 1s).registered == 0u);
  BOOST_TEST(users.count("ann") == 1u);
}

BOOST_AUTO_TEST_CASE(an_evicted_connection_whose_end_was_lost_is_not_remembered_for_ever) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  BOOST_TEST(users.reconcile(node, 0, {{"ann", id(2), start}}, start + 1s).forgotten == 0u);
  // Were it still remembered as evicted, this would be a rejection.
  BOOST_TEST((evicted_by(users.decide("ann", id(1), start + 2s)) == ids{id(2)}));
}

BOOST_AUTO_TEST_CASE(what_a_sweep_registers_above_the_limit_is_excess) {
  auto users = make(1);
  users.decide("ann", id(1), start);
  users.reconcile(node, 0, {{"ann", id(1), start}, {"ann", id(2), start - 1s}}, start + 1s);
  BOOST_TEST((excess_ids(users) == ids{id(1)}));
}

BOOST_AUTO_TEST_CASE(a_sweep_during_a_rebuild_does_nothing) {
  auto users = make(5);
  users.begin_rebuild(2);
  users.snapshot(0, {{"ann", id(1), start}});
  auto result = users.reconcile(node, 0, {{"bob", id(2), start}}, start + 1s);
  BOOST_TEST(result.forgotten + result.registered == 0u);
  BOOST_TEST(users.count("ann") == 1u);
  BOOST_TEST(users.count("bob") == 0u);
}

BOOST_AUTO_TEST_CASE(a_connection_whose_shard_waits_for_the_verdict_is_no_leak_however_long) {
  auto users = make(5);
  users.decide("ann", id(1), start);
  BOOST_TEST(users.reconcile(node, 0, {}, start + 1h, {id(1)}).forgotten == 0u);
  BOOST_TEST(users.count("ann") == 1u);
  BOOST_TEST(users.reconcile(node, 0, {}, start + 1h).forgotten == 1u);
}

BOOST_AUTO_TEST_CASE(an_evicted_connection_that_its_shard_keeps_is_named_again) {
  auto users = evicting(1);
  users.decide("ann", id(1), start);
  users.decide("ann", id(2), start);
  auto result
    = users.reconcile(node, 0, {{"ann", id(1), start}, {"ann", id(2), start}}, start + 1s);
  BOOST_TEST((result.lingering == ids{id(1)}));
  BOOST_TEST(result.forgotten + result.registered == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
