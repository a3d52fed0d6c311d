#include "tests/fuzz/oracle/session.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::fuzz {

class session::verb_scope {
public:
  explicit verb_scope(session& of)
    : calling_{of.calling_},
      before_{std::exchange(calling_, true)} {}
  ~verb_scope() { calling_ = before_; }

private:
  bool& calling_;
  bool before_;
};

void session::established(transport_connection& connection) {
  require(!calling_, "nothing is told from inside a verb");
  require(phase_ == phase::connecting, "a connection is established once");
  phase_ = phase::open;
  connection_ = &connection;
}

/// The payload of what the client sent next, which has to be of this kind.
std::string session::expect_told(unsigned opcode) {
  require(!calling_, "nothing is told from inside a verb");
  require(is_open(), "nothing is told before it is established or after the end began");
  require(!paused_, "nothing is told while reading is paused");
  auto& waiting = sent_.waiting();
  require(!waiting.empty(), "what is told was sent");
  require(waiting.front().opcode == opcode, "frames are told in order");
  auto payload = std::move(waiting.front().payload);
  waiting.pop_front();
  return payload;
}

void session::message(frame_opcode opcode, std::string_view payload) {
  auto sent = expect_told(static_cast<unsigned>(opcode));
  require(sent == payload, "a message is told as it was sent");
  ++delivered_;
}

void session::ping() {
  note_control(frame_opcode::pong, expect_told(9));
}

void session::pong(std::string_view payload) {
  require(expect_told(10) == payload, "a pong is told as it was sent");
}

void session::closing(close_code code, cause why, time_point now) {
  require(!calling_, "nothing is told from inside a verb");
  require(is_open() && !paused_, "the transport begins the end of an open connection, once");
  require(sent_.all_told(), "all that came before the end is told before it");
  require(sent_.end().has_value(), "the transport has a reason to begin the end");
  auto& end = *sent_.end();
  bool right = code == end.code && why == end.why;
  bool either = end.length_of_2_to_63 && code == close_code::protocol_error
                && why == cause::protocol_violation;
  require(right || either, "a close says what was wrong");
  our_code_ = code;
  told_why_ = why;
  begin_end(phase::closing_by_transport, {config_.close_timeout, config_.close_timeout}, now);
}

void session::begin_end(phase next, close_patience patience, time_point now) {
  phase_ = next;
  no_timeout_before_ = now + std::min(patience.flush, patience.answer);
  // After both close frames the client may take its time to read what has left.
  answer_within_ = patience.answer + config_.close_timeout;
  over_by_ = now + patience.flush + answer_within_ + 3 * config_.tick;
}

void session::ended(const transport_end& end, time_point now) {
  require(!calling_, "nothing is told from inside a verb");
  require(phase_ != phase::connecting && !has_ended(), "a connection ends once");
  if (phase_ == phase::open)
    require(stopping_ || (end.why == cause::peer_vanished && client_.hung_up()),
            "an open connection ends when its client leaves");
  else if (told_why_ != cause::none)
    require(end.why == told_why_, "the cause is the one that was told");
  else
    require(end.why == cause::none || end.why == cause::close_timeout, "the cause is known");
  require(end.discarded_in <= sent_.messages() - delivered_, "what is discarded was sent");
  if (end.peer_code == close_code::abnormal) {
    require(client_.hung_up(), "who is said to have vanished has left");
  } else if (end.peer_code != close_code::none) {
    require(sent_.end() && !sent_.end()->violation && end.peer_code == sent_.end()->code
              && end.peer_reason == sent_.end()->reason,
            "the client's close frame is told as it was sent");
    require_same(sent_.messages() - delivered_, end.discarded_in, "what is discarded is counted");
  }
  require(!end.clean
            || (end.peer_code != close_code::none && end.peer_code != close_code::abnormal),
          "a clean end has the client's close frame");
  bool undisturbed = phase_ != phase::aborted && !stopping_ && now < no_timeout_before_;
  if (undisturbed && !client_.hung_up())
    require(end.clean || (sent_.end() && sent_.end()->violation), "an undisturbed end is clean");
  ending_ = {end.peer_code, end.clean, end.why, end.never_written, end.discarded_in};
  phase_ = phase::ended;
  connection_ = nullptr;
}

void session::pause() {
  if (!is_open())
    return;
  verb_scope inside{*this};
  connection_->pause_reading();
  paused_ = true;
}

void session::resume() {
  if (!is_open())
    return;
  verb_scope inside{*this};
  paused_ = false;
  connection_->resume_reading();
}

void session::abort() {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  phase_ = phase::aborted;
  connection_->abort();
}

void session::close(close_code code, std::string_view reason, close_patience patience,
                    time_point now) {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  if (is_open()) {
    our_code_ = code;
    our_reason_ = reason;
    begin_end(phase::closing_by_us, patience, now);
  }
  connection_->close(code, reason, patience);
}

void session::ping(std::uint64_t id) {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  if (is_open()) {
    std::string payload;
    for (int shift = 56; shift >= 0; shift -= 8)
      payload += static_cast<char>(id >> shift);
    note_control(frame_opcode::ping, std::move(payload));
  }
  connection_->ping(id);
}

void session::send(frame_opcode opcode, std::string_view payload) {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  note_sent(opcode, payload, true, connection_->send(opcode, payload));
}

void session::send(const shared_frame& frame) {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  auto bytes = frame.bytes();
  auto payload = bytes.substr(bytes.size() - frame.payload_size());
  note_sent(frame.opcode(), payload, true, connection_->send(frame));
}

void session::send_control(std::string_view text) {
  if (connection_ == nullptr)
    return;
  verb_scope inside{*this};
  note_sent(frame_opcode::text, text, false, connection_->send_control(text));
}

/// The queue takes so many of them, then none until it is shorter.
void session::note_control(frame_opcode opcode, std::string payload) {
  bool may_be_missing = ++controls_ > send_queue::max_control_frames;
  (may_be_missing ? bytes_perhaps_ : bytes_out_) += 2 + payload.size();
  outgoing_.push_back({opcode, std::move(payload), false, may_be_missing});
}

void session::note_sent(frame_opcode opcode, std::string_view payload, bool message,
                        send_outcome outcome) {
  bool closes = config_.queue.on_slow_consumer == send_queue_config::slow_consumer::close;
  auto size = frame_header_size(payload.size()) + payload.size();
  largest_ = std::max(largest_, size);
  switch (outcome) {
  case send_outcome::gone:
    require(!is_open() || !client_.is_open(), "an open connection takes frames");
    return;
  case send_outcome::overflow:
    require(closes || !message, "a policy that drops messages does not overflow with them");
    return;
  case send_outcome::dropped: require(!closes && message, "only a policy drops"); break;
  case send_outcome::taken: break;
  }
  require(is_open(), "a connection that is closing takes no frames");
  messages_out_ += message ? 1 : 0;
  bytes_out_ += size;
  outgoing_.push_back({opcode, std::string{payload}, message, message && !closes});
  check_queue();
}

void session::check_queue() {
  // Twice the bound, one frame on either side that was longer, and a buffer of gathered replies.
  auto most = 2 * config_.queue.max_queued_bytes + 2 * largest_ + 64 * 127 + 64 * 1024;
  require_between(0, connection_->outbound().queued_bytes, most, "what waits is bounded");
}

} // namespace holdfast::fuzz
