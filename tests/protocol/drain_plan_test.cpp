#include "protocol/drain_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr duration close_timeout = 5s;

// Defaults, hence 30 s - 5 s flush - 5 s close = 20 s of room, 19 s of window with leased clients.
drain_plan_input input(std::uint64_t leased, std::uint64_t plain,
                       std::vector<drain_target> targets) {
  drain_plan_input result;
  result.close_timeout = close_timeout;
  result.population.leased = leased;
  result.population.plain = plain;
  result.targets = std::move(targets);
  result.seed = 42;
  return result;
}

drain_population shard_with(std::uint64_t leased, std::uint64_t plain) {
  drain_population result;
  result.leased = leased;
  result.plain = plain;
  return result;
}

drain_population total(const std::vector<drain_population>& shards) {
  drain_population result;
  for (auto& shard : shards)
    result += shard;
  return result;
}

struct outcome {
  std::vector<duration> arrivals; // caused while leaving, sorted
  std::vector<duration> closes;   // by the server, sorted
  std::vector<duration> returns;  // of leased clients, whenever, sorted
};

// What all shards together do with the plan.
outcome carry_out(const drain_plan& plan, const std::vector<drain_population>& shards) {
  outcome result;
  auto shares = drain_shares(shards);
  for (std::size_t s = 0; s < shards.size(); ++s) {
    for (std::uint64_t i = 0; i < shards[s].leased; ++i) {
      auto leave = plan.leased_leave(shares[s], i);
      result.returns.push_back(leave.lease.after);
      result.closes.push_back(leave.leave_at);
      if (!plan.targets.empty())
        result.arrivals.push_back(leave.lease.after);
    }
    for (std::uint64_t i = 0; i < shards[s].plain; ++i) {
      result.closes.push_back(plan.plain_leave(shares[s], i));
      result.arrivals.push_back(result.closes.back());
    }
  }
  std::sort(result.arrivals.begin(), result.arrivals.end());
  std::sort(result.closes.begin(), result.closes.end());
  std::sort(result.returns.begin(), result.returns.end());
  return result;
}

std::vector<std::size_t> bins(const std::vector<duration>& times) {
  std::vector<std::size_t> result;
  for (auto time : times) {
    auto second = static_cast<std::size_t>(time / 1s);
    result.resize(std::max(result.size(), second + 1));
    ++result[second];
  }
  return result;
}

const std::vector<drain_population> uneven
  = {shard_with(2000, 700), shard_with(1, 1300), shard_with(3499, 0), shard_with(500, 1)};

} // namespace

BOOST_AUTO_TEST_SUITE(drain_plan)

BOOST_AUTO_TEST_CASE(every_second_gets_the_rate_and_never_more_with_several_uneven_shards) {
  auto in = input(0, 0, {{"b", 1}});
  in.population = total(uneven); // 8,001 clients
  auto plan = plan_drain(in);
  auto seconds = bins(carry_out(plan, uneven).arrivals);
  BOOST_TEST_REQUIRE(seconds.size() == 17u);
  for (std::size_t i = 0; i < 16; ++i)
    BOOST_TEST(seconds[i] == 500u);
  BOOST_TEST(seconds[16] == 1u);
  BOOST_TEST(plan.fits);
  BOOST_TEST((plan.planned_end == 16s + 2ms));
}

BOOST_AUTO_TEST_CASE(any_second_at_whatever_moment_it_begins_gets_at_most_one_more_than_the_rate) {
  auto in = input(0, 0, {{"b", 1}});
  in.population = total(uneven);
  auto arrivals = carry_out(plan_drain(in), uneven).arrivals;
  for (std::size_t i = 0; i + 501 < arrivals.size(); ++i)
    BOOST_REQUIRE((arrivals[i + 501] - arrivals[i] > 999ms + 999us));
}

BOOST_AUTO_TEST_CASE(every_slot_has_one_client_somewhere_inside_it) {
  auto in = input(600, 400, {{"b", 1}});
  auto arrivals = carry_out(plan_drain(in), {in.population}).arrivals;
  BOOST_TEST_REQUIRE(arrivals.size() == 1000u);
  std::size_t early = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    BOOST_REQUIRE((arrivals[i] >= i * 2ms && arrivals[i] < (i + 1) * 2ms));
    early += arrivals[i] - i * 2ms < 1ms;
  }
  BOOST_TEST(early > 400u);
  BOOST_TEST(early < 600u);
}

