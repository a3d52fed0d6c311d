#include "actors/router_member.hpp"

#include "actors/shard.hpp"

#include <algorithm>

namespace holdfast {

router_member::router_member(caf::actor_config& cfg, shard* home, probe_ptr probe)
  : hosted{cfg},
    shard_{home} {
  set_probe(probe);
  keep_failures(probe);
}

router_member_actor::behavior_type router_member::make_behavior() {
  shard_->router = this;
  shard_->slots().for_each([this](slot_index index, slot& s) {
    if (!s.socket || s.actor->ended())
      return;
    for (auto& group : s.actor->groups())
      groups_[group].push_back(index);
    for (auto& group : s.actor->present_in())
      present_.appear(group, index, s.actor->user_name());
  });
  return {
    [this](services& peers) {
      router_ = peers.router;
      announce_all();
    },
    [this](const publication& x) { deliver(x); },
    [this](const presence_news& x) { tell(x); },
    [this](const presence_state& x) { tell(x); },
  };
}

void router_member::on_exit() {
  if (shard_->router == this)
    shard_->router = nullptr;
}

void router_member::announce_all() {
  groups_announced all{shard_->index(), {}, present_.all()};
  for (auto& [group, members] : groups_)
    all.groups.push_back(group);
  send(router_, std::move(all));
}

void router_member::join(slot_index slot, const std::string& group) {
  auto& members = groups_[group];
  members.push_back(slot);
  if (members.size() == 1)
    send(router_, group_joined{shard_->index(), group});
}

void router_member::leave(slot_index slot, const std::string& group) {
  auto found = groups_.find(group);
  if (found == groups_.end())
    return;
  auto& members = found->second;
  auto at = std::find(members.begin(), members.end(), slot);
  if (at == members.end())
    return;
  *at = members.back();
  members.pop_back();
  if (!members.empty())
    return;
  groups_.erase(found);
  send(router_, group_left{shard_->index(), group});
}

// ---- presence

void router_member::appear(connection& c, const std::string& group) {
  auto first = present_.appear(group, c.slot_at(), c.user_name());
  send(router_, presence_wanted{shard_->index(), group, c.slot_at(), c.id(),
                                first ? c.user_name() : std::string{}});
}

void router_member::disappear(const connection& c, const std::string& group) {
  if (present_.leave(group, c.slot_at(), c.user_name()))
    send(router_, presence_left{shard_->index(), group, c.user_name()});
}

void router_member::tell(const presence_news& x) {
  auto& [group, user, came] = x.change;
  receivers_ = present_.watchers(group);
  if (receivers_.empty())
    return;
  auto text = encode_presence_change(topic_of(group), user, came);
  for (auto index : receivers_) {
    auto* c = shard_->slots()[index].actor;
    if (c && c->user_name() != user) // who comes is told of himself with all the others
      c->call([&] { c->tell_presence(text); });
  }
}

void router_member::tell(const presence_state& x) {
  auto text = encode_presence(topic_of(x.group), x.users, x.count);
  if (x.id != connection_id{}) {
    shard_->call(x.slot, x.id, [&](connection& c) { c.tell_presence(text); });
    return;
  }
  receivers_ = present_.watchers(x.group);
  for (auto index : receivers_)
    if (auto* c = shard_->slots()[index].actor)
      c->call([&] { c->tell_presence(text); });
}

// ---- publications

void router_member::deliver(const publication& x) {
  if (x.group == everyone) {
    receivers_.clear();
    shard_->slots().for_each([this](slot_index index, slot& s) {
      if (s.actor->admitted())
        receivers_.push_back(index);
    });
  } else if (auto found = groups_.find(x.group); found != groups_.end()) {
    receivers_ = found->second;
  } else {
    return;
  }
  shared_frame plain;
  shared_frame v1; // each is encoded for the first client that needs it
  for (auto index : receivers_) {
    auto* c = shard_->slots()[index].actor;
    if (!c)
      continue;
    auto& frame = c->speaks_v1() ? v1 : plain;
    if (!frame)
      frame = encode(x, c->speaks_v1());
    c->call([&] { c->deliver(frame, x.data.size()); });
  }
}

shared_frame router_member::encode(const publication& x, bool for_v1) {
  if (x.kind == payload_kind::binary)
    return shared_frame::encode(frame_opcode::binary, x.data);
  if (!for_v1)
    return shared_frame::encode(frame_opcode::text, x.data);
  return shared_frame::encode(frame_opcode::text, x.kind == payload_kind::json
                                                    ? encode_message(x.data, x.topic, x.from)
                                                    : encode_text_message(x.data, x.topic, x.from));
}

} // namespace holdfast
