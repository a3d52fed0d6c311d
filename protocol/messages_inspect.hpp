// How the messages are read and written: one inspect() each, in the form of CAF's inspectors, of
// which nothing is needed here.
#pragma once

#include "protocol/messages.hpp"

namespace holdfast {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stop_accepting& x) {
  return f(x.drain);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, begin_leaving& x) {
  return f(x.plan, x.shares);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stop_heartbeats&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, force_close_all&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, abort_all&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resume_serving&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, suspected& x) {
  return f(x.misses, x.silence);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, declared_zombie& x) {
  return f(x.why, x.misses, x.silence);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, close_connection& x) {
  return f(x.code, x.why, x.detail);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_notice& x) {
  return f(x.reason, x.lease, x.target, x.after, x.expires);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_voided&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, phase_changed& x) {
  return f(x.phase);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, send_message& x) {
  return f(x.kind, x.data);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_connection&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, connection_view& x) {
  return f(x.id, x.user, x.route, x.handler, x.address, x.state, x.speaks_v1, x.draining, x.age,
           x.idle, x.silence, x.in, x.out, x.queued_bytes, x.queued_messages, x.missed_pongs, x.rtt,
           x.rtt_var, x.reading_paused, x.paused_for, x.state_age, x.history, x.topics, x.groups,
           x.attributes, x.shown);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdict_question& x) {
  return f(x.user, x.id, x.slot);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdict_answer& x) {
  return f(x.id, x.slot, x.admitted, x.count, x.limit);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdicts_wanted& x) {
  return f(x.shard, x.questions);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdicts_given& x) {
  return f(x.answers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_entry& x) {
  return f(x.user, x.id, x.age);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, users_left& x) {
  return f(x.entries);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, evict_connection& x) {
  return f(x.id);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, snapshot_wanted& x) {
  return f(x.member);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, snapshot_given& x) {
  return f(x.shard, x.sweep, x.entries, x.waiting);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, close_by_id& x) {
  return f(x.id, x.command);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_shard&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_status& x) {
  return f(x.shard, x.connections, x.users, x.users_at_limit, x.rebuilding, x.counters);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_pool&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pool_status& x) {
  return f(x.connections, x.limit, x.reserve, x.users, x.users_at_limit, x.sweeps, x.shards);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, sweep_shard&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_connections& x) {
  return f(x.limit);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_connection& x) {
  return f(x.id);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, check_books&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_users& x) {
  return f(x.limit);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, clean_zombies&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_heartbeat&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, heartbeat_status& x) {
  return f(x.shard, x.watched, x.pinging);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, publication& x) {
  return f(x.group, x.topic, x.from, x.kind, x.data);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_joined& x) {
  return f(x.shard, x.group);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, groups_announced& x) {
  return f(x.shard, x.groups, x.present);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_change& x) {
  return f(x.group, x.user, x.came);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_presence& x) {
  return f(x.group, x.users);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_wanted& x) {
  return f(x.shard, x.group, x.slot, x.id, x.user);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_left& x) {
  return f(x.shard, x.group, x.user);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_news& x) {
  return f(x.change);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_state& x) {
  return f(x.group, x.users, x.count, x.slot, x.id);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_left& x) {
  return f(x.shard, x.group);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_router&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, router_status& x) {
  return f(x.groups, x.publications);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, connections_closed& x) {
  return f(x.shard, x.batch, x.receipts);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, receipts_kept& x) {
  return f(x.batch);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_receipts& x) {
  return f(x.user, x.limit);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_health&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_vitals&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_alerts&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_status& x) {
  return f(x.receipts, x.closed_by_cause, x.totals);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, start_drain& x) {
  return f(x.reason, x.wishes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, force_drain&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cancel_drain&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_drain&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, plan_a_drain& x) {
  return f(x.wishes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_ledger&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, count_population&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_restarted& x) {
  return f(x.shard);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cleanup_wanted& x) {
  return f(x.name);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spawn_actor_request& x) {
  return f(x.type, x.name, x.arguments);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stop_actor_request& x) {
  return f(x.name);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_answer& x) {
  return f(x.result, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, send_to_user& x) {
  return f(x.user, x.message, x.here);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, send_by_id& x) {
  return f(x.ids, x.message);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_actors&) {
  return f();
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_view& x) {
  return f(x.name, x.kind, x.parent, x.alive, x.messages, x.mailbox, x.busy, x.uptime, x.restarts,
           x.last_failure, x.shown);
}

} // namespace holdfast
