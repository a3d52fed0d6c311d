#include "protocol/heartbeat.hpp"

#include <algorithm>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

/// 2^64 / the golden ratio: multiples of it, modulo 2^64, are spread evenly however many are taken.
constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

duration horizon_for(const heartbeat_config& c) {
  return std::max({c.ping_interval, c.pong_timeout, c.zombie_detection_threshold,
                   c.connection_timeout, c.max_read_pause});
}

} // namespace

duration heartbeat_tick(const heartbeat_config& c) {
  auto shortest
    = std::min({c.ping_interval, c.pong_timeout, c.zombie_detection_threshold, c.max_read_pause});
  if (c.connection_timeout > duration::zero())
    shortest = std::min(shortest, c.connection_timeout);
  return std::clamp<duration>(shortest / 8, 5ms, 50ms);
}

static_assert(heartbeat::bytes_per_slot() <= 40, "every connection pays for it");

std::string_view to_string(zombie_cause cause) {
  switch (cause) {
  case zombie_cause::by_count: return "by_count";
  case zombie_cause::by_silence: return "by_silence";
  }
  return "invalid";
}

heartbeat::heartbeat(const heartbeat_config& config, const liveness& table, std::uint64_t seed,
                     time_point now)
  : config_{config},
    table_{table},
    horizon_{horizon_for(config)},
    spread_{seed},
    guard_{heartbeat_tick(config), horizon_, now},
    wheel_{heartbeat_tick(config), now} {
  config_.max_missed_pongs = std::clamp(config_.max_missed_pongs, 1u, 255u);
}

void heartbeat::enrol(slot_index slot, time_point now) {
  make_room(slot);
  const auto awake = guard_.awake(now);
  auto& e = entries_[slot];
  e = entry{};
  e.at = table_.reading_paused(slot) ? phase::resting_frozen : phase::resting;
  if (table_.last_heard(slot) < now)
    start_grace(e, grace::silence, awake);
  pinged_at_[slot] = awake + next_phase() - config_.ping_interval;
  arm(slot);
}

void heartbeat::remove(slot_index slot) {
  if (!knows(slot))
    return;
  entries_[slot] = entry{};
  wheel_.cancel(slot);
}

void heartbeat::pause(slot_index slot, time_point now) {
  if (!knows(slot))
    return;
  auto& e = entries_[slot];
  if (e.at != phase::resting && e.at != phase::waiting)
    return;
  e.at = e.at == phase::waiting ? phase::waiting_frozen : phase::resting_frozen;
  wheel_.schedule(slot, guard_.awake(now) + config_.max_read_pause);
}

void heartbeat::resume(slot_index slot, time_point now) {
  if (!knows(slot))
    return;
  auto& e = entries_[slot];
  if (e.at != phase::resting_frozen && e.at != phase::waiting_frozen)
    return;
  const auto awake = guard_.awake(now);
  // Who was heard between the ping and the pause need not be heard again.
  if (e.at == phase::waiting_frozen && !heard_since_ping(slot)) {
    e.at = phase::waiting;
    pinged_at_[slot] = awake;
  } else {
    e.misses = e.at == phase::waiting_frozen ? 0 : e.misses;
    e.at = phase::resting;
  }
  e.timed = false;
  start_grace(e, grace::silence_and_idleness, awake);
  arm(slot);
}

std::optional<duration> heartbeat::pong(slot_index slot, std::uint64_t ping_id, time_point now) {
  if (!knows(slot))
    return std::nullopt;
  auto& e = entries_[slot];
  if (e.ping == 0 || ping_id != outstanding(e))
    return std::nullopt;
  e.ping = 0;
  e.misses = 0;
  ++counters_.pongs;
  if (e.at == phase::waiting_frozen)
    e.at = phase::resting_frozen;
  if (e.at == phase::waiting) {
    e.at = phase::resting;
    // Now, while the slot's table entry is in the cache: saves a look at it at the old deadline.
    arm(slot);
  }
  if (!e.timed)
    return std::nullopt;
  const auto rtt = guard_.elapsed(pinged_at_[slot], now);
  if (rtt)
    e.rtt.add(*rtt);
  return rtt;
}

