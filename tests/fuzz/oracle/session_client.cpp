// The client's side of a session, and its end.

#include "tests/fuzz/oracle/session.hpp"

#include <utility>

namespace holdfast::fuzz {

std::size_t session::push(std::size_t most) {
  if (!has_pending())
    return 0;
  auto next = std::string_view{pending_}.substr(pushed_, most);
  auto taken = client_.send(next);
  sent_.read(next.substr(0, taken));
  pushed_ += taken;
  if (pushed_ == pending_.size()) {
    pending_.clear();
    pushed_ = 0;
  }
  return taken;
}

bool session::pull(std::size_t most) {
  std::string bytes;
  if (!client_.receive(bytes, most))
    return false;
  got_.read(bytes);
  if (!upgraded_) {
    auto head = got_.head();
    if (!head)
      return true;
    require(head->compare(0, 13, "HTTP/1.1 101 ") == 0, "the request is answered 101");
    upgraded_ = true;
  }
  while (auto frame = got_.next())
    match(*frame);
  return true;
}

bool session::drain() {
  bool any = false;
  while (pull(64 * 1024))
    any = true;
  return any;
}

void session::match(const server_reader::frame& got) {
  if (got.opcode == frame_opcode::close) {
    match_close(got.payload);
    return;
  }
  while (!outgoing_.empty()) {
    auto next = std::move(outgoing_.front());
    outgoing_.pop_front();
    if (next.opcode == got.opcode && next.payload == got.payload) {
      messages_got_ += next.message ? 1 : 0;
      return;
    }
    require(next.may_be_missing, "what was taken arrives, in order");
  }
  fail("what arrives was sent");
}

void session::match_close(const std::string& payload) {
  require(phase_ != phase::open && phase_ != phase::connecting, "somebody began the end");
  close_got_ = 2 + payload.size();
  if (our_code_ == close_code::no_status) {
    require(payload.empty(), "a close frame without a code is answered by one without");
    return;
  }
  require(payload.size() >= 2, "a close frame has a code");
  auto code = static_cast<std::uint8_t>(payload[0]) * 256u + static_cast<std::uint8_t>(payload[1]);
  require_same(static_cast<unsigned>(our_code_), code, "the close frame has the right code");
  auto reason = std::string_view{payload}.substr(2);
  utf8_reader text;
  for (auto c : reason)
    require(text.take(static_cast<std::uint8_t>(c)), "the reason is text");
  require(text.between_characters(), "the reason is not cut inside of a character");
  if (told_why_ == cause::none) {
    auto shortened = our_reason_.size() > max_close_reason;
    require(our_reason_.compare(0, reason.size(), reason) == 0
              && reason.size() >= (shortened ? max_close_reason - 3 : our_reason_.size()),
            "the reason is the one that was given");
  }
}

void session::check_told() const {
  if (!is_open() || paused_)
    return;
  require(sent_.all_told(), "all that was sent is told");
  require(!sent_.end(), "the transport finds what ends a stream");
}

void session::check_time(time_point now) {
  require(phase_ != phase::aborted, "an abort is over when its event is");
  if (has_ended() || our_code_ == close_code::none || now <= over_by_)
    return;
  // When time has jumped, the last byte may have left just now, and the answer may still come.
  require(!std::exchange(late_, true), "an end is over in time");
  over_by_ = now + answer_within_ + 3 * config_.tick;
}

void session::check_account() const {
  require(has_ended(), "what was established ends");
  // The bytes that the kernel took can be read to the end, unless the client left before.
  if (!client_.saw_end())
    return;
  auto unwritten = ending_.never_written;
  // Replies that were gathered count as unwritten until the last of them has left.
  auto twice = ending_.clean ? 0 : messages_got_;
  require_between(messages_out_, messages_got_ + unwritten.messages, messages_out_ + twice,
                  "messages are accounted for");
  auto accounted = got_.total() - close_got_ + unwritten.bytes;
  constexpr std::uint64_t longest_close = 127;
  auto slack = close_got_ > 0 ? 0 : longest_close;
  require_between(bytes_out_, accounted + slack, bytes_out_ + bytes_perhaps_ + 2 * slack,
                  "bytes are accounted for");
  if (ending_.clean)
    require(close_got_ > 0 && got_.between_frames(), "a clean end reaches the client");
}

} // namespace holdfast::fuzz
