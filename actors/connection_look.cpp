// What can be seen of a connection.
#include "actors/connection.hpp"
#include "actors/heartbeat.hpp"
#include "actors/shard.hpp"
#include "protocol/topic.hpp"

namespace holdfast {

connection_view connection::view(bool details) const {
  connection_view v;
  auto now = shard_->now();
  auto& place = shard_->slots()[slot_];
  v.id = id_;
  v.user = user_;
  v.route = route_->config.path;
  v.handler = route_->config.handler;
  v.address = address_;
  v.state = state_;
  v.speaks_v1 = v1_;
  v.draining = draining_;
  v.age = now - accepted_at_;
  v.idle = now - place.last_activity;
  v.silence = now - place.last_heard;
  v.in = in_;
  v.out = out_;
  if (socket_) {
    auto waiting = socket_->outbound();
    v.queued_bytes = waiting.queued_bytes;
    v.queued_messages = waiting.queued_messages;
  }
  if (shard_->pulse) {
    auto beat = shard_->pulse->look(slot_);
    v.missed_pongs = beat.misses;
    v.rtt = beat.srtt;
    v.rtt_var = beat.rttvar;
  }
  v.reading_paused = shard_->slots().reading_paused(slot_);
  if (v.reading_paused)
    v.paused_for = now - shard_->slots().paused_since(slot_);
  v.state_age = v.age - std::chrono::milliseconds{recorder_.last_at_ms()};
  if (details) {
    v.history = recorder_.entries();
    for (auto& group : groups()) {
      auto topic = topic_of(group);
      if (topic.empty())
        v.groups.push_back(group);
      else
        v.topics.emplace_back(topic);
    }
    if (extras_) {
      v.attributes = extras_->attributes;
      v.shown = extras_->shown;
    }
  }
  return v;
}

connection_facts connection::facts() const {
  auto now = shard_->now();
  connection_facts x;
  x.id = id_;
  x.user = user_;
  x.address = address_;
  x.route = route_->config.path;
  x.state = state_;
  x.age = now - accepted_at_;
  x.idle = now - shard_->slots()[slot_].last_activity;
  x.rtt = shard_->pulse ? shard_->pulse->look(slot_).srtt : duration{};
  x.queued_bytes = queued_bytes();
  x.groups = &groups();
  return x;
}

connection_place connection::place(connection_key key) const {
  connection_place x;
  x.id = id_.counter;
  switch (key) {
  case connection_key::id: x.number = static_cast<std::int64_t>(id_.counter); break;
  case connection_key::age: x.number = -accepted_at_.time_since_epoch().count(); break;
  case connection_key::idle:
    x.number = -shard_->slots()[slot_].last_activity.time_since_epoch().count();
    break;
  case connection_key::queue: x.number = static_cast<std::int64_t>(queued_bytes()); break;
  case connection_key::rtt:
    x.number = shard_->pulse ? shard_->pulse->look(slot_).srtt.count() : 0;
    break;
  case connection_key::state: x.number = static_cast<std::int64_t>(state_); break;
  case connection_key::user: x.text = user_; break;
  }
  return x;
}

} // namespace holdfast