void heartbeat::recovered(slot_index slot) {
  if (!knows(slot) || entries_[slot].misses == 0)
    return;
  auto& e = entries_[slot];
  e.misses = 0;
  if (e.at == phase::waiting_frozen)
    e.at = phase::resting_frozen;
  if (e.at == phase::waiting) {
    e.at = phase::resting;
    arm(slot);
  }
}

void heartbeat::advance(time_point now, std::vector<heartbeat_command>& out) {
  const auto late = guard_.tick(now);
  if (late > duration::zero()) {
    ++counters_.stalls;
    counters_.stalled_for += late;
  }
  const auto awake = guard_.awake(now);
  wheel_.advance(awake, [&](slot_index slot) { come_due(slot, awake, out); });
}

heartbeat_view heartbeat::view(slot_index slot) const {
  if (!knows(slot))
    return {};
  const auto& e = entries_[slot];
  const auto frozen = e.at == phase::resting_frozen || e.at == phase::waiting_frozen;
  return {e.misses, e.rtt.srtt(), e.rtt.rttvar(), frozen, e.ping != 0};
}

void heartbeat::come_due(slot_index slot, time_point now, commands& out) {
  switch (entries_[slot].at) {
  case phase::resting:
  case phase::waiting: judge(slot, now, out); break;
  case phase::resting_frozen:
  case phase::waiting_frozen: judge_pause(slot, now, out); break;
  case phase::absent:
  case phase::retired: break;
  }
}

void heartbeat::judge(slot_index slot, time_point now, commands& out) {
  auto& e = entries_[slot];
  const auto age = now - pinged_at_[slot];
  auto ping_due = e.at == phase::resting && age >= config_.ping_interval;
  if (e.at == phase::waiting && age >= config_.pong_timeout) {
    if (heard_since_ping(slot)) {
      e.misses = 0;
      e.at = phase::resting;
    } else if (miss(slot, now, out)) {
      return;
    } else {
      ping_due = true;
    }
  }
  if (too_silent(slot, now, out) || too_idle(slot, now, out))
    return;
  if (ping_due)
    ping(slot, now, out);
  arm(slot);
}

void heartbeat::judge_pause(slot_index slot, time_point now, commands& out) {
  const auto paused_for = now - guard_.awake(table_.paused_since(slot));
  if (paused_for < config_.max_read_pause)
    return arm(slot);
  ++counters_.paused_too_long;
  retire(slot);
  out.push_back(close_paused{slot, paused_for});
}

/// Counts a miss. Returns whether it was the last one.
bool heartbeat::miss(slot_index slot, time_point now, commands& out) {
  auto& e = entries_[slot];
  const auto silence = now - silent_since(slot);
  ++counters_.missed;
  ++e.misses;
  if (e.misses == 1) {
    ++counters_.suspects;
    out.push_back(mark_suspect{slot, e.misses, silence});
  }
  if (e.misses < config_.max_missed_pongs)
    return false;
  ++counters_.zombies_by_count;
  out.push_back(mark_zombie{slot, zombie_cause::by_count, e.misses, silence});
  retire(slot);
  return true;
}

bool heartbeat::too_silent(slot_index slot, time_point now, commands& out) {
  const auto silence = now - silent_since(slot);
  if (silence < config_.zombie_detection_threshold)
    return false;
  ++counters_.zombies_by_silence;
  out.push_back(mark_zombie{slot, zombie_cause::by_silence, entries_[slot].misses, silence});
  retire(slot);
  return true;
}

bool heartbeat::too_idle(slot_index slot, time_point now, commands& out) {
  if (config_.connection_timeout == duration::zero())
    return false;
  const auto idle_for = now - idle_since(slot);
  if (idle_for < config_.connection_timeout)
    return false;
  ++counters_.idle;
  out.push_back(close_idle{slot, idle_for});
  retire(slot);
  return true;
}

