#include "protocol/drain_plan.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <utility>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

/// A node that drains: what its plan is made from, and who is on which shard.
struct node {
  drain_plan_input input;
  std::vector<drain_population> shards; ///< as they number their clients

  drain_plan plan() const { return plan_drain(input); }

  std::uint64_t rate() const { return std::max(input.config.reconnect_rate, 1u); }

  /// From the plan's start until nobody may leave any more.
  duration room() const {
    return std::max(std::min(input.config.drain_timeout, input.config.force_close_timeout)
                      - input.spent - input.config.message_flush_timeout - input.close_timeout,
                    duration{});
  }
};

std::ostream& operator<<(std::ostream& out, const node& x) {
  auto us = [](duration d) { return std::to_string(d / 1us) + "us"; };
  auto& config = x.input.config;
  out << "rate " << config.reconnect_rate << ", drain " << us(config.drain_timeout) << ", force "
      << us(config.force_close_timeout) << ", flush " << us(config.message_flush_timeout)
      << ", close " << us(x.input.close_timeout) << ", spent " << us(x.input.spent) << ", notify "
      << config.notify_clients << ", seed " << x.input.seed << "; shards:";
  for (auto& shard : x.shards)
    out << ' ' << shard.leased << '+' << shard.plain;
  out << "; weights:";
  for (auto& target : x.input.targets)
    out << ' ' << target.weight;
  return out;
}

rc::Gen<duration> up_to(duration most) {
  auto whole = rc::gen::map(rc::gen::inRange<duration::rep>(0, most / 1s + 1),
                            [](duration::rep n) { return duration{n * 1s}; });
  auto any = rc::gen::map(rc::gen::inRange<duration::rep>(0, most / 1us),
                          [](duration::rep n) { return duration{n * 1us}; });
  return rc::gen::oneOf(whole, any);
}

/// As many plain clients more as the rate just allows, or does not.
void fill_up(node& to) {
  auto plan = to.plan();
  auto paced = plan.plain + (plan.targets.empty() ? 0 : plan.leased);
  auto fitting = to.rate() * static_cast<std::uint64_t>(plan.window / 1ns) / 1'000'000'000;
  drain_population shard;
  shard.plain = fitting + *rc::gen::inRange<std::uint64_t>(0, 4);
  if (fitting > 1000 || shard.plain < paced + 2)
    return;
  shard.plain -= paced + 2;
  to.shards.push_back(shard);
  to.input.population += shard;
}

node make_node() {
  node result;
  auto& config = result.input.config;
  config.reconnect_rate = *rc::gen::oneOf(rc::gen::inRange(0u, 20u), rc::gen::inRange(0u, 700u));
  config.drain_timeout = *up_to(60s);
  config.force_close_timeout = *up_to(90s);
  config.message_flush_timeout = *up_to(4s);
  config.restart_allowance = *up_to(10s);
  config.notify_clients = *rc::gen::weightedElement<bool>({{5, true}, {1, false}});
  result.input.close_timeout = *up_to(4s);
  result.input.spent = *up_to(2s);
  result.input.seed = *rc::gen::arbitrary<std::uint64_t>();
  for (auto weight : *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(0u, 6u)))
    if (result.input.targets.size() < 5)
      result.input.targets.push_back({std::to_string(result.input.targets.size()), weight});
  auto count = rc::gen::scale(4, rc::gen::inRange<std::uint64_t>(0, 250));
  auto shards = *rc::gen::inRange(0, 7);
  for (int i = 0; i < shards; ++i) {
    drain_population shard;
    shard.leased = *count;
    shard.plain = *count;
    if (!config.notify_clients)
      shard.plain += std::exchange(shard.leased, 0);
    result.shards.push_back(shard);
    result.input.population += shard;
  }
  if (*rc::gen::weightedElement<bool>({{1, true}, {3, false}}))
    fill_up(result);
  return result;
}

rc::Gen<node> any_node() {
  return rc::gen::exec(make_node);
}

/// What all shards together do with a plan.
struct outcome {
  std::vector<planned_leave> leased;
  std::vector<duration> plain;
  std::vector<duration> paced; ///< who takes a slot of this drain, sorted
  duration last{};             ///< close
};

