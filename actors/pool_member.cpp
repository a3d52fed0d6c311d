#include "actors/pool_member.hpp"

#include "actors/shard.hpp"
#include "actors/shard_look.hpp"

#include <algorithm>

namespace holdfast {

namespace {

constexpr duration report_interval = std::chrono::seconds{1};

/// Longer than any verdict is on its way: whoever has waited for so long is refused, and what was
/// admitted within it is left out of a sweep.
constexpr duration verdict_way = std::chrono::seconds{5};

} // namespace

pool_member::pool_member(caf::actor_config& cfg, shard* home, probe_ptr probe, bool again)
  : hosted{cfg},
    shard_{home},
    users_{home->settings().admission},
    tracer_{*home},
    questions_(home->settings().shards),
    answers_(home->settings().shards),
    left_(home->settings().shards),
    again_{again} {
  set_probe(probe);
  keep_failures(probe);
}

pool_member_actor::behavior_type pool_member::make_behavior() {
  set_down_handler([this](caf::down_msg& down) { connection_down(down); });
  take_over();
  return {
    [this](services& peers) { wire(peers); },
    [this](const verdicts_wanted& x) {
      for (auto& question : x.questions)
        decide({x.shard, question});
      flush();
    },
    [this](const verdicts_given& x) {
      for (auto& given : x.answers)
        apply(given);
    },
    [this](const users_left& x) {
      for (auto& entry : x.entries)
        users_.left(entry.user, entry.id);
    },
    [this](const evict_connection& x) {
      close(x.id, {close_code::superseded, cause::superseded, {}});
    },
    [this](const snapshot_wanted& x) {
      // To whom asked: the handle of a restarted member may not have reached this shard yet.
      auto asker = caf::actor_cast<pool_member_actor>(current_sender());
      send(asker, snapshot_given{shard_->index(), false, entries_of(x.member), {}});
    },
    [this](const snapshot_given& x) { take_snapshot(x); },
    [this](receipts_kept x) { shard_->receipts_are_safe(x.batch); },
    [this](const close_by_id& x) { close(x.id, x.command); },
    [this](sweep_shard) { sweep(); },
    [this](const stop_accepting& x) { stop(x); },
    [this](const begin_leaving& x) { leave(x); },
    [this](force_close_all) { force(); },
    [this](abort_all) {
      each([](slot_index, connection& c) { c.call([&] { c.abort(cause::aborted); }); });
    },
    [this](resume_serving) { resume(); },
    [this](phase_changed x) { enter(x); },
    [this](count_population) { return population(); },
    [this](get_shard) { return report(); },
    [this](clean_zombies) { return clean(); },
    [this](list_connections x) {
      std::vector<connection_view> views;
      each([&](slot_index, connection& c) {
        if (views.size() < x.limit)
          views.push_back(c.view());
      });
      return views;
    },
    [this](const scan_connections& x) { return scan(*shard_, x); },
    [this](const find_connection& x) { return find(*shard_, x.id); },
    [this](const validate_connections& x) { return validate(*shard_, x); },
    [this](check_books) { return check_books_of(*shard_); },
    [this](const list_users& x) { return users(x.limit); },
    [this](const send_to_user& x) { return deliver(x); },
    [this](const send_by_id& x) { return deliver(x); },
    [this](const start_trace& x) { return watch(x); },
    [this](stop_trace) { tracer_.stop(caf::actor_cast<caf::actor_addr>(current_sender())); },
    [this](trace_taken x) {
      tracer_.taken(caf::actor_cast<caf::actor_addr>(current_sender()), x.events);
    },
  };
}

void pool_member::on_exit() {
  if (shard_->pool == this)
    shard_->pool = nullptr;
  tracer_.end();
}

// ---- supervision

void pool_member::take_over() {
  shard_->pool = this;
  if (again_)
    users_.begin_rebuild(shard_->settings().shards);
  each([this](slot_index index, connection&) { supervise(index); });
}

void pool_member::wire(services& peers) {
  shard_->set_peers(peers);
  shard_->send_receipts_again();
  // Whoever was restarted has lost what was asked of it.
  if (users_.rebuilding())
    ask_for_snapshots();
  each([this](slot_index index, connection& c) {
    if (c.waits_for_verdict())
      judge(index);
  });
  flush();
}

void pool_member::supervise(slot_index slot) {
  monitor(shard_->slots()[slot].keeper->get());
}

void pool_member::connection_down(const caf::down_msg& down) {
  if (watcher_down(down.source))
    return;
  auto keeper = caf::actor_cast<caf::strong_actor_ptr>(down.source);
  if (!keeper)
    return;
  release(*static_cast<connection*>(keeper->get()));
  flush();
}

void pool_member::release(connection& c) {
  if (c.released())
    return;
  c.set_released();
  auto& user = c.user_name();
  if (!user.empty()) {
    auto owner = partition(user);
    if (owner == shard_->index()) {
      users_.left(user, c.id());
    } else {
      left_[owner].push_back({user, c.id(), {}});
      gathered_ = true;
    }
  }
  shard_->settle(c.slot_at());
}

// ---- the verdict

std::size_t pool_member::partition(const std::string& user) const {
  return partition_of(user, shard_->settings().shards);
}

void pool_member::judge(slot_index slot) {
  auto& place = shard_->slots()[slot];
  auto keeper = place.keeper;
  auto& c = *place.actor;
  auto& user = c.user_name();
  if (user.empty()) {
    c.call([&] { c.admit(0, 0); });
    return;
  }
  auto owner = partition(user);
  if (owner == shard_->index()) {
    decide({shard_->index(), {user, c.id(), slot}});
  } else {
    questions_[owner].push_back({user, c.id(), slot});
    gathered_ = true;
  }
}

void pool_member::decide(const asked& x) {
  users_.set_limit(shard_->user_limit());
  auto verdict = users_.decide(x.question.user, x.question.id, shard_->now());
  if (auto* yes = std::get_if<admitted>(&verdict)) {
    answer(x, true, yes->count, yes->limit);
  } else if (auto* no = std::get_if<rejected>(&verdict)) {
    answer(x, false, no->count, no->limit);
  } else if (auto* instead = std::get_if<admitted_evicting>(&verdict)) {
    for (auto oldest : instead->evicted)
      evict(oldest);
    answer(x, true, instead->count, instead->limit);
  } else if (std::holds_alternative<undecided>(verdict)) {
    undecided_.push_back(x);
  }
}

void pool_member::answer(const asked& x, bool yes, std::size_t count, std::size_t limit) {
  verdict_answer given{x.question.id, x.question.slot, yes, static_cast<std::uint32_t>(count),
                       static_cast<std::uint32_t>(limit)};
  if (x.by == shard_->index()) {
    apply(given);
  } else {
    answers_[x.by].push_back(given);
    gathered_ = true;
  }
}

void pool_member::apply(const verdict_answer& x) {
  auto* place = shard_->slots().find(x.slot, x.id);
  if (!place)
    return; // it has left meanwhile, and its owner hears of that from release()
  auto keeper = place->keeper;
  auto& c = *place->actor;
  c.call([&] {
    if (x.admitted)
      c.admit(x.count, x.limit);
    else
      c.reject(x.count, x.limit);
  });
}

void pool_member::evict(connection_id id) {
  if (id.shard() == shard_->index())
    close(id, {close_code::superseded, cause::superseded, {}});
  else
    send(shard_->peers().members[id.shard()], evict_connection{id});
}

void pool_member::close(connection_id id, const close_connection& command) {
  auto* place = shard_->slots().find(id);
  if (!place)
    return;
  auto keeper = place->keeper;
  auto& c = *place->actor;
  c.call([&] { c.begin_close(command.code, command.why, command.detail); });
}

std::uint64_t pool_member::deliver(const send_by_id& x) {
  std::uint64_t reached = 0;
  for (auto id : x.ids)
    if (auto* place = shard_->slots().find(id); place && place->actor->admitted()) {
      auto keeper = place->keeper;
      auto& c = *place->actor;
      c.call([&] { c.as_session().send(x.message.kind, x.message.data); });
      ++reached;
    }
  return reached;
}

std::uint64_t pool_member::deliver(const send_to_user& x) {
  auto& members = shard_->peers().members;
  if (x.here)
    return deliver(send_by_id{here(x.user), x.message});
  if (users_.rebuilding()) { // nobody knows where he is
    for (std::size_t i = 0; i < members.size(); ++i)
      if (i != shard_->index())
        caf::anon_send(members[i], send_to_user{x.user, x.message, true});
    return deliver(send_by_id{here(x.user), x.message});
  }
  std::uint64_t reached = 0;
  std::vector<send_by_id> by_shard(members.size());
  for (auto id : users_.connections_of(x.user))
    by_shard[id.shard()].ids.push_back(id);
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto& part = by_shard[i];
    if (part.ids.empty())
      continue;
    part.message = x.message;
    if (i == shard_->index()) {
      reached += deliver(part);
    } else {
      reached += part.ids.size();
      caf::anon_send(members[i], std::move(part));
    }
  }
  return reached;
}

