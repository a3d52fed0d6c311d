// The side of a connection that its handler sees.
#include "actors/connection.hpp"
#include "actors/router_member.hpp"
#include "actors/shard.hpp"
#include "actors/tracer.hpp"
#include "protocol/query.hpp"

#include <algorithm>

namespace holdfast {

namespace {

frame_opcode opcode_of(payload_kind kind) {
  return kind == payload_kind::binary ? frame_opcode::binary : frame_opcode::text;
}

payload_kind kind_of(frame_opcode opcode) {
  return opcode == frame_opcode::binary ? payload_kind::binary : payload_kind::text;
}

} // namespace

std::string_view connection::route() const {
  return route_->config.path;
}

std::string connection::query(std::string_view name) const {
  return extras_ && extras_->request ? query_value(extras_->request->query, name) : std::string{};
}

std::string_view connection::header(std::string_view name) const {
  return extras_ && extras_->request ? value_of(extras_->request->headers, name)
                                     : std::string_view{};
}

std::string_view connection::attribute(std::string_view name) const {
  return extras_ ? value_of(extras_->attributes, name) : std::string_view{};
}

bool connection::set_attribute(std::string_view name, std::string_view value) {
  if (name.empty() || name.size() + value.size() > max_attribute)
    return false;
  return set_value(more().attributes, name, value, max_attributes);
}

void connection::show(std::string_view key, std::string_view value) {
  set_value(more().shown, key, value, max_attributes);
}

send_outcome connection::account(send_outcome outcome, payload_kind kind,
                                 std::size_t payload_bytes) {
  switch (outcome) {
  case send_outcome::taken:
  case send_outcome::dropped: // this one or an older one: the receipt takes all that was dropped
                              // off
    ++out_.messages;
    out_.bytes += payload_bytes;
    ++shard_->counters().out.messages;
    shard_->counters().out.bytes += payload_bytes;
    shard_->slots()[slot_].last_activity = shard_->recent();
    note(*this, *shard_, trace_kind::message_out, [&](trace_event& x) {
      x.payload = kind;
      x.bytes = payload_bytes;
    });
    break;
  case send_outcome::overflow:
    begin_close(close_code::slow_consumer, cause::slow_consumer, {});
    break;
  case send_outcome::gone: break;
  }
  return outcome;
}

send_outcome connection::send(payload_kind kind, std::string_view payload) {
  if (!live())
    return send_outcome::gone;
  if (!v1_ || kind == payload_kind::binary)
    return account(socket_->send(opcode_of(kind), payload), kind, payload.size());
  auto text = kind == payload_kind::json ? encode_message(payload) : encode_text_message(payload);
  return account(socket_->send(frame_opcode::text, text), kind, payload.size());
}

void connection::deliver(const shared_frame& frame, std::size_t payload_bytes) {
  if (live())
    account(socket_->send(frame), kind_of(frame.opcode()), payload_bytes);
}

void connection::close(close_code code, std::string_view reason) {
  require_on_wire(code);
  begin_close(code, cause::handler_closed, reason);
}

void connection::pause_reading() {
  if (!live() || shard_->slots().reading_paused(slot_))
    return;
  socket_->pause_reading();
  shard_->pause(slot_);
  note(*this, *shard_, trace_kind::paused, [](trace_event&) {});
}

void connection::resume_reading() {
  if (!live() || !shard_->slots().reading_paused(slot_))
    return;
  shard_->resume(slot_);
  socket_->resume_reading();
  note(*this, *shard_, trace_kind::resumed, [](trace_event&) {});
}

bool connection::subscribe(std::string_view topic, bool presence) {
  if (topic.empty() || topic.size() > max_topic)
    return false;
  auto group = topic_group(topic);
  if (!enter(group))
    return false;
  auto& present = more().present_in;
  if (presence && std::find(present.begin(), present.end(), group) == present.end()) {
    present.push_back(group);
    if (shard_->router)
      shard_->router->appear(*this, present.back());
  }
  return true;
}

void connection::unsubscribe(std::string_view topic) {
  depart(topic_group(topic));
}

bool connection::join(std::string_view group) {
  return is_own_group(group) && enter(group);
}

void connection::leave(std::string_view group) {
  if (is_own_group(group))
    depart(group);
}

bool connection::enter(std::string_view group) {
  if (!live())
    return false;
  auto& joined = more().groups;
  if (std::find(joined.begin(), joined.end(), group) != joined.end())
    return true;
  if (joined.size() >= shard_->settings().max_topics)
    return false;
  joined.emplace_back(group);
  if (shard_->router)
    shard_->router->join(slot_, joined.back());
  return true;
}

void connection::depart(std::string_view group) {
  if (!extras_)
    return;
  auto& joined = extras_->groups;
  auto found = std::find(joined.begin(), joined.end(), group);
  if (found == joined.end())
    return;
  auto& present = extras_->present_in;
  if (auto there = std::find(present.begin(), present.end(), group); there != present.end()) {
    if (shard_->router)
      shard_->router->disappear(*this, *there);
    present.erase(there);
  }
  if (shard_->router)
    shard_->router->leave(slot_, *found);
  joined.erase(found);
}

void connection::publish(std::string_view topic, payload_kind kind, std::string_view payload) {
  publish_to(topic_group(topic), topic, kind, payload);
}

void connection::publish_to_group(std::string_view group, payload_kind kind,
                                  std::string_view payload) {
  if (is_own_group(group))
    publish_to(std::string{group}, {}, kind, payload);
}

void connection::publish_to(std::string group, std::string_view topic, payload_kind kind,
                            std::string_view payload) {
  auto ticket = shard_->ticket_for(group.size() + topic.size() + payload.size());
  tell(shard_->peers().router, publication{std::move(group), std::string{topic}, user_, kind,
                                           std::string{payload}, std::move(ticket)});
  if (live() && shard_->congested()) {
    hold_back();
    shard_->throttle(*this);
  }
}

/// Not the handler's pause: it is over in a moment, and the heartbeat need not know of it.
void connection::hold_back() {
  if (live())
    socket_->pause_reading();
}

void connection::after(duration delay, std::function<void(session&)> f) {
  shard_->unit().call_at(holdfast::after(shard_->now(), delay),
                         [home = shard_, slot = slot_, id = id_, f = std::move(f)] {
                           home->call(slot, id, [&](connection& c) {
                             c.call_guarded([&] { c.app().run(c.as_session(), f); });
                           });
                         });
}

void connection::read_on() {
  if (live() && !shard_->slots().reading_paused(slot_))
    socket_->resume_reading();
}

} // namespace holdfast