void heartbeat::ping(slot_index slot, time_point now, commands& out) {
  auto& e = entries_[slot];
  const auto id = next_ping_id();
  e.ping = static_cast<std::uint32_t>(id);
  e.timed = true;
  e.at = phase::waiting;
  pinged_at_[slot] = now;
  // Past the horizon a grace changes nothing, and it must not grow older than its tick can tell.
  if (e.from != grace::none && now - grace_start(e) > horizon_)
    e.from = grace::none;
  ++counters_.pings_sent;
  out.push_back(send_ping{slot, id});
}

void heartbeat::retire(slot_index slot) {
  auto& e = entries_[slot];
  e.at = phase::retired;
  e.ping = 0;
}

void heartbeat::arm(slot_index slot) {
  wheel_.schedule(slot, next_deadline(slot));
}

time_point heartbeat::next_deadline(slot_index slot) const {
  const auto at = entries_[slot].at;
  if (at == phase::resting_frozen || at == phase::waiting_frozen)
    return guard_.awake(table_.paused_since(slot)) + config_.max_read_pause;
  const auto wait = at == phase::waiting ? config_.pong_timeout : config_.ping_interval;
  auto next = pinged_at_[slot] + wait;
  next = std::min(next, silent_since(slot) + config_.zombie_detection_threshold);
  if (config_.connection_timeout > duration::zero())
    next = std::min(next, idle_since(slot) + config_.connection_timeout);
  return next;
}

/// A frame at the very moment of the ping counts: better one interval late than wrong.
bool heartbeat::heard_since_ping(slot_index slot) const {
  return guard_.awake(table_.last_heard(slot)) >= pinged_at_[slot];
}

time_point heartbeat::silent_since(slot_index slot) const {
  const auto& e = entries_[slot];
  const auto heard = guard_.awake(table_.last_heard(slot));
  return e.from == grace::none ? heard : std::max(heard, grace_start(e));
}

time_point heartbeat::idle_since(slot_index slot) const {
  const auto& e = entries_[slot];
  const auto active = guard_.awake(table_.last_activity(slot));
  return e.from == grace::silence_and_idleness ? std::max(active, grace_start(e)) : active;
}

/// Rounds up to a tick, never to anyone's disadvantage.
void heartbeat::start_grace(entry& e, grace what, time_point now) const {
  e.from = what;
  e.grace_tick = static_cast<std::uint32_t>(now.time_since_epoch() / tick()) + 1;
}

/// The tick counter wraps after 248 days at the earliest, hence the way round by the distance.
time_point heartbeat::grace_start(const entry& e) const {
  const auto current = guard_.now().time_since_epoch() / tick();
  const auto ahead = static_cast<std::int32_t>(e.grace_tick - static_cast<std::uint32_t>(current));
  return time_point{(current + ahead) * tick()};
}

/// Grows by an eighth, not to the double: the tables are a good part of a connection's cost.
void heartbeat::make_room(slot_index slot) {
  if (knows(slot))
    return;
  const auto slots = slot + std::size_t{1};
  if (slots > entries_.capacity()) {
    const auto roomy = slots + slots / 8 + 64;
    entries_.reserve(roomy);
    pinged_at_.reserve(roomy);
    wheel_.reserve(roomy);
  }
  entries_.resize(slots);
  pinged_at_.resize(slots);
}

/// Skips ids whose low half is 0, which stands for none in an entry.
std::uint64_t heartbeat::next_ping_id() {
  do
    ++issued_;
  while (static_cast<std::uint32_t>(issued_) == 0);
  return issued_;
}

/// The whole id: the last one issued that has this low half.
std::uint64_t heartbeat::outstanding(const entry& e) const {
  return issued_ - static_cast<std::uint32_t>(static_cast<std::uint32_t>(issued_) - e.ping);
}

duration heartbeat::next_phase() {
  const auto part = static_cast<double>(spread_ >> 11) * 0x1p-53;
  spread_ += golden;
  const auto span = static_cast<double>(config_.ping_interval.count());
  return duration{static_cast<duration::rep>(part * span)};
}

} // namespace holdfast
