// What the actors say of themselves, and what remains at the end.
#include "tests/simulation/check.hpp"

#include <map>
#include <set>
#include <unordered_set>

namespace holdfast::simulation {

namespace {

using namespace std::chrono_literals;

} // namespace

/// Who is refused, or has no verdict yet, may be counted by his owner until he has left; who is
/// leaving may have been counted out for a newer one.
void check::users() {
  std::map<std::string, std::size_t> admitted;
  std::map<std::string, std::size_t> perhaps;
  bool keeps = w.wanted.settings.admission.on_user_limit == user_limit_policy::reject_newest;
  for (auto* c : w.live) {
    if (c->traits.user.empty() || c->seen.closed > 0)
      continue;
    ++perhaps[c->traits.user];
    if (c->seen.opened == 1 && (keeps || c->seen.closings == 0))
      ++admitted[c->traits.user];
  }
  auto limit = w.wanted.settings.admission.max_connections_per_user;
  auto count = [&](std::size_t member, auto& counts, std::size_t least) {
    return static_cast<std::uint64_t>(std::count_if(counts.begin(), counts.end(), [&](auto& x) {
      return partition_of(x.first, w.shards()) == member && x.second >= least;
    }));
  };
  for (std::size_t i = 0; i < w.shards(); ++i) {
    auto status = w.ask<shard_status>(w.peers().members[i], get_shard{});
    if (!status) {
      expect(given_up(), "a permanent actor answers", "pool/" + number(i));
      continue;
    }
    if (given_up() || !counted_since())
      continue;
    auto of = "pool/" + number(i);
    expect(!status->rebuilding, "a rebuild comes to its end", of);
    between(status->users, count(i, admitted, 1), count(i, perhaps, 1),
            "a user's count never leaks", of + ", users");
    if (limit != 0)
      between(status->users_at_limit, count(i, admitted, limit), count(i, perhaps, limit),
              "a user's count never leaks", of + ", users at their limit");
  }
}

void check::groups() {
  if (given_up())
    return;
  std::set<std::string> groups;
  for (auto* c : w.live)
    if (c->seen.closed == 0)
      groups.insert(c->seen.groups.begin(), c->seen.groups.end());
  auto status = w.ask<router_status>(w.peers().router, get_router{});
  expect(status.has_value(), "a permanent actor answers", "router");
  if (status)
    equal<std::uint64_t>(status->groups, groups.size(), "groups are left at the end",
                         "groups of the router");
}

/// Of every peer that can be told, against those who are there: who is leaving may be either.
void check::presence() {
  if (given_up())
    return;
  for (std::string topic : {"a", "b"}) {
    std::set<std::string> there;
    std::set<std::string> perhaps;
    for (auto* c : w.live) {
      if (c->seen.watched_topics.count(topic) == 0 || c->traits.user.empty() || c->seen.closed > 0)
        continue;
      perhaps.insert(c->traits.user);
      if (c->seen.closings == 0)
        there.insert(c->traits.user);
    }
    for (auto* c : w.live) {
      if (c->seen.watched_topics.count(topic) == 0 || c->seen.closings > 0 || !c->is_open()
          || c->clogged())
        continue;
      auto& sees = c->seen.sees[topic];
      expect(std::includes(sees.begin(), sees.end(), there.begin(), there.end()),
             "who is present is seen", topic + " by " + c->seen.name);
      expect(std::includes(perhaps.begin(), perhaps.end(), sees.begin(), sees.end()),
             "presence has no ghosts", topic + " by " + c->seen.name);
    }
  }
}

void check::handlers() {
  if (given_up())
    return;
  std::unordered_set<connection_id> there;
  for (auto* c : w.live) {
    if (c->traits.mode != handler_mode::inlined)
      expect(!c->seen.lost_handler || !c->is_open(), "who has lost his handler is closed",
             c->seen.name);
    if (c->traits.mode != handler_mode::shared || c->seen.opened == 0 || c->seen.closed > 0
        || c->seen.lost_handler)
      continue;
    there.insert(c->seen.id);
    if (!w.seen.shared_given_up && c->is_open() && c->seen.closings == 0 && !c->traits.speaks_v1)
      equal(c->seen.handled, c->seen.heard, "a shared handler gets each message once, in order",
            c->seen.name);
  }
  if (!w.seen.shared_given_up)
    expect(there == w.seen.shared_known, "a shared handler knows who is there",
           number(w.seen.shared_known.size()) + ", not " + number(there.size()));
}

void check_books(world& w) {
  w.settle();
  if (w.seen.failure || w.ended())
    return;
  check x{w};
  x.reading();
  x.users();
  x.groups();
  x.presence();
  x.handlers();
}

void check_end(world& w) {
  w.settle();
  if (w.seen.failure)
    return;
  check x{w};
  auto longest = longest_drain(w.wanted.settings.shutdown) + 3s;
  if (!w.ended())
    caf::anon_send(w.peers().shutdown, start_drain{drain_reason::signal});
  // Twice, as it may be under way, and cancelled by what was still waiting.
  for (int i = 0; i < 2 && !w.ended() && !w.seen.failure; ++i) {
    w.pass(longest);
    if (!w.ended())
      caf::anon_send(w.peers().shutdown, start_drain{drain_reason::signal});
  }
  w.settle();
  if (w.seen.failure || !w.broken.empty())
    return;
  x.expect(w.drained, "every drain ends by its deadline", "the last one does not");
  check_step(w);
  check_rest(w);
  if (!w.drained || !w.seen.given_up.empty())
    return;
  // A stall moves no deadline of a drain: one may be over before everybody has heard of it.
  // Force does not wait for shards that have not heard of the end: they may let somebody in.
  if (w.drain_extra > duration::zero() || w.hasty)
    return;
  x.equal<std::uint64_t>(w.live.size(), 0, "a finished drain leaves nobody", "connections");
  x.equal<std::int64_t>(w.ledger.unaccounted(), 0, "a finished drain accounts for everyone",
                        "unaccounted");
  std::map<std::uint64_t, unsigned> kept;
  for (auto& receipt : w.context().receipts.latest({}, 100000))
    ++kept[receipt.id.counter];
  for (auto& c : w.clients)
    x.equal<std::uint64_t>(kept[c->seen.id.counter], c->seen.opened,
                           "each receipt is kept exactly once", c->seen.name);
}

} // namespace holdfast::simulation
