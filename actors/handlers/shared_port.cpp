#include "actors/handlers/shared_port.hpp"

#include "actors/shard.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace holdfast {

namespace {

std::size_t cost_of(const handler_event& x) {
  return sizeof(handler_event) + x.topic.size() + x.data.size();
}

} // namespace

shared_port::shared_port(caf::actor_config& cfg, shard* home) : lean_actor{cfg}, shard_{home} {}

// ---- what connections tell

handler_event shared_port::event(handler_event::kind what, const session& of) const {
  handler_event x;
  x.what = what;
  x.id = of.id();
  return x;
}

void shared_port::gather(handler_event x) {
  if (!given_up_.empty())
    return;
  ++events_;
  gathered_cost_ += cost_of(x);
  gathered_.push_back(std::move(x));
}

void shared_port::opened(session& s) {
  if (!given_up_.empty())
    throw std::runtime_error{given_up_};
  auto x = event(handler_event::kind::opened, s);
  auto& c = connection::of(s);
  x.request = c.take_request();
  x.card = card_of(c);
  sessions_.insert_or_assign(s.id(), known{x.card, events_ + 1});
  gather(std::move(x));
}

std::shared_ptr<const session_card> shared_port::card_of(connection& c) const {
  auto& s = c.as_session();
  return std::make_shared<const session_card>(
    session_card{s.id(), shard_->index(), c.slot_at(), std::string{s.user()}, s.speaks_v1(),
                 shard_->settings().max_topics, c.attributes(), c.groups()});
}

void shared_port::inbound(session& from, const inbound_message& message) {
  auto x = event(handler_event::kind::inbound, from);
  x.payload = message.kind;
  x.sequence = message.sequence;
  x.data = message.payload;
  gather_command(std::move(x));
  hold_back(from);
}

command_outcome shared_port::gather_command(handler_event x) {
  if (shard_->command)
    x.command = *shard_->command;
  gather(std::move(x));
  return command_outcome::later;
}

command_outcome shared_port::subscribe(session& s, std::string_view topic, bool presence) {
  auto x = event(handler_event::kind::subscribe, s);
  x.topic = topic;
  x.presence = presence;
  return gather_command(std::move(x));
}

command_outcome shared_port::unsubscribe(session& s, std::string_view topic) {
  auto x = event(handler_event::kind::unsubscribe, s);
  x.topic = topic;
  return gather_command(std::move(x));
}

command_outcome shared_port::publish(session& s, std::string_view topic, payload_kind kind,
                                     std::string_view payload) {
  auto x = event(handler_event::kind::publish, s);
  x.topic = topic;
  x.payload = kind;
  x.data = payload;
  gather_command(std::move(x));
  hold_back(s);
  return command_outcome::later;
}

void shared_port::zombie(session& s) {
  gather(event(handler_event::kind::zombie, s));
}

void shared_port::closing(session& s, close_code code, cause why) {
  auto x = event(handler_event::kind::closing, s);
  x.code = code;
  x.why = why;
  gather(std::move(x));
}

void shared_port::closed(const close_receipt& receipt) {
  handler_event x;
  x.what = handler_event::kind::closed;
  x.id = receipt.id;
  x.receipt = std::make_shared<const close_receipt>(receipt);
  gather(std::move(x));
}

void shared_port::phase(session& s, drain_phase phase) {
  auto x = event(handler_event::kind::phase, s);
  x.entered = phase;
  gather(std::move(x));
}

// ---- to the handler

void shared_port::turn_ended() {
  if (gathered_.empty())
    return;
  batch x{events_ - gathered_.size() + 1, std::exchange(gathered_cost_, 0),
          std::make_shared<const std::vector<handler_event>>(std::move(gathered_))};
  gathered_.clear();
  backlog_ += x.cost;
  waiting_.push_back(std::move(x));
  if (handler_)
    send(waiting_.back().first, waiting_.back().events);
}

void shared_port::send(std::uint64_t first,
                       std::shared_ptr<const std::vector<handler_event>> events) {
  auto me = caf::actor_cast<port_actor>(caf::strong_actor_ptr{ctrl()});
  caf::anon_send(handler_, handler_batch{shard_->index(), first, std::move(events), std::move(me)});
}

void shared_port::hold_back(session& from) {
  if (backlog_ + gathered_cost_ <= max_backlog)
    return;
  auto& c = connection::of(from);
  c.hold_back();
  held_back_.emplace_back(c.slot_at(), c.id());
}

