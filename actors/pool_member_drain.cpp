// A shard's part of a drain.
#include "actors/pool_member.hpp"
#include "actors/shard.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

bool stays(const connection& c) {
  return c.state() != connection_state::closing && c.state() != connection_state::closed;
}

} // namespace

drain_population pool_member::population() const {
  drain_population result;
  each([&](slot_index, connection& c) {
    if (!stays(c))
      return;
    ++(c.speaks_v1() ? result.leased : result.plain);
    if (c.state() == connection_state::zombie || c.state() == connection_state::suspect)
      ++result.zombies;
    else if (c.queued_bytes() > 0)
      ++result.slow_consumers;
  });
  return result;
}

void pool_member::stop(const stop_accepting& x) {
  if (std::exchange(shard_->stopped_for, x.drain) != x.drain)
    shard_->leaving_planned = false;
  shard_->front().set_accepting(false);
  if (shard_->listener())
    shard_->listener()->stop_accepting();
  send(shard_->peers().shutdown, accepting_stopped{x.drain, shard_->index(), population()});
}

void pool_member::leave(const begin_leaving& x) {
  if (std::exchange(shard_->leaving_planned, true))
    return;
  auto share = shard_->index() < x.shares.size() ? x.shares[shard_->index()] : drain_share{};
  auto now = shard_->now();
  std::uint64_t leased = 0;
  std::uint64_t plain = 0;
  shard_->leaving.clear();
  auto plan_for = [&](slot_index index, const connection& c) {
    duration at{};
    if (x.plan.notify && c.speaks_v1()) {
      auto planned = x.plan.leased_leave(share, leased++);
      at = planned.leave_at;
      auto target = planned.lease.target ? x.plan.targets[*planned.lease.target].name : "";
      send(shard_->handle_of(index), drain_notice{drain_reason::signal, leased, target,
                                                  planned.lease.after, planned.lease.expires});
    } else {
      at = x.plan.plain_leave(share, plain++);
    }
    shard_->leaving.push_back({now + at, index, c.id()});
  };
  for (bool priority : {true, false}) // who has priority is back before the others
    each([&](slot_index index, connection& c) {
      if (c.priority() == priority && stays(c))
        plan_for(index, c);
    });
  std::sort(shard_->leaving.begin(), shard_->leaving.end(),
            [](const planned_close& a, const planned_close& b) { return a.at > b.at; });
}

void pool_member::force() {
  shard_->leaving.clear();
  each([](slot_index, connection& c) {
    c.call([&] { c.begin_close(close_code::service_restart, cause::forced, {}); });
  });
}

void pool_member::resume() {
  shard_->leaving.clear();
  shard_->front().set_accepting(true);
  if (shard_->listener()) {
    auto failure = shard_->listener()->resume_accepting();
    if (!failure.empty())
      shard_->log().write(log_level::error, "listen_failed",
                          {{"shard", std::int64_t{shard_->index()}}, {"error", failure}});
  }
  each([this](slot_index index, connection& c) {
    if (c.speaks_v1() && stays(c))
      send(shard_->handle_of(index), drain_voided{});
  });
}

void pool_member::enter(phase_changed x) {
  if (shard_->phase() == x.phase)
    return; // said again after a restart
  shard_->set_phase(x.phase);
  each([&](slot_index index, connection&) { send(shard_->handle_of(index), x); });
}

} // namespace holdfast
