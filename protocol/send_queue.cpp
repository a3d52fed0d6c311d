#include "protocol/send_queue.hpp"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

namespace {

void require(bool holds, const char* otherwise) {
  if (!holds) {
    std::fprintf(stderr, "holdfast: send queue: %s\n", otherwise);
    std::abort();
  }
}

} // namespace

std::string_view to_string(send_queue_config::slow_consumer policy) {
  switch (policy) {
  case send_queue_config::slow_consumer::close: return "close";
  case send_queue_config::slow_consumer::drop_oldest: return "drop_oldest";
  case send_queue_config::slow_consumer::drop_newest: return "drop_newest";
  }
  return "unknown";
}

std::string_view to_string(push_outcome outcome) {
  switch (outcome) {
  case push_outcome::queued: return "queued";
  case push_outcome::dropped_oldest: return "dropped_oldest";
  case push_outcome::dropped_newest: return "dropped_newest";
  case push_outcome::overflow: return "overflow";
  }
  return "unknown";
}

void send_queue::lane::push(entry&& added) {
  auto size = added.frame.bytes().size();
  entries_.push_back(std::move(added));
  bytes_ += size;
}

void send_queue::lane::pop() {
  bytes_ -= at(0).frame.bytes().size();
  entries_[head_].frame = shared_frame{};
  leave_front();
}

void send_queue::lane::pop_second() {
  bytes_ -= at(1).frame.bytes().size();
  entries_[head_ + 1] = std::move(entries_[head_]);
  leave_front();
}

void send_queue::lane::leave_front() {
  ++head_;
  if (empty()) {
    std::vector<entry>{}.swap(entries_);
    head_ = 0;
  } else if (head_ >= 16 && head_ > size()) {
    // Fewer are moved than have left since the last time, which keeps it O(1) for each.
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

push_result send_queue::push(shared_frame frame, bool is_message) {
  require(bool{frame}, "a frame without bytes");
  auto opcode = frame.opcode();
  if (!is_control(opcode))
    return is_message ? push_message(std::move(frame)) : keep(std::move(frame), 0);
  if (opcode != frame_opcode::close && control_frames_ >= max_control_frames)
    return {push_outcome::overflow, 0};
  append_kept(std::move(frame), 0, true);
  return {};
}

void send_queue::push_partial(shared_frame frame, std::size_t already_sent, bool is_message) {
  require(empty(), "a partly written frame behind others");
  require(already_sent < frame.bytes().size(), "nothing is left of a partly written frame");
  auto control = is_control(frame.opcode());
  if (is_message && !control)
    append_message(std::move(frame));
  else
    append_kept(std::move(frame), 0, control);
  head_sent_ = already_sent;
}

push_result send_queue::push_raw(std::string_view bytes, std::size_t messages_in_it) {
  require(!bytes.empty() || messages_in_it == 0, "messages without bytes");
  if (bytes.empty())
    return {};
  return keep(shared_frame::copy_of(bytes), messages_in_it);
}

std::size_t send_queue::fill(byte_span* out, std::size_t max) const {
  std::size_t filled = 0, message = 0, kept = 0;
  auto offset = head_sent_;
  while (filled < max && (message < messages_.size() || kept < kept_.size())) {
    auto message_first
      = kept == kept_.size()
        || (message < messages_.size() && messages_.at(message).order < kept_.at(kept).order);
    auto& next = message_first ? messages_.at(message++) : kept_.at(kept++);
    auto bytes = next.frame.bytes().substr(offset);
    out[filled++] = {bytes.data(), bytes.size()};
    offset = 0;
  }
  return filled;
}

std::size_t send_queue::consumed(std::size_t n) {
  require(n <= bytes(), "more was written than waited");
  std::size_t completed = 0;
  while (n > 0) {
    auto& head = message_is_next() ? messages_.at(0) : kept_.at(0);
    auto left = head.frame.bytes().size() - head_sent_;
    if (n < left) {
      head_sent_ += n;
      break;
    }
    n -= left;
    completed += complete_head();
  }
  return completed;
}

unwritten send_queue::clear() {
  unwritten left{messages(), bytes()};
  messages_ = lane{};
  kept_ = lane{};
  kept_messages_ = control_frames_ = head_sent_ = 0;
  return left;
}

bool send_queue::message_is_next() const {
  return kept_.empty() || (!messages_.empty() && messages_.at(0).order < kept_.at(0).order);
}

/// Whether a message of `added` bytes may wait besides `messages` others and `bytes` in all.
bool send_queue::fits(std::size_t messages, std::size_t bytes, std::size_t added) const {
  return messages == 0
         || (messages < config_.max_queued_messages && bytes + added <= config_.max_queued_bytes);
}

push_result send_queue::push_message(shared_frame frame) {
  if (fits(messages(), bytes(), frame.bytes().size())) {
    append_message(std::move(frame));
    return {};
  }
  switch (config_.on_slow_consumer) {
  case send_queue_config::slow_consumer::close: return {push_outcome::overflow, 0};
  case send_queue_config::slow_consumer::drop_oldest: return replace_oldest(std::move(frame));
  case send_queue_config::slow_consumer::drop_newest: return drop_new(frame);
  }
  return {push_outcome::overflow, 0};
}

push_result send_queue::replace_oldest(shared_frame frame) {
  auto size = frame.bytes().size();
  bool head_stays = head_sent_ > 0 && message_is_next();
  auto droppable = messages_.size() - (head_stays ? 1 : 0);
  auto head_bytes = head_stays ? messages_.at(0).frame.bytes().size() : 0;
  auto droppable_bytes = messages_.bytes() - head_bytes;
  // If dropping all of them would not do, the new one is the only one lost.
  if (!fits(messages() - droppable, bytes() - droppable_bytes, size))
    return drop_new(frame);
  push_result result{push_outcome::dropped_oldest, 0};
  while (!fits(messages(), bytes(), size)) {
    auto& oldest = messages_.at(head_stays ? 1 : 0);
    ++result.dropped;
    ++drops_.oldest;
    drops_.bytes += oldest.frame.bytes().size();
    head_stays ? messages_.pop_second() : messages_.pop();
  }
  append_message(std::move(frame));
  return result;
}

push_result send_queue::drop_new(const shared_frame& frame) {
  ++drops_.newest;
  drops_.bytes += frame.bytes().size();
  return {push_outcome::dropped_newest, 1};
}

push_result send_queue::keep(shared_frame frame, std::size_t messages) {
  auto frames = kept_.size() - control_frames_;
  bool room = kept_.bytes() + frame.bytes().size() <= config_.max_queued_bytes
              && frames < config_.max_queued_messages
              && kept_messages_ + messages <= config_.max_queued_messages;
  // As with messages, the first may be of any size.
  if (frames > 0 && !room)
    return {push_outcome::overflow, 0};
  append_kept(std::move(frame), messages, false);
  return {};
}

void send_queue::append_message(shared_frame frame) {
  messages_.push({std::move(frame), next_order_++, 1, false});
}

void send_queue::append_kept(shared_frame frame, std::size_t messages, bool control) {
  kept_.push({std::move(frame), next_order_++, static_cast<std::uint32_t>(messages), control});
  kept_messages_ += messages;
  control_frames_ += control ? 1 : 0;
}

std::size_t send_queue::complete_head() {
  head_sent_ = 0;
  if (message_is_next()) {
    messages_.pop();
    return 1;
  }
  std::size_t messages = kept_.at(0).messages;
  kept_messages_ -= messages;
  control_frames_ -= kept_.at(0).control ? 1 : 0;
  kept_.pop();
  return messages;
}

} // namespace holdfast