std::vector<connection_id> pool_member::here(const std::string& user) const {
  std::vector<connection_id> result;
  each([&](slot_index, connection& c) {
    if (c.admitted() && c.user_name() == user)
      result.push_back(c.id());
  });
  return result;
}

void pool_member::trim_excess() {
  for (auto& above : users_.excess()) {
    close_connection command{close_code::user_limit, cause::refused, {}};
    if (above.id.shard() == shard_->index())
      close(above.id, command);
    else
      send(shard_->peers().members[above.id.shard()], close_by_id{above.id, command});
  }
}

void pool_member::flush() {
  auto& members = shard_->peers().members;
  if (!gathered_ || members.empty())
    return;
  gathered_ = false;
  // Questions before departures: what leaves was asked about first.
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!questions_[i].empty())
      send(members[i], verdicts_wanted{shard_->index(), std::exchange(questions_[i], {})});
    if (!answers_[i].empty())
      send(members[i], verdicts_given{std::exchange(answers_[i], {})});
    if (!left_[i].empty())
      send(members[i], users_left{std::exchange(left_[i], {})});
  }
}

// ---- rebuild and sweep

void pool_member::ask_for_snapshots() {
  for (auto shard : users_.missing_shards())
    send(shard_->peers().members[shard], snapshot_wanted{shard_->index()});
}

