#include "actors/connection.hpp"

#include "actors/heartbeat.hpp"
#include "actors/router_member.hpp"
#include "actors/shard.hpp"
#include "actors/tracer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast {

namespace {

std::uint32_t clamped_ms(duration d) {
  auto ms = std::clamp<std::int64_t>(to_ms(d), 0, std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(ms);
}

/// Two bytes that are there anyway hold 16 s of it, more than the largest bucket's bound.
constexpr duration opening_unit = std::chrono::microseconds{250};

std::uint16_t in_opening_units(duration d) {
  constexpr duration::rep most = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(std::clamp<duration::rep>(d / opening_unit, 0, most));
}

} // namespace

connection::connection(caf::actor_config& cfg, shard* home, connection_seed seed)
  : lean_actor{cfg},
    shard_{home},
    socket_{seed.socket},
    route_{seed.where},
    id_{seed.id},
    slot_{seed.slot},
    v1_{seed.speaks_v1},
    opening_{in_opening_units(seed.opening)},
    accepted_at_{home->now()},
    user_{std::move(seed.user)},
    address_{std::move(seed.address)} {
  priority_ = seed.priority;
  if (!seed.query.empty() || !seed.headers.empty())
    more().request = std::make_unique<opening_request>(
      opening_request{std::move(seed.query), std::move(seed.headers)});
  if (!seed.attributes.empty())
    more().attributes = std::move(seed.attributes);
}

// ---- the verdict

void connection::admit(std::uint32_t count, std::uint32_t limit) {
  if (state_ != connection_state::handshaking)
    return;
  admitted_ = true;
  admitted_at_ = shard_->now();
  judged(admitted_at_);
  move_to(connection_state::open, cause::admitted, count);
  shard_->opened(*this);
  shard_->log().write(log_level::debug, "admitted",
                      {{"id", to_string(id_)},
                       {"user", user_},
                       {"route", route_->config.path},
                       {"address", address_},
                       {"count", std::int64_t{count}},
                       {"limit", std::int64_t{limit}}});
  if (v1_)
    welcome();
  guard_handler([this] {
    if (route_->own)
      own_ = route_->own(*this);
    app().opened(*this);
  });
  if (extras_ && extras_->early_notice)
    notice(*std::exchange(extras_->early_notice, nullptr));
  forget_request();
  if (live() && !shard_->slots().reading_paused(slot_))
    socket_->resume_reading();
}

/// The verdict on its user has come.
void connection::judged(time_point now) {
  shard_->counters().handshake.add(now - accepted_at_ + opening_ * opening_unit);
}

void connection::reject(std::uint32_t count, std::uint32_t limit) {
  if (state_ != connection_state::handshaking)
    return;
  judged(shard_->now());
  shard_->count(refusal::user_limit);
  note(*this, *shard_, trace_kind::refused,
       [](trace_event& x) { x.refused_for = refusal::user_limit; });
  shard_->log().write(log_level::debug, "refused",
                      {{"id", to_string(id_)},
                       {"user", user_},
                       {"reason", to_string(refusal::user_limit)},
                       {"count", std::int64_t{count}},
                       {"limit", std::int64_t{limit}}});
  begin_close(close_code::user_limit, cause::refused, {});
}

void connection::refuse(refusal why) {
  if (state_ != connection_state::handshaking)
    return;
  shard_->refused(why);
  note(*this, *shard_, trace_kind::refused, [why](trace_event& x) { x.refused_for = why; });
  begin_close(static_cast<close_code>(info(why).close_code), cause::refused, {});
}

// ---- frames

void connection::on_heard() {
  if (state_ != connection_state::suspect && state_ != connection_state::zombie)
    return;
  bool was_given_up = state_ == connection_state::zombie;
  move_to(connection_state::open, cause::heard_again, 0);
  why_ = cause::none;
  shard_->log().write(log_level::debug, "recovered", {{"id", to_string(id_)}, {"user", user_}});
  if (shard_->pulse && was_given_up)
    shard_->pulse->enrol(slot_, shard_->now()); // nobody watches a zombie
  else if (shard_->pulse)
    shard_->pulse->recovered(slot_);
}

void connection::on_message(frame_opcode opcode, std::string_view payload) {
  on_heard();
  if (!live())
    return;
  if (opcode == frame_opcode::binary)
    inbound(payload_kind::binary, payload);
  else if (v1_)
    control(payload);
  else
    inbound(payload_kind::text, payload);
}

bool connection::inbound(payload_kind kind, std::string_view payload) {
  count_in(kind, payload.size());
  return guard_handler([&] { app().inbound(*this, {kind, payload, in_.messages}); });
}

void connection::count_in(payload_kind kind, std::size_t payload_bytes) {
  ++in_.messages;
  in_.bytes += payload_bytes;
  ++shard_->counters().in.messages;
  shard_->counters().in.bytes += payload_bytes;
  auto& place = shard_->slots()[slot_];
  place.last_activity = place.last_heard;
  note(*this, *shard_, trace_kind::message_in, [&](trace_event& x) {
    x.payload = kind;
    x.bytes = payload_bytes;
  });
}

void connection::on_closing(close_code code, cause why) {
  if (state_ == connection_state::closing || state_ == connection_state::closed)
    return;
  who_ = why == cause::peer_closed ? ended_by::peer : ended_by::node;
  why_ = why;
  code_ = code;
  move_to(connection_state::closing, why, static_cast<std::uint32_t>(code));
  if (admitted_)
    guard_handler([&] { app().closing(*this, code, why); });
}

void connection::on_ended(const transport_end& end) {
  socket_ = nullptr;
  if (state_ != connection_state::closing) {
    why_ = end.why == cause::none ? cause::peer_vanished : end.why;
    code_ = close_code::abnormal;
  }
  if (!detail_)
    detail_ = last_words(end);
  // A drain's straggler: its close frame went unanswered.
  if (end.why == cause::close_timeout && (why_ == cause::drained || why_ == cause::forced))
    why_ = cause::close_timeout;
  move_to(connection_state::closed, why_, static_cast<std::uint32_t>(code_));
  if (admitted_)
    leave_receipt(end);
  quit();
}

/// What is to be read in the receipt besides the cause. Our own reason, which the peer's close
/// frame repeats, is not news.
std::unique_ptr<std::string> connection::last_words(const transport_end& end) const {
  std::string_view text;
  if (who_ == ended_by::peer)
    text = end.peer_reason;
  else if (!end.error.empty())
    text = end.error;
  else if (end.why == cause::close_timeout)
    text = explain(end.why);
  return text.empty() ? nullptr : std::make_unique<std::string>(text);
}

// ---- closing

void connection::begin_close(close_code code, cause why, std::string_view detail) {
  if (state_ == connection_state::closing || state_ == connection_state::closed)
    return;
  who_ = ended_by::node;
  why_ = why;
  code_ = code;
  if (!detail.empty())
    detail_ = std::make_unique<std::string>(detail);
  move_to(connection_state::closing, why, static_cast<std::uint32_t>(code));
  if (why == cause::slow_consumer)
    ++shard_->counters().slow_consumers;
  if (admitted_)
    guard_handler([&] { app().closing(*this, code, why); });
  if (!socket_)
    return;
  note(*this, *shard_, trace_kind::close_queued, [&](trace_event& x) {
    x.code = code;
    x.why = why;
    x.detail = detail;
  });
  // What an exception says is for the operator, not for the peer.
  bool for_the_peer = why == cause::handler_closed || why == cause::kicked;
  auto reason = for_the_peer && !detail.empty() ? detail : info(code).reason;
  socket_->close(code, reason, shard_->patience(why));
}

void connection::abort(cause why) {
  if (!socket_)
    return;
  if (state_ != connection_state::closing && state_ != connection_state::closed)
    begin_close(close_code::service_restart, why, {});
  why_ = why;
  socket_->abort();
}

void connection::leave_receipt(const transport_end& end) {
  auto last = receipt(end);
  note(*this, *shard_, trace_kind::ended, [&](trace_event& x) {
    x.code = last.code;
    x.why = last.why;
    x.detail = last.detail;
    x.age = last.age;
    x.in = last.in;
    x.out = last.out;
  });
  guard_handler([&] { app().closed(last); });
  if (own_)
    shard_->let_go(std::move(own_));
  shard_->keep(std::move(last));
}

close_receipt connection::receipt(const transport_end& end) const {
  close_receipt r;
  r.id = id_;
  r.user = user_;
  r.route = route_->config.path;
  r.address = address_;
  r.age = shard_->now() - accepted_at_;
  r.opened
    = shard_->unit().time().wall() - std::chrono::duration_cast<std::chrono::milliseconds>(r.age);
  r.in = in_;
  r.out = out_;
  r.out.messages -= std::min(r.out.messages, end.never_written.messages);
  r.acknowledged = extras_ ? extras_->acknowledged : 0;
  r.never_written = end.never_written;
  r.unconfirmed_bytes = end.unconfirmed_bytes;
  r.discarded_in = end.discarded_in;
  r.code = code_;
  r.who = who_;
  r.why = why_;
  if (detail_)
    r.detail = *detail_;
  r.history = recorder_.entries();
  return r;
}

void connection::failed(std::string text) {
  detail_ = std::make_unique<std::string>(std::move(text));
  why_ = cause::handler_crashed;
}

void connection::terminated() {
  if (state_ != connection_state::closed) {
    // Ended from outside, by an exit message or an exception: the socket must not stay behind.
    if (state_ != connection_state::closing) {
      who_ = ended_by::node;
      code_ = close_code::abnormal;
      if (why_ != cause::handler_crashed)
        why_ = cause::actor_stopped;
    }
    transport_end end;
    if (socket_) {
      auto waiting = socket_->outbound();
      end.never_written
        = {waiting.queued_messages + waiting.dropped_messages, waiting.queued_bytes};
      socket_->abort();
      socket_ = nullptr; // it ends without us
    }
    move_to(connection_state::closed, why_, static_cast<std::uint32_t>(code_));
    if (admitted_)
      leave_receipt(end);
  }
  if (shard_->router) {
    for (auto& group : present_in())
      shard_->router->disappear(*this, group);
    for (auto& group : groups())
      shard_->router->leave(slot_, group);
  }
  if (shard_->pulse)
    shard_->pulse->remove(slot_);
}

// ---- messages

void connection::receive(element& x) {
  auto& content = x.content();
  if (content.match_elements<close_connection>()) {
    auto& c = content.get_as<close_connection>(0);
    begin_close(c.code, c.why, c.detail);
  } else if (content.match_elements<suspected>()) {
    suspect(content.get_as<suspected>(0));
  } else if (content.match_elements<declared_zombie>()) {
    zombie(content.get_as<declared_zombie>(0));
  } else if (content.match_elements<drain_notice>()) {
    notice(content.get_as<drain_notice>(0));
  } else if (content.match_elements<drain_voided>()) {
    voided();
  } else if (content.match_elements<phase_changed>()) {
    if (admitted_ && live())
      guard_handler([&] { app().phase(*this, content.get_as<phase_changed>(0).phase); });
  } else if (content.match_elements<send_message>()) {
    // Before the verdict nobody is there: the first words are the welcome, or the refusal.
    if (auto& m = content.get_as<send_message>(0); admitted_)
      send(m.kind, m.data);
  } else if (content.match_elements<get_connection>()) {
    respond(x, view());
  }
}

void connection::suspect(const suspected& x) {
  if (state_ != connection_state::open)
    return;
  move_to(connection_state::suspect, cause::pong_missed, x.misses);
  shard_->log().write(log_level::debug, "suspect",
                      {{"id", to_string(id_)},
                       {"user", user_},
                       {"misses", std::int64_t{x.misses}},
                       {"silence_ms", to_ms(x.silence)}});
}

void connection::zombie(const declared_zombie& x) {
  if (state_ != connection_state::open && state_ != connection_state::suspect)
    return;
  move_to(connection_state::zombie, x.why, x.misses);
  shard_->log().write(log_level::debug, "zombie",
                      {{"id", to_string(id_)},
                       {"user", user_},
                       {"cause", to_string(x.why)},
                       {"misses", std::int64_t{x.misses}},
                       {"silence_ms", to_ms(x.silence)}});
  why_ = x.why;
  guard_handler([this] { app().zombie(*this); });
  if (shard_->settings().on_zombie == zombie_policy::close)
    begin_close(close_code::heartbeat_lost, x.why, {});
}

void connection::notice(const drain_notice& x) {
  draining_ = true;
  if (!v1_ || !live())
    return;
  if (!admitted_) { // it is welcomed first
    more().early_notice = std::make_unique<drain_notice>(x);
    return;
  }
  auto lease = to_string(id_) + "." + std::to_string(x.lease);
  send_control(encode_drain(to_string(x.reason), {lease, x.target, x.after, x.expires}));
}

void connection::voided() {
  if (!std::exchange(draining_, false))
    return;
  if (extras_ && std::exchange(extras_->early_notice, nullptr))
    return;
  if (v1_ && live())
    send_control(encode_drain_cancelled());
}

// ---- small parts

bool connection::live() const {
  return socket_ && state_ != connection_state::closing && state_ != connection_state::closed;
}

handler& connection::app() const {
  return own_ ? *own_ : *route_->app;
}

connection::extras& connection::more() {
  if (!extras_)
    extras_ = std::make_unique<extras>();
  return *extras_;
}

void connection::forget_request() {
  if (!extras_)
    return;
  extras_->request.reset();
  if (extras_->unused())
    extras_.reset();
}

const std::vector<std::string>& connection::groups() const {
  static const std::vector<std::string> none;
  return extras_ ? extras_->groups : none;
}

const named_texts& connection::attributes() const {
  static const named_texts none;
  return extras_ ? extras_->attributes : none;
}

std::shared_ptr<const opening_request> connection::take_request() {
  return extras_ ? std::shared_ptr<const opening_request>{std::move(extras_->request)} : nullptr;
}

const std::vector<std::string>& connection::present_in() const {
  static const std::vector<std::string> none;
  return extras_ ? extras_->present_in : none;
}

void connection::handler_gone(const std::string& text) {
  if (live())
    handler_crashed(text);
}

void connection::handler_crashed(std::string text) {
  shard_->log().write(
    log_level::warn, "handler_crashed",
    {{"id", to_string(id_)}, {"handler", route_->config.handler}, {"error", text}});
  begin_close(close_code::handler_crashed, cause::handler_crashed, text);
}

void connection::move_to(connection_state next, cause why, std::uint32_t number) {
  if (!may_move(state_, next))
    return;
  recorder_.add({clamped_ms(shard_->now() - accepted_at_), state_, next, why, number});
  shard_->moved(state_, next);
  auto before = std::exchange(state_, next);
  shard_->slots()[slot_].doubted
    = next == connection_state::suspect || next == connection_state::zombie;
  if (next == connection_state::closed && admitted_)
    return; // the receipt says more
  auto what = why == cause::admitted ? trace_kind::admitted : trace_kind::moved;
  note(*this, *shard_, what, [&](trace_event& x) {
    x.from = before;
    x.to = next;
    x.why = why;
    x.number = number;
  });
}

} // namespace holdfast