outcome carry_out(const node& from, const drain_plan& plan) {
  outcome result;
  auto shares = drain_shares(from.shards);
  for (std::size_t s = 0; s < from.shards.size(); ++s) {
    for (std::uint64_t i = 0; i < from.shards[s].leased; ++i)
      result.leased.push_back(plan.leased_leave(shares[s], i));
    for (std::uint64_t i = 0; i < from.shards[s].plain; ++i)
      result.plain.push_back(plan.plain_leave(shares[s], i));
  }
  result.paced = result.plain;
  for (auto& leave : result.leased) {
    if (!plan.targets.empty())
      result.paced.push_back(leave.lease.after);
    result.last = std::max(result.last, leave.leave_at);
  }
  for (auto leave : result.plain)
    result.last = std::max(result.last, leave);
  std::sort(result.paced.begin(), result.paced.end());
  return result;
}

/// Sorted times have one slot each: the i-th is in slot i.
void check_slots(const std::vector<duration>& times, const arrival_pace& pace, duration from) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    auto first = from + pace.slot_start(i);
    auto behind = from + pace.slot_start(i + 1);
    RC_ASSERT(times[i] >= first);
    RC_ASSERT((times[i] < behind || (first == behind && times[i] == first)));
  }
}

/// In each whole second from `from` on, and, give or take one, in any second.
void check_rate(const std::vector<duration>& times, duration from, std::uint64_t rate) {
  for (std::size_t i = 0; i + rate < times.size(); ++i) {
    RC_ASSERT((times[i] - from) / 1s < (times[i + rate] - from) / 1s);
    if (i + rate + 1 < times.size())
      RC_ASSERT(times[i + rate + 1] - times[i] > 1s - 1us);
  }
}

template <class Check>
boost::test_tools::predicate_result holds_for_any_node(Check check) {
  return holds([check] {
    const auto from = *any_node();
    const auto plan = from.plan();
    check(from, plan, carry_out(from, plan));
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_the_drain_plan)

BOOST_AUTO_TEST_CASE(everyone_has_a_slot_and_nobody_that_of_another) {
  BOOST_TEST(holds_for_any_node([](const node&, const drain_plan& plan, const outcome& result) {
    check_slots(result.paced, plan.leaving, 0ns);
    if (!plan.targets.empty())
      return;
    std::vector<duration> returns;
    for (auto& leave : result.leased)
      returns.push_back(leave.lease.after);
    std::sort(returns.begin(), returns.end());
    check_slots(returns, plan.returning, plan.planned_end + plan.restart_allowance);
  }));
}

BOOST_AUTO_TEST_CASE(no_second_has_more_arrivals_than_the_rate_when_it_fits) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome& out) {
    if (plan.fits)
      check_rate(out.paced, 0ns, from.rate());
    std::vector<duration> returns;
    for (auto& leave : out.leased)
      if (plan.targets.empty())
        returns.push_back(leave.lease.after);
    std::sort(returns.begin(), returns.end());
    check_rate(returns, plan.planned_end + plan.restart_allowance, from.rate());
  }));
}

BOOST_AUTO_TEST_CASE(the_last_one_leaves_early_enough_to_be_flushed_and_closed_in_time) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome& out) {
    RC_ASSERT(plan.window >= 0ns);
    RC_ASSERT(plan.planned_end <= plan.window);
    RC_ASSERT(out.last <= from.room());
  }));
}

BOOST_AUTO_TEST_CASE(it_says_whether_the_rate_fits_and_otherwise_uses_all_the_time_there_is) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome& out) {
    auto clients = out.paced.size();
    auto fitting = from.rate() * static_cast<std::uint64_t>(plan.window / 1ns) / 1'000'000'000;
    RC_ASSERT(plan.fits == (clients <= fitting));
    RC_ASSERT(plan.overflow == (plan.fits ? 0 : clients - fitting));
    RC_ASSERT((plan.fits || plan.planned_end == plan.window));
    RC_ASSERT(plan.grace <= leave_grace);
    RC_ASSERT(plan.window + plan.grace == from.room());
    auto forecast = forecast_drain(from.input);
    RC_ASSERT(forecast.fits == plan.fits);
    RC_ASSERT(forecast.planned_end == plan.planned_end);
  }));
}