std::vector<user_entry> pool_member::entries_of(std::size_t member) const {
  std::vector<user_entry> entries;
  auto now = shard_->now();
  each([&](slot_index, connection& c) {
    if (c.admitted() && !c.released() && !c.superseded() && !c.user_name().empty()
        && partition(c.user_name()) == member)
      entries.push_back({c.user_name(), c.id(), now - c.admitted_at()});
  });
  return entries;
}

/// Whom their owner may have counted already: however long a verdict takes, a sweep must not take
/// it for a leak.
std::vector<connection_id> pool_member::waiting_of(std::size_t member) const {
  std::vector<connection_id> waiting;
  each([&](slot_index, connection& c) {
    if (!c.admitted() && !c.released() && !c.user_name().empty()
        && partition(c.user_name()) == member)
      waiting.push_back(c.id());
  });
  return waiting;
}

void pool_member::take_snapshot(const snapshot_given& x) {
  auto now = shard_->now();
  std::vector<user_connection> live;
  for (auto& entry : x.entries)
    live.push_back({entry.user, entry.id, now - entry.age});
  if (x.sweep) {
    auto mended
      = users_.reconcile(shard_->settings().life, x.shard, live, now - verdict_way, x.waiting);
    shard_->counters().mended += mended.forgotten + mended.registered;
    for (auto id : mended.lingering)
      evict(id);
    trim_excess();
    return;
  }
  users_.snapshot(x.shard, live);
  if (!users_.shard_done(x.shard))
    return;
  for (auto& waiting : std::exchange(undecided_, {}))
    decide(waiting);
  trim_excess();
  flush();
}