void shared_port::relieve() {
  if (held_back_.empty() || backlog_ > max_backlog / 2)
    return;
  for (auto& [slot, id] : std::exchange(held_back_, {}))
    shard_->call(slot, id, [](connection& c) { c.read_on(); });
}

// ---- from the handler

void shared_port::receive(element& x) {
  auto& content = x.content();
  if (content.match_elements<session_orders>())
    take(content.get_as<session_orders>(0));
  else if (content.match_elements<handler_up>())
    adopt(content.get_as<handler_up>(0).handler);
  else if (content.match_elements<handler_given_up>())
    give_up(content.get_as<handler_given_up>(0).why);
}

void shared_port::take(const session_orders& x) {
  for (auto& order : *x.orders)
    if (order.what == session_order::kind::fault)
      sessions_.erase(order.id); // no successor is to hear of it
  auto end = x.orders->end();
  for (auto next = x.orders->begin(); next != end;) {
    auto first = next;
    next = std::find_if(first, end, [&](const session_order& o) { return o.id != first->id; });
    shard_->call(first->slot, first->id, [&](connection& c) {
      c.gather_output(
        [&] { std::for_each(first, next, [&](const session_order& o) { carry_out(o, c); }); });
    });
  }
  dealt_with(x.handled);
}

void shared_port::carry_out(const session_order& x, connection& c) {
  using kind = session_order::kind;
  auto& s = c.as_session();
  switch (x.what) {
  case kind::send: s.send(x.payload, x.data); break;
  case kind::send_error: s.send_error(x.name, x.data); break;
  case kind::close: s.close(x.code, x.data); break;
  case kind::pause: s.pause_reading(); break;
  case kind::resume: s.resume_reading(); break;
  case kind::subscribe: s.subscribe(x.name, x.flag); break;
  case kind::unsubscribe: s.unsubscribe(x.name); break;
  case kind::publish: s.publish(x.name, x.payload, x.data); break;
  case kind::join: s.join(x.name); break;
  case kind::leave: s.leave(x.name); break;
  case kind::publish_to_group: s.publish_to_group(x.name, x.payload, x.data); break;
  case kind::attribute: s.set_attribute(x.name, x.data); break;
  case kind::priority: s.set_priority(x.flag); break;
  case kind::answer: c.finish_command(x.outcome, x.name); break;
  case kind::fault: c.handler_gone(x.data); break;
  }
}

void shared_port::dealt_with(std::uint64_t number) {
  for (auto next = handled_ + 1; next <= number && !waiting_.empty(); ++next) {
    auto& oldest = waiting_.front();
    auto& event = (*oldest.events)[next - oldest.first];
    if (event.what == handler_event::kind::closed)
      sessions_.erase(event.id);
    if (next + 1 == oldest.first + oldest.events->size()) {
      backlog_ -= oldest.cost;
      waiting_.pop_front();
    }
    handled_ = next;
  }
  relieve();
}

void shared_port::adopt(const caf::actor& handler) {
  handler_ = handler;
  auto there = std::make_shared<std::vector<handler_event>>();
  for (auto& entry : sessions_) {
    auto& card = entry.second.card;
    if (entry.second.opened > handled_)
      continue; // it is told of that yet
    shard_->call(card->slot, entry.first, [&](connection& c) { card = card_of(c); });
    handler_event x;
    x.what = handler_event::kind::adopted;
    x.id = entry.first;
    x.card = card;
    there->push_back(std::move(x));
  }
  if (!there->empty())
    send(0, there);
  for (auto& x : waiting_) {
    auto done = handled_ >= x.first ? handled_ - x.first + 1 : 0;
    if (done == 0) {
      send(x.first, x.events);
      continue;
    }
    auto rest = std::make_shared<std::vector<handler_event>>(
      x.events->begin() + static_cast<std::ptrdiff_t>(done), x.events->end());
    send(x.first + done, rest);
  }
}

void shared_port::give_up(const std::string& why) {
  given_up_ = why;
  handler_ = nullptr;
  gathered_.clear();
  gathered_cost_ = 0;
  waiting_.clear();
  backlog_ = 0;
  handled_ = events_;
  relieve();
  for (auto& [id, known] : std::exchange(sessions_, {}))
    shard_->call(known.card->slot, id, [&](connection& c) { c.handler_gone(why); });
}

// ----

shared_host::shared_host(shard& home)
  : handle_{spawn_on<shared_port, caf::lazy_init + caf::hidden>(home.unit(), &home)},
    port_{static_cast<shared_port*>(caf::actor_cast<caf::abstract_actor*>(handle_))} {}

shared_host::~shared_host() {
  port_->quit();
}

} // namespace holdfast
