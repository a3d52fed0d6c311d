#include "protocol/lifecycle.hpp"

#include <algorithm>

namespace holdfast {

std::string_view to_string(connection_state state) {
  switch (state) {
  case connection_state::handshaking: return "handshaking";
  case connection_state::open: return "open";
  case connection_state::suspect: return "suspect";
  case connection_state::zombie: return "zombie";
  case connection_state::closing: return "closing";
  case connection_state::closed: return "closed";
  }
  return "invalid";
}

std::string_view to_string(cause why) {
  switch (why) {
  case cause::none: return "none";
  case cause::admitted: return "admitted";
  case cause::refused: return "refused";
  case cause::pong_missed: return "pong_missed";
  case cause::heard_again: return "heard_again";
  case cause::zombie_count: return "zombie_count";
  case cause::zombie_silent: return "zombie_silent";
  case cause::peer_closed: return "peer_closed";
  case cause::peer_vanished: return "peer_vanished";
  case cause::protocol_violation: return "protocol_violation";
  case cause::bad_utf8: return "bad_utf8";
  case cause::too_big: return "too_big";
  case cause::policy: return "policy";
  case cause::paused_too_long: return "paused_too_long";
  case cause::slow_consumer: return "slow_consumer";
  case cause::idle: return "idle";
  case cause::handler_closed: return "handler_closed";
  case cause::handler_crashed: return "handler_crashed";
  case cause::bad_control_messages: return "bad_control_messages";
  case cause::superseded: return "superseded";
  case cause::kicked: return "kicked";
  case cause::drained: return "drained";
  case cause::forced: return "forced";
  case cause::aborted: return "aborted";
  case cause::close_timeout: return "close_timeout";
  case cause::actor_stopped: return "actor_stopped";
  case cause::token_expired: return "token_expired";
  }
  return "invalid";
}

std::string_view explain(cause why) {
  switch (why) {
  case cause::none: return "nothing is known";
  case cause::admitted: return "admitted";
  case cause::refused: return "its user was refused";
  case cause::pong_missed: return "no frame in time after a ping";
  case cause::heard_again: return "a frame arrived";
  case cause::zombie_count: return "too many pings without an answer";
  case cause::zombie_silent: return "silent for too long";
  case cause::peer_closed: return "the peer closed it";
  case cause::peer_vanished: return "the peer went away without a close frame";
  case cause::protocol_violation: return "the peer broke the WebSocket protocol";
  case cause::bad_utf8: return "the peer sent text that is not UTF-8";
  case cause::too_big: return "the peer's message was over max_message_size";
  case cause::policy: return "policy";
  case cause::paused_too_long: return "reading was paused for longer than max_read_pause";
  case cause::slow_consumer: return "the peer read too slowly";
  case cause::idle: return "no application message for connection_timeout";
  case cause::handler_closed: return "the handler closed it";
  case cause::handler_crashed: return "the handler threw an exception";
  case cause::bad_control_messages: return "three bad control messages";
  case cause::superseded: return "a newer connection of the same user took its place";
  case cause::kicked: return "an operator closed it";
  case cause::drained: return "the node drained";
  case cause::forced: return "the drain's deadline passed";
  case cause::aborted: return "the drain ended and it was still there";
  case cause::close_timeout: return "the peer did not answer the close frame in time";
  case cause::actor_stopped: return "its actor was stopped";
  case cause::token_expired: return "its user's token expired";
  }
  return "invalid";
}

bool may_move(connection_state from, connection_state to) {
  using s = connection_state;
  if (from == s::closed)
    return false;
  if (to == s::closed)
    return true;
  switch (from) {
  case s::handshaking: return to == s::open || to == s::closing;
  case s::open: return to == s::suspect || to == s::zombie || to == s::closing;
  case s::suspect: return to == s::open || to == s::zombie || to == s::closing;
  case s::zombie: return to == s::open || to == s::closing;
  case s::closing:
  case s::closed: return false;
  }
  return false;
}

std::string_view to_string(ended_by who) {
  switch (who) {
  case ended_by::peer: return "peer";
  case ended_by::node: return "node";
  case ended_by::network: return "network";
  }
  return "invalid";
}

void flight_recorder::add(const flight_entry& entry) {
  if (added_ < inline_entries) {
    first_[added_] = entry;
  } else {
    if (!ring_) {
      ring_ = std::make_unique<std::array<flight_entry, capacity>>();
      std::copy(first_.begin(), first_.end(), ring_->begin());
    }
    (*ring_)[added_ % capacity] = entry;
  }
  ++added_;
}

std::uint32_t flight_recorder::last_at_ms() const {
  if (added_ == 0)
    return 0;
  return ring_ ? (*ring_)[(added_ - 1) % capacity].at_ms : first_[added_ - 1].at_ms;
}

std::vector<flight_entry> flight_recorder::entries() const {
  if (!ring_)
    return {first_.begin(), first_.begin() + std::min<std::size_t>(added_, inline_entries)};
  std::vector<flight_entry> result;
  auto count = std::min<std::size_t>(added_, capacity);
  result.reserve(count);
  for (std::size_t i = added_ - count; i < added_; ++i)
    result.push_back((*ring_)[i % capacity]);
  return result;
}

} // namespace holdfast