BOOST_AUTO_TEST_CASE(shards_and_kinds_of_client_leave_side_by_side) {
  std::vector<drain_population> shards = {shard_with(1500, 1000), shard_with(1500, 1000)};
  auto in = input(3000, 2000, {{"b", 1}});
  auto plan = plan_drain(in);
  auto shares = drain_shares(shards);
  for (auto& share : shares) {
    std::vector<duration> leased, plain;
    for (std::uint64_t i = 0; i < 1500; ++i)
      leased.push_back(plan.leased_leave(share, i).lease.after);
    for (std::uint64_t i = 0; i < 1000; ++i)
      plain.push_back(plan.plain_leave(share, i));
    for (auto count : bins(leased)) // 10 s of 500, of which this shard's leased are 150
      BOOST_TEST((count >= 145 && count <= 155));
    for (auto count : bins(plain))
      BOOST_TEST((count >= 95 && count <= 105));
  }
}

BOOST_AUTO_TEST_CASE(the_last_close_leaves_time_to_flush_and_close_before_the_deadline) {
  auto in = input(6000, 3500, {{"b", 1}}); // 19 s at 500: as many as ever fit
  auto plan = plan_drain(in);
  BOOST_TEST(plan.fits);
  BOOST_TEST((plan.planned_end == 19s));
  auto result = carry_out(plan, {in.population});
  BOOST_TEST((result.closes.back() <= 30s - 5s - 5s));
  BOOST_TEST((result.arrivals.back() > 18s + 900ms));
}

BOOST_AUTO_TEST_CASE(one_client_more_than_fits_raises_the_rate_and_is_said) {
  auto plan = plan_drain(input(6000, 3501, {{"b", 1}}));
  BOOST_TEST(!plan.fits);
  BOOST_TEST(plan.overflow == 1u);
  BOOST_TEST(plan.effective_rate > 500.0);
  BOOST_TEST((plan.planned_end == 19s));
}

BOOST_AUTO_TEST_CASE(eighteen_thousand_at_500_a_second_do_not_fit_and_the_deadline_wins) {
  auto in = input(18000, 0, {{"b", 1}});
  auto forecast = forecast_drain(in);
  BOOST_TEST(!forecast.fits);
  BOOST_TEST(forecast.overflow == 18000u - 19u * 500u);
  BOOST_TEST(forecast.arrivals_per_second == 18000.0 / 19, boost::test_tools::tolerance(1e-9));
  auto result = carry_out(plan_drain(in), {in.population});
  BOOST_TEST((result.closes.back() <= 20s));
  for (auto count : bins(result.arrivals))
    BOOST_TEST((count >= 946 && count <= 949)); // 947.4 a second
}

BOOST_AUTO_TEST_CASE(time_spent_on_stopping_is_taken_from_the_slots) {
  auto in = input(9500, 0, {{"b", 1}});
  in.spent = 2s;
  auto plan = plan_drain(in);
  BOOST_TEST(!plan.fits);
  BOOST_TEST((plan.planned_end == 17s));
  BOOST_TEST((carry_out(plan, {in.population}).closes.back() <= 30s - 2s - 10s));
}

BOOST_AUTO_TEST_CASE(a_drain_timeout_beyond_force_close_does_not_lengthen_the_window) {
  auto in = input(100, 0, {{"b", 1}});
  in.config.drain_timeout = 90s;
  BOOST_TEST((plan_drain(in).window == 60s - 10s - 1s));
}

BOOST_AUTO_TEST_CASE(without_room_everyone_leaves_at_once_and_that_does_not_fit) {
  auto in = input(70, 30, {{"b", 1}});
  in.config.drain_timeout = 8s;
  auto plan = plan_drain(in);
  BOOST_TEST(!plan.fits);
  BOOST_TEST(plan.overflow == 100u);
  BOOST_TEST(plan.effective_rate == 100.0);
  auto result = carry_out(plan, {in.population});
  BOOST_TEST((result.closes.back() == 0s));
  BOOST_TEST((result.arrivals.back() == 0s));
}

BOOST_AUTO_TEST_CASE(grace_takes_at_most_half_of_the_room_and_nothing_from_plain_clients) {
  auto in = input(10, 0, {{"b", 1}});
  in.config.drain_timeout = 11s;
  BOOST_TEST((plan_drain(in).grace == 500ms));
  BOOST_TEST((plan_drain(in).window == 500ms));
  BOOST_TEST((plan_drain(input(0, 10, {{"b", 1}})).window == 20s));
}

BOOST_AUTO_TEST_CASE(a_leased_client_is_closed_a_second_after_its_slot_and_a_plain_one_in_it) {
  auto plan = plan_drain(input(1, 1, {{"b", 1}}));
  auto leave = plan.leased_leave({}, 0);
  BOOST_TEST((leave.leave_at == leave.lease.after + 1s));
  BOOST_TEST((leave.lease.expires == leave.lease.after + 30s));
  BOOST_TEST(*leave.lease.target == 0u);
  // Two slots of 2 ms; the plain client has the first one.
  BOOST_TEST((plan.plain_leave({}, 0) < 2ms));
  BOOST_TEST((leave.lease.after >= 2ms && leave.lease.after < 4ms));
}

