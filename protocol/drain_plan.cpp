#include "protocol/drain_plan.hpp"

#include <algorithm>
#include <numeric>

namespace holdfast {

namespace {

constexpr std::uint64_t golden = 0x9e3779b97f4a7c15ull; // 2^64 / golden ratio

// The finaliser of splitmix64: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

std::uint64_t random_of(std::uint64_t seed, std::uint64_t number) {
  return mix(mix(seed) + golden * (number + 1));
}

duration part_of(duration span, std::uint64_t random) {
  return span > duration::zero()
           ? duration{static_cast<duration::rep>(random % static_cast<std::uint64_t>(span.count()))}
           : duration::zero();
}

// Coprime to `count`, at its golden section or just above: `count - 1` is one at the latest.
std::uint64_t spreading_step(std::uint64_t count) {
  auto step = static_cast<std::uint64_t>(static_cast<double>(count) * 0.6180339887498949);
  while (std::gcd(step, count) > 1)
    ++step;
  return step;
}

double per_second(std::uint64_t clients, duration span) {
  auto seconds = std::chrono::duration<double>{std::max<duration>(span, std::chrono::seconds{1})};
  return static_cast<double>(clients) / seconds.count();
}

std::uint64_t total_weight(const std::vector<drain_target>& targets) {
  std::uint64_t total = 0;
  for (auto& target : targets)
    total += target.weight;
  return total;
}

// Clients that fit into `window` at `rate` a second.
std::uint64_t capacity(std::uint64_t rate, duration window) {
  auto whole = std::chrono::duration_cast<std::chrono::seconds>(window);
  auto rest = static_cast<std::uint64_t>((window - whole).count());
  return rate * static_cast<std::uint64_t>(whole.count()) + rate * rest / 1'000'000'000;
}

void set_pace(drain_plan& plan, std::uint64_t clients, std::uint64_t rate) {
  auto fitting = capacity(rate, plan.window);
  plan.fits = clients <= fitting;
  plan.overflow = plan.fits ? 0 : clients - fitting;
  plan.leaving = plan.fits ? plan.returning : arrival_pace{clients, plan.window};
  plan.planned_end = plan.leaving.slot_start(clients);
  plan.effective_rate = plan.fits ? static_cast<double>(rate) : per_second(clients, plan.window);
}

} // namespace

drain_config with_wishes(drain_config config, const drain_wishes& wishes) {
  if (wishes.lb_grace >= duration::zero())
    config.lb_grace = wishes.lb_grace;
  if (wishes.drain_timeout >= duration::zero()) {
    auto longer = std::max(wishes.drain_timeout - config.drain_timeout, duration::zero());
    config.drain_timeout = wishes.drain_timeout;
    config.force_close_timeout += longer;
  }
  if (wishes.reconnect_rate > 0)
    config.reconnect_rate = wishes.reconnect_rate;
  return config;
}

duration drain_deadline(const drain_config& config) {
  return std::min(config.drain_timeout, config.force_close_timeout);
}

duration longest_drain(const drain_config& config) {
  return config.lb_grace + config.force_close_timeout + abort_limit + config.cleanup_timeout
         + cleanup_slack;
}

drain_population& drain_population::operator+=(const drain_population& other) {
  leased += other.leased;
  plain += other.plain;
  zombies += other.zombies;
  slow_consumers += other.slow_consumers;
  callbacks += other.callbacks;
  return *this;
}

std::vector<drain_share> drain_shares(const std::vector<drain_population>& shards) {
  std::vector<drain_share> shares;
  drain_population before;
  for (auto& shard : shards) {
    shares.push_back({before.leased, before.plain});
    before += shard;
  }
  return shares;
}

duration arrival_pace::slot_start(std::uint64_t k) const {
  // The long way round to per * k / clients: no product here comes near 64 bits.
  auto span = static_cast<std::uint64_t>(per.count());
  auto part = k % clients;
  auto inside = span / clients * part + span % clients * part / clients;
  return duration{static_cast<duration::rep>(span * (k / clients) + inside)};
}

duration drain_plan::moment(const arrival_pace& pace, std::uint64_t slot) const {
  auto start = pace.slot_start(slot);
  return start + part_of(pace.slot_start(slot + 1) - start, random_of(seed, slot));
}

// For a client that nobody counted: it has no slot, but it keeps the window.
duration drain_plan::stray(std::uint64_t number) const {
  return part_of(window, random_of(~seed, number));
}

// Multiples of the golden section fall evenly, so each target gets its part in every second.
std::uint32_t drain_plan::target_of(std::uint64_t rank) const {
  auto point = static_cast<double>((golden * rank + mix(seed)) >> 32) / 4294967296.0;
  auto left = point * static_cast<double>(total_weight(targets));
  std::uint32_t index = 0;
  while (index + 1 < targets.size() && left >= targets[index].weight)
    left -= targets[index++].weight;
  return index;
}

planned_leave drain_plan::leased_leave(const drain_share& share, std::uint64_t i) const {
  auto number = share.first_leased + i;
  auto counted = number < leased;
  auto rank = counted ? number * leased_step % leased : number;
  planned_leave result;
  if (targets.empty()) {
    result.lease.after = planned_end + restart_allowance + moment(returning, rank);
  } else {
    // Of any first k slots, leased clients have k * leased / all, rounded down.
    auto slot = [&] { return ((rank + 1) * (leased + plain) + leased - 1) / leased - 1; };
    result.lease.target = target_of(rank);
    result.lease.after = counted ? moment(leaving, slot()) : stray(number);
    result.leave_at = result.lease.after + grace;
  }
  result.lease.expires = result.lease.after + lease_window;
  return result;
}

duration drain_plan::plain_leave(const drain_share& share, std::uint64_t i) const {
  auto number = share.first_plain + i;
  if (number >= plain)
    return stray(number);
  auto rank = number * plain_step % plain;
  // The slots that leased_leave() does not use.
  return moment(leaving, targets.empty() ? rank : rank * (leased + plain) / plain);
}

drain_plan plan_drain(const drain_plan_input& input) {
  auto& config = input.config;
  drain_plan plan;
  plan.notify = config.notify_clients;
  plan.leased = plan.notify ? input.population.leased : 0;
  plan.plain = input.population.leased + input.population.plain - plan.leased;
  plan.leased_step = spreading_step(plan.leased);
  plan.plain_step = spreading_step(plan.plain);
  plan.restart_allowance = config.restart_allowance;
  plan.seed = input.seed;
  for (auto& target : input.targets)
    if (target.weight > 0)
      plan.targets.push_back(target);

  auto room
    = drain_deadline(config) - input.spent - config.message_flush_timeout - input.close_timeout;
  room = std::max(room, duration::zero());
  if (plan.leased > 0 && !plan.targets.empty())
    plan.grace = std::min(leave_grace, room / 2);
  plan.window = room - plan.grace;

  auto rate = std::max<std::uint64_t>(config.reconnect_rate, 1);
  plan.returning = {rate, std::chrono::seconds{1}};
  set_pace(plan, plan.targets.empty() ? plan.plain : plan.leased + plan.plain, rate);
  return plan;
}

drain_forecast forecast_drain(const drain_plan_input& input) {
  auto plan = plan_drain(input);
  drain_forecast result;
  result.population = input.population;
  result.other_nodes = !plan.targets.empty();
  result.lb_grace = input.config.lb_grace;
  result.planned_end = plan.planned_end;
  result.deadline = drain_deadline(input.config);
  result.fits = plan.fits;
  result.overflow = plan.overflow;
  result.likely_forced = input.population.zombies + input.population.slow_consumers;
  result.longest = longest_drain(input.config);

  auto paced = plan.plain + (result.other_nodes ? plan.leased : 0);
  if (paced == 0)
    return result;
  result.arrivals_per_second = std::min(plan.effective_rate, static_cast<double>(paced));
  auto each = result.arrivals_per_second / static_cast<double>(paced);
  result.undirected_per_second = each * static_cast<double>(plan.plain);
  std::vector<std::uint64_t> clients(plan.targets.size());
  for (std::uint64_t i = 0; !clients.empty() && i < plan.leased; ++i)
    ++clients[*plan.leased_leave({}, i).lease.target];
  for (std::size_t i = 0; i < clients.size(); ++i)
    result.targets.push_back(
      {plan.targets[i].name, clients[i], each * static_cast<double>(clients[i])});
  return result;
}

} // namespace holdfast