BOOST_AUTO_TEST_CASE(a_lease_begins_before_it_ends_and_its_client_is_not_closed_before) {
  BOOST_TEST(holds_for_any_node([](const node&, const drain_plan& plan, const outcome& out) {
    for (auto& leave : out.leased) {
      RC_ASSERT(leave.lease.after >= 0ns);
      RC_ASSERT(leave.lease.expires == leave.lease.after + lease_window);
      RC_ASSERT(leave.lease.target.has_value() == !plan.targets.empty());
      if (leave.lease.target) {
        RC_ASSERT(*leave.lease.target < plan.targets.size());
        RC_ASSERT(leave.leave_at == leave.lease.after + plan.grace);
      } else {
        RC_ASSERT(leave.leave_at == 0ns);
        RC_ASSERT(leave.lease.after >= plan.planned_end + plan.restart_allowance);
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(targets_get_what_their_weight_is_of_all) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome& out) {
    double weights = 0;
    for (auto& target : from.input.targets)
      weights += target.weight;
    std::vector<double> got(plan.targets.size());
    for (auto& leave : out.leased)
      if (leave.lease.target)
        ++got[*leave.lease.target];
    auto all = static_cast<double>(out.leased.size());
    // Multiples of the golden section stray from an even spread by the logarithm of their number.
    auto tolerance = 2 + std::log2(all + 1) / 2;
    for (std::size_t i = 0; i < got.size(); ++i) {
      RC_ASSERT(plan.targets[i].weight > 0u);
      RC_ASSERT(std::abs(got[i] - all * plan.targets[i].weight / weights) <= tolerance);
    }
    auto forecast = forecast_drain(from.input).targets;
    RC_ASSERT(forecast.size() == (out.paced.empty() ? 0 : got.size()));
    for (std::size_t i = 0; i < forecast.size(); ++i)
      RC_ASSERT(static_cast<double>(forecast[i].clients) == got[i]);
  }));
}

BOOST_AUTO_TEST_CASE(shares_of_shards_follow_each_other_and_add_up) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome&) {
    auto shares = drain_shares(from.shards);
    RC_ASSERT(shares.size() == from.shards.size());
    drain_population before;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      RC_ASSERT(shares[i].first_leased == before.leased);
      RC_ASSERT(shares[i].first_plain == before.plain);
      before += from.shards[i];
    }
    RC_ASSERT(plan.leased == before.leased);
    RC_ASSERT(plan.plain == before.plain);
    RC_ASSERT((plan.notify || plan.leased == 0u));
  }));
}

BOOST_AUTO_TEST_CASE(a_seed_decides_the_moment_in_a_slot_and_the_target_and_nothing_else) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome& out) {
    auto again = carry_out(from, from.plan());
    RC_ASSERT(again.plain == out.plain);
    for (std::size_t i = 0; i < out.leased.size(); ++i) {
      RC_ASSERT(again.leased[i].lease.after == out.leased[i].lease.after);
      RC_ASSERT(again.leased[i].lease.target == out.leased[i].lease.target);
    }
    auto other = from;
    other.input.seed = ~from.input.seed;
    auto others = carry_out(other, other.plan());
    RC_ASSERT(other.plan().planned_end == plan.planned_end);
    check_slots(others.paced, plan.leaving, 0ns);
    RC_ASSERT((out.paced.size() < 50 || plan.planned_end < 1s || others.paced != out.paced));
  }));
}

BOOST_AUTO_TEST_CASE(clients_that_nobody_counted_keep_the_window) {
  BOOST_TEST(holds_for_any_node([](const node& from, const drain_plan& plan, const outcome&) {
    for (std::uint64_t i = 0; i < 5; ++i) {
      RC_ASSERT(plan.plain_leave({}, plan.plain + i) <= plan.window);
      RC_ASSERT(plan.leased_leave({}, plan.leased + i).leave_at <= from.room());
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