BOOST_AUTO_TEST_CASE(targets_get_their_share_in_every_second_and_in_all) {
  auto in = input(5000, 1000, {{"b", 29}, {"nobody", 0}, {"c", 21}});
  auto plan = plan_drain(in);
  BOOST_TEST_REQUIRE(plan.targets.size() == 2u);
  std::map<std::uint32_t, std::vector<duration>> arrivals;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    auto lease = plan.leased_leave({}, i).lease;
    arrivals[*lease.target].push_back(lease.after);
  }
  BOOST_TEST((arrivals[0].size() >= 2897 && arrivals[0].size() <= 2903));
  for (auto count : bins(arrivals[0])) // 416.7 leased a second, 58 % of them
    BOOST_TEST((count >= 236 && count <= 247));
  for (auto count : bins(arrivals[1]))
    BOOST_TEST((count >= 170 && count <= 180));
}

BOOST_AUTO_TEST_CASE(a_single_client_goes_now_here_now_there) {
  auto in = input(1, 0, {{"b", 1}, {"c", 1}});
  std::size_t at_b = 0;
  for (in.seed = 0; in.seed < 100; ++in.seed)
    at_b += plan_drain(in).leased_leave({}, 0).lease.target == 0u;
  BOOST_TEST(at_b > 30u);
  BOOST_TEST(at_b < 70u);
}

BOOST_AUTO_TEST_CASE(targets_that_take_nobody_are_no_targets) {
  auto plan = plan_drain(input(10, 0, {{"b", 0}}));
  BOOST_TEST(plan.targets.empty());
  BOOST_TEST(!plan.leased_leave({}, 0).lease.target.has_value());
}

BOOST_AUTO_TEST_CASE(alone_leased_clients_are_closed_at_once_and_come_back_after_the_restart) {
  auto in = input(1500, 2000, {});
  auto plan = plan_drain(in);
  BOOST_TEST((plan.planned_end == 4s)); // the plain clients at 500 a second
  for (std::uint64_t i = 0; i < 1500; ++i)
    BOOST_REQUIRE((plan.leased_leave({}, i).leave_at == 0s));
  auto result = carry_out(plan, {in.population});
  BOOST_TEST((result.returns.front() >= 4s + 5s));
  auto seconds = bins(result.returns);
  BOOST_TEST_REQUIRE(seconds.size() == 12u);
  for (std::size_t i = 9; i < 12; ++i)
    BOOST_TEST(seconds[i] == 500u);
}

BOOST_AUTO_TEST_CASE(alone_plain_clients_are_closed_evenly_at_the_rate) {
  auto in = input(1500, 2000, {});
  auto seconds = bins(carry_out(plan_drain(in), {in.population}).arrivals);
  BOOST_TEST_REQUIRE(seconds.size() == 4u);
  for (auto count : seconds)
    BOOST_TEST(count == 500u);
}

BOOST_AUTO_TEST_CASE(alone_the_returns_keep_the_rate_even_when_the_closes_cannot) {
  auto in = input(18000, 12000, {}); // no grace: 20 s for the plain clients
  auto plan = plan_drain(in);
  BOOST_TEST(!plan.fits);
  BOOST_TEST(plan.overflow == 2000u);
  BOOST_TEST((plan.planned_end == 20s));
  auto seconds = bins(carry_out(plan, {in.population}).returns);
  BOOST_TEST_REQUIRE(seconds.size() == 25u + 36u);
  BOOST_TEST((*std::max_element(seconds.begin(), seconds.end()) == 500u));
}

BOOST_AUTO_TEST_CASE(alone_without_plain_clients_the_drain_takes_no_longer_than_flushing) {
  auto plan = plan_drain(input(18000, 0, {}));
  BOOST_TEST(plan.fits);
  BOOST_TEST((plan.planned_end == 0s));
  BOOST_TEST((plan.leased_leave({}, 0).lease.after >= 5s));
}

BOOST_AUTO_TEST_CASE(with_notification_off_every_client_is_a_plain_one) {
  auto in = input(3000, 1000, {{"b", 1}});
  in.config.notify_clients = false;
  auto plan = plan_drain(in);
  BOOST_TEST(!plan.notify);
  BOOST_TEST(plan.leased == 0u);
  BOOST_TEST(plan.plain == 4000u);
  BOOST_TEST((plan.planned_end == 8s));
}

BOOST_AUTO_TEST_CASE(a_rate_of_zero_counts_as_one) {
  auto in = input(0, 10, {{"b", 1}});
  in.config.reconnect_rate = 0;
  BOOST_TEST((plan_drain(in).planned_end == 10s));
}

BOOST_AUTO_TEST_CASE(nobody_makes_a_plan_that_ends_at_once) {
  for (auto& targets : {std::vector<drain_target>{}, std::vector<drain_target>{{"b", 1}}}) {
    auto plan = plan_drain(input(0, 0, targets));
    BOOST_TEST(plan.fits);
    BOOST_TEST((plan.planned_end == 0s));
  }
}

