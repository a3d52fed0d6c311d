#include "tests/simulation/client.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::simulation {

namespace {

constexpr std::size_t most_control_frames = 64; // as send_queue has it

} // namespace

void client::trace(std::string_view what, std::uint64_t number) {
  auto& t = around_.trace();
  t.add(traits.number);
  t.add_text(what);
  t.add(number);
}

// ---- what the actors may ask

send_outcome client::send(frame_opcode opcode, std::string_view payload) {
  return take(opcode, std::string{payload}, true);
}

send_outcome client::send(const shared_frame& message) {
  auto bytes = message.bytes();
  return take(message.opcode(), std::string{bytes.substr(bytes.size() - message.payload_size())},
              true);
}

send_outcome client::send_control(std::string_view text) {
  return take(frame_opcode::text, std::string{text}, false);
}

send_outcome client::take(frame_opcode opcode, std::string payload, bool message) {
  trace("send", payload.size());
  if (over_)
    around_.breach("nothing is asked of a socket that has ended", "send");
  if (told_)
    around_.breach("nothing is sent after close", seen.name + " sends " + payload.substr(0, 80));
  if (stage_ != stage::open)
    return send_outcome::gone;
  if (auto at = payload.find("published:"); message && at != std::string::npos) {
    auto group = payload.substr(at + 10, 1);
    if (seen.groups.count(group) == 0)
      around_.breach("a publication reaches members of its group only",
                     seen.name + " gets what is for " + group);
  }
  if (!message && traits.speaks_v1 && !welcomed_) {
    if (!starts_with(payload, R"({"type":"welcome")"))
      around_.breach("nothing is sent before the verdict", seen.name + " sends " + payload);
    welcomed_ = true;
  } else if (seen.opened == 0 && !(welcomed_ && starts_with(payload, R"({"type":"drain)"))) {
    around_.breach("nothing is sent before the verdict", seen.name + " sends " + payload);
  }
  auto outcome = enqueue({opcode, std::move(payload), message});
  if (message && (outcome == send_outcome::taken || outcome == send_outcome::dropped))
    around_.active(*this);
  return outcome;
}

send_outcome client::enqueue(queued frame) {
  if (!clogged_) {
    write(frame);
    return send_outcome::taken;
  }
  auto waiting = [&](bool messages) {
    return static_cast<std::size_t>(std::count_if(
      queue_.begin(), queue_.end(), [=](const queued& q) { return q.message == messages; }));
  };
  if (waiting(frame.message) < traits.max_queued_messages) {
    queue_.push_back(std::move(frame));
    return send_outcome::taken;
  }
  if (!frame.message)
    return send_outcome::overflow;
  switch (traits.on_slow_consumer) {
  case send_queue_config::slow_consumer::close: return send_outcome::overflow;
  case send_queue_config::slow_consumer::drop_newest: ++dropped_; return send_outcome::dropped;
  case send_queue_config::slow_consumer::drop_oldest:
    ++dropped_;
    queue_.erase(
      std::find_if(queue_.begin(), queue_.end(), [](const queued& q) { return q.message; }));
    queue_.push_back(std::move(frame));
    return send_outcome::dropped;
  }
  return send_outcome::gone;
}

void client::ping(std::uint64_t id) {
  trace("ping", id);
  if (pings_no_more)
    around_.breach("pings are sent only while pinging", seen.name);
  if (seen.opened == 0)
    around_.breach("nobody is pinged before the verdict", seen.name);
  if (stage_ != stage::open)
    return; // the transport drops it
  if (!clogged_)
    write({frame_opcode::ping, ping_payload(id), false});
  else if (queue_.size() < most_control_frames)
    queue_.push_back({frame_opcode::ping, ping_payload(id), false});
}

void client::close(close_code code, std::string_view reason, close_patience patience) {
  trace("close", static_cast<std::uint64_t>(code));
  around_.trace().add_text(reason);
  if (code == close_code::token_expired && around_.now() < traits.expires)
    around_.breach("nobody is closed before what he has shown expires", seen.name);
  if (reason.size() > max_close_reason)
    around_.breach("a reason fits into a close frame", std::string{reason});
  told_ = true;
  begins_to_close();
  if (stage_ != stage::open)
    return;
  send_close_frame(code);
  limit_closing(patience);
}

void client::abort() {
  trace("abort");
  told_ = true;
  begins_to_close();
  finish(false);
}

void client::pause_reading() {
  trace("pause");
  if (stage_ == stage::open)
    intake_ = intake::off;
}

void client::resume_reading() {
  trace("resume");
  if (seen.opened == 0)
    around_.breach("nothing is read before the verdict", seen.name);
  if (stage_ == stage::open)
    intake_ = intake::on;
}

outbound_state client::outbound() const {
  outbound_state state;
  for (auto& q : queue_) {
    state.queued_bytes += q.payload.size();
    state.queued_messages += q.message ? 1 : 0;
  }
  state.dropped_messages = dropped_;
  return state;
}

// ---- the shard's loop

bool client::readable() const {
  return !inbox_.empty() && intake_ != intake::off && stage_ != stage::closed;
}

void client::read_one() {
  auto frame = std::move(inbox_.front());
  inbox_.pop_front();
  using kind = inbound_frame::kind;
  auto& events = around_.events(traits.shard);
  if (frame.what == kind::end) {
    on_end(false);
    return;
  }
  if (intake_ == intake::discard)
    return;
  events.bytes_came(around_.now());
  if (stage_ == stage::closing) {
    if (frame.what == kind::message)
      ++discarded_;
    if (frame.what == kind::close)
      take_close(frame);
    return;
  }
  switch (frame.what) {
  case kind::message:
    around_.heard(*this);
    ++seen.heard;
    if (traits.mode == handler_mode::shared)
      seen.idle = {};
    events.message(reply.slot, frame.opcode, frame.payload);
    break;
  case kind::ping:
    around_.heard(*this);
    events.ping(reply.slot);
    break;
  case kind::pong:
    around_.heard(*this);
    events.pong(reply.slot, frame.payload);
    break;
  case kind::close: take_close(frame); break;
  case kind::violation:
    intake_ = intake::discard;
    begin_close(frame.code, frame.why);
    break;
  case kind::end: break;
  }
}

void client::take_close(const inbound_frame& frame) {
  peer_done_ = true;
  peer_code_ = frame.code;
  if (stage_ == stage::open)
    begin_close(frame.code, cause::peer_closed);
  if (stage_ == stage::closing && flushed())
    finish(true);
}

void client::begin_close(close_code code, cause why) {
  note_cause(why);
  stage_ = stage::closing;
  told_ = true;
  begins_to_close();
  around_.events(traits.shard).closing(reply.slot, code, why_);
  if (stage_ != stage::closing)
    return;
  send_close_frame(code);
  limit_closing({traits.close_timeout, traits.close_timeout});
}

/// A shared handler hears of it later.
void client::begins_to_close() {
  if (traits.mode == handler_mode::shared && seen.opened == 1 && seen.closed == 0)
    seen.closings = 1;
}

void client::send_close_frame(close_code) {
  stage_ = stage::closing;
  if (intake_ == intake::off)
    intake_ = intake::on;
  queued frame{frame_opcode::close, {}, false};
  if (clogged_)
    queue_.push_back(frame);
  else
    write(frame);
}

void client::limit_closing(close_patience patience) {
  answer_within_ = patience.answer;
  due_ = around_.now() + (flushed() ? patience.answer : patience.flush);
}

void client::on_flushed() {
  if (stream_over_ || peer_done_)
    finish(true);
  else
    due_ = around_.now() + answer_within_;
}

void client::on_end(bool reset) {
  stream_over_ = true;
  if (stage_ == stage::closing && peer_done_ && flushed()) {
    finish(true);
    return;
  }
  if (!reset && stage_ == stage::closing && !flushed())
    return;
  if (stage_ == stage::open)
    note_cause(cause::peer_vanished);
  vanished_ = true;
  finish(false);
}

void client::on_deadline() {
  if (peer_done_ && flushed()) {
    finish(true);
    return;
  }
  note_cause(cause::close_timeout);
  finish(false);
}

void client::note_cause(cause why) {
  if (why_ == cause::none)
    why_ = why;
}

void client::finish(bool clean) {
  if (stage_ == stage::closed)
    return;
  stage_ = stage::closed;
  clean_ = clean && peer_done_ && flushed();
  auto left = outbound();
  lost_ = {left.queued_messages + dropped_, left.queued_bytes};
  queue_.clear();
  inbox_.clear();
  around_.ended_later(*this);
}

void client::tell_end() {
  over_ = true;
  transport_end end;
  if (peer_done_)
    end.peer_code = peer_code_;
  else if (vanished_)
    end.peer_code = close_code::abnormal;
  end.clean = clean_;
  end.why = why_;
  end.never_written = lost_;
  end.discarded_in = discarded_;
  trace("ended", static_cast<std::uint64_t>(why_));
  around_.events(traits.shard).ended(reply.slot, end);
}

} // namespace holdfast::simulation