void pool_member::sweep() {
  clean();
  // Of who has just ended the news is on its way, behind this message: that is no leak.
  auto before = std::exchange(overdue_, {});
  auto now = shard_->now();
  each([&](slot_index, connection& c) {
    if (!c.ended() || c.released())
      return;
    auto known = std::find_if(before.begin(), before.end(),
                              [&](const overdue& x) { return x.id == c.id(); });
    auto since = known == before.end() ? now : known->since;
    if (now - since < report_interval) {
      overdue_.push_back({c.id(), since});
      return;
    }
    ++shard_->counters().mended;
    release(c);
  });
  for (std::size_t i = 0; i < shard_->peers().members.size(); ++i) {
    snapshot_given snapshot{shard_->index(), true, entries_of(i), waiting_of(i)};
    // Our own at once: on its way it would be overtaken by departures, which are counted directly.
    if (i == shard_->index())
      take_snapshot(snapshot);
    else
      send(shard_->peers().members[i], std::move(snapshot));
  }
  flush();
}

shard_status pool_member::report() const {
  shard_status status;
  status.shard = shard_->index();
  status.connections = shard_->connections();
  status.users = users_.users();
  status.users_at_limit = users_.users_at_limit();
  status.rebuilding = users_.rebuilding();
  status.counters = shard_->counters();
  return status;
}

user_list pool_member::users(std::size_t limit) const {
  user_list list;
  list.users = users_.users();
  list.limit = shard_->user_limit();
  for (auto& [user, count] : users_.most_connected(limit))
    list.top.push_back({std::string{user}, count});
  return list;
}

errc pool_member::watch(const start_trace& x) {
  auto& asker = current_sender();
  auto address = caf::actor_cast<caf::actor_addr>(asker);
  auto outcome = tracer_.begin(asker, x);
  if (std::find(watchers_.begin(), watchers_.end(), address) == watchers_.end()) {
    watchers_.push_back(address);
    monitor(asker->get());
  }
  return outcome;
}

bool pool_member::watcher_down(const caf::actor_addr& who) {
  auto found = std::find(watchers_.begin(), watchers_.end(), who);
  if (found == watchers_.end())
    return false;
  watchers_.erase(found);
  tracer_.stop(who);
  return true;
}

std::uint64_t pool_member::clean() {
  std::uint64_t cleaned = 0;
  each([&](slot_index, connection& c) {
    if (c.state() != connection_state::zombie)
      return;
    ++cleaned;
    c.call([&] { c.begin_close(close_code::heartbeat_lost, c.why(), {}); });
  });
  return cleaned;
}

/// Nobody waits for a verdict for ever, whatever has died on its way.
void pool_member::refuse_the_forgotten(time_point now) {
  if (shard_->waiting_for_verdicts() == 0)
    return;
  each([now](slot_index, connection& c) {
    if (c.waits_for_verdict() && now - c.accepted_at() >= verdict_way)
      c.call([&] { c.refuse(refusal::no_verdict); });
  });
}

void pool_member::pulse(time_point now) {
  while (!shard_->leaving.empty() && shard_->leaving.back().at <= now) {
    auto next = shard_->leaving.back();
    shard_->leaving.pop_back();
    // By message, as its drain_notice, which must come first.
    if (shard_->slots().find(next.slot, next.id))
      send(shard_->handle_of(next.slot),
           close_connection{close_code::service_restart, cause::drained, {}});
  }
  if (now < next_report_)
    return;
  // After a stall the verdicts are still on their way.
  bool stalled = now - next_report_ > report_interval && next_report_ != time_point{};
  next_report_ = now + report_interval;
  if (users_.rebuilding())
    ask_for_snapshots();
  if (!stalled)
    refuse_the_forgotten(now);
  auto status = report();
  send(shard_->peers().pool, status);
  send(shard_->peers().health, status);
}

} // namespace holdfast