BOOST_AUTO_TEST_CASE(clients_that_nobody_counted_keep_the_window_and_are_spread_over_it) {
  auto plan = plan_drain(input(10, 0, {{"b", 1}}));
  std::size_t first_half = 0;
  for (std::uint64_t i = 10; i < 1010; ++i) {
    auto leased = plan.leased_leave({}, i);
    BOOST_REQUIRE((leased.leave_at <= 20s));
    BOOST_REQUIRE((plan.plain_leave({}, i) < 19s));
    first_half += leased.lease.after < 9500ms;
    first_half += plan.plain_leave({}, i) < 9500ms;
  }
  BOOST_TEST(first_half > 900u);
  BOOST_TEST(first_half < 1100u);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_times_and_another_seed_others) {
  auto in = input(500, 500, {{"b", 1}, {"c", 1}});
  auto first = carry_out(plan_drain(in), {in.population});
  auto second = carry_out(plan_drain(in), {in.population});
  in.seed = 43;
  auto other = carry_out(plan_drain(in), {in.population});
  BOOST_TEST((first.arrivals == second.arrivals));
  BOOST_TEST((first.arrivals != other.arrivals));
  BOOST_TEST((bins(first.arrivals) == bins(other.arrivals)));
}

BOOST_AUTO_TEST_CASE(slots_do_not_drift_or_overflow) {
  arrival_pace thirds{3, 1s};
  BOOST_TEST((thirds.slot_start(1) == 333333333ns));
  BOOST_TEST((thirds.slot_start(3'000'000) == 1'000'000s));
  arrival_pace many{1'000'000, 1h};
  BOOST_TEST((many.slot_start(999'999) == 1h - 3600us));
}

BOOST_AUTO_TEST_CASE(the_forecast_names_what_each_target_gets_and_who_is_likely_forced) {
  auto in = input(6010, 2204, {{"b", 29}, {"c", 21}});
  in.population.zombies = 3;
  in.population.slow_consumers = 1;
  in.population.callbacks = 2;
  in.config.lb_grace = 10s;
  auto forecast = forecast_drain(in);
  BOOST_TEST(forecast.other_nodes);
  BOOST_TEST(forecast.fits);
  BOOST_TEST((forecast.planned_end == 16428ms));
  BOOST_TEST(forecast.arrivals_per_second == 500.0);
  BOOST_TEST_REQUIRE(forecast.targets.size() == 2u);
  BOOST_TEST(forecast.targets[0].name == "b");
  BOOST_TEST(forecast.targets[0].clients + forecast.targets[1].clients == 6010u);
  auto tolerance = boost::test_tools::tolerance(0.002);
  BOOST_TEST(forecast.targets[0].arrivals_per_second == 500.0 * 6010 / 8214 * 0.58, tolerance);
  BOOST_TEST(forecast.undirected_per_second == 500.0 * 2204 / 8214, tolerance);
  BOOST_TEST(forecast.likely_forced == 4u);
  BOOST_TEST(forecast.population.callbacks == 2u);
  BOOST_TEST((forecast.deadline == 30s));
  // 10 s grace, 60 s until the abort, 1 s for its receipts, 5 s cleanup and 1 s for its answers.
  BOOST_TEST((forecast.longest == 77s));
}

BOOST_AUTO_TEST_CASE(the_forecast_of_a_few_clients_is_not_above_their_number) {
  auto forecast = forecast_drain(input(0, 10, {}));
  BOOST_TEST(!forecast.other_nodes);
  BOOST_TEST(forecast.arrivals_per_second == 10.0);
  BOOST_TEST(forecast.targets.empty());
}

BOOST_AUTO_TEST_CASE(wishes_replace_what_they_name_and_force_never_comes_before_the_drain_ends) {
  drain_config configured;
  auto same = with_wishes(configured, {});
  BOOST_TEST((same.lb_grace == configured.lb_grace));
  BOOST_TEST((same.drain_timeout == configured.drain_timeout));
  BOOST_TEST(same.reconnect_rate == configured.reconnect_rate);
  auto longer = with_wishes(configured, {2s, 90s, 7});
  BOOST_TEST((longer.lb_grace == 2s));
  BOOST_TEST((longer.drain_timeout == 90s));
  BOOST_TEST((longer.force_close_timeout == 120s));
  BOOST_TEST(longer.reconnect_rate == 7u);
  auto shorter = with_wishes(configured, {-1s, 10s, 0});
  BOOST_TEST((shorter.drain_timeout == 10s));
  BOOST_TEST((shorter.force_close_timeout == configured.force_close_timeout));
}

BOOST_AUTO_TEST_SUITE_END()
