#include "app/transport/outbound.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <sys/socket.h>
#include <sys/uio.h>

namespace holdfast::transport {

namespace {

send_outcome outcome_of(push_outcome pushed) {
  switch (pushed) {
  case push_outcome::queued: return send_outcome::taken;
  case push_outcome::dropped_oldest: return send_outcome::dropped;
  case push_outcome::dropped_newest: return send_outcome::dropped;
  case push_outcome::overflow: return send_outcome::overflow;
  }
  return send_outcome::gone;
}

/// Bytes taken, or -1 with errno.
ssize_t write_some(int fd, iovec* parts, std::size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  ssize_t taken = 0;
  do
    taken = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (taken < 0 && errno == EINTR);
  return taken;
}

iovec part(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

} // namespace

template <class MakeFrame>
send_outcome outbound::put(std::string_view head, std::string_view body, bool is_message,
                           MakeFrame make) {
  if (!is_open() || write_error_ != 0)
    return send_outcome::gone;
  if (gather(head, body, is_message ? 1 : 0))
    return send_outcome::taken;
  if (!queue_waits() && write_error_ == 0) {
    auto taken = write(head, body);
    if (taken == head.size() + body.size())
      return send_outcome::taken;
    if (write_error_ == 0)
      return keep([&] { queue().push_partial(make(), taken, is_message); }) ? send_outcome::taken
                                                                            : send_outcome::gone;
  }
  if (write_error_ != 0)
    return send_outcome::gone;
  auto outcome = send_outcome::gone;
  keep([&] { outcome = outcome_of(queue().push(make(), is_message).outcome); });
  return outcome;
}

/// Calls `push`. Without the memory for what it adds the stream ends: its peer could not tell one
/// frame from the next, or would miss one and never know.
template <class Push>
bool outbound::keep(Push push) {
  bool kept = true;
  change_queue([&] {
    try {
      push();
    } catch (const std::bad_alloc&) {
      kept = false;
    }
  });
  if (!kept)
    fail(ENOMEM);
  return kept;
}

/// Every change of the queue goes through this: the loop knows what waits on all its connections
/// without ever having to look at them one by one.
template <class Change>
void outbound::change_queue(Change change) {
  auto waiting = [this] { return queue_ ? queue_->bytes() : 0; };
  auto before = waiting();
  change();
  loop_->queue_changed(before, waiting());
}

send_outcome outbound::send_frame(frame_opcode opcode, std::string_view payload, bool is_message) {
  char header[max_frame_header];
  std::string_view head{header, write_frame_header(header, opcode, payload.size())};
  return put(head, payload, is_message, [&] { return shared_frame::encode(opcode, payload); });
}

send_outcome outbound::send_frame(const shared_frame& frame) {
  return put({}, frame.bytes(), !is_control(frame.opcode()), [&] { return frame; });
}

void outbound::send_bytes(std::string_view bytes) {
  if (!is_open() || write_error_ != 0 || gather({}, bytes, 0))
    return;
  std::size_t taken = queue_waits() ? 0 : write({}, bytes);
  if (write_error_ == 0 && taken < bytes.size())
    keep([&] { queue().push_raw(bytes.substr(taken), 0); });
}

outbound_state outbound::waiting() const {
  outbound_state state;
  if (queue_) {
    state.queued_bytes = queue_->bytes();
    state.queued_messages = queue_->messages();
    state.dropped_messages = queue_->drops().oldest + queue_->drops().newest;
  }
  if (corked()) {
    state.queued_bytes += loop_->buffers().cork.used;
    state.queued_messages += loop_->buffers().cork.messages;
  }
  return state;
}

void outbound::cork() {
  auto& cork = loop_->buffers().cork;
  if (cork.owner == nullptr)
    cork.owner = this;
}

void outbound::uncork() {
  auto& cork = loop_->buffers().cork;
  if (cork.owner != this)
    return;
  bool wrote = cork.used > 0;
  flush_cork();
  cork.owner = nullptr;
  if (wrote && is_open() && write_error_ == 0 && !queue_waits())
    on_flushed();
}

/// Adds to the corked replies, after making room when there is none. False when they have to
/// go another way.
bool outbound::gather(std::string_view head, std::string_view body, std::size_t messages) {
  auto size = head.size() + body.size();
  if (!corked() || queue_waits())
    return false;
  auto& cork = loop_->buffers().cork;
  if (cork.used + size > stream_buffers::size)
    flush_cork();
  if (size > stream_buffers::size || queue_waits() || write_error_ != 0)
    return false;
  auto* at = cork.bytes.get() + cork.used;
  if (!head.empty())
    std::memcpy(at, head.data(), head.size());
  if (!body.empty())
    std::memcpy(at + head.size(), body.data(), body.size());
  cork.used += size;
  cork.messages += messages;
  return true;
}

void outbound::flush_cork() {
  auto& cork = loop_->buffers().cork;
  std::string_view bytes{cork.bytes.get(), cork.used};
  auto messages = cork.messages;
  cork.used = cork.messages = 0;
  if (bytes.empty() || !is_open())
    return;
  auto taken = write({}, bytes);
  // After a failure too: what was taken over is counted at the end.
  if (taken < bytes.size())
    keep([&] { queue().push_raw(bytes.substr(taken), messages); });
}

std::size_t outbound::write(std::string_view head, std::string_view body) {
  char joined[256]; // the kernel takes one piece faster than two
  if (!head.empty() && head.size() + body.size() <= sizeof joined) {
    std::memcpy(joined, head.data(), head.size());
    if (!body.empty())
      std::memcpy(joined + head.size(), body.data(), body.size());
    body = {joined, head.size() + body.size()};
    head = {};
  }
  ssize_t taken = 0;
  if (head.empty()) {
    do
      taken = ::send(fd_, body.data(), body.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    while (taken < 0 && errno == EINTR);
  } else {
    iovec parts[] = {part(head), part(body)};
    taken = write_some(fd_, parts, 2);
  }
  if (taken >= 0)
    return static_cast<std::size_t>(taken);
  if (errno != EAGAIN)
    fail(errno);
  return 0;
}

void outbound::write_queue() {
  constexpr std::size_t max_parts = 64;
  while (queue_waits()) {
    byte_span spans[max_parts];
    iovec parts[max_parts];
    auto count = queue_->fill(spans, max_parts);
    for (std::size_t i = 0; i < count; ++i)
      parts[i] = part({spans[i].data, spans[i].size});
    auto taken = write_some(fd_, parts, count);
    if (taken < 0) {
      if (errno != EAGAIN)
        fail(errno);
      return;
    }
    change_queue([&] { queue_->consumed(static_cast<std::size_t>(taken)); });
  }
  drop_idle_queue();
  on_flushed();
}

traffic outbound::give_up() {
  traffic lost;
  if (corked()) {
    auto& cork = loop_->buffers().cork;
    lost = {cork.messages, cork.used};
    cork.used = cork.messages = 0;
  }
  if (queue_) {
    unwritten left;
    change_queue([&] { left = queue_->clear(); });
    auto& drops = queue_->drops();
    lost.messages += left.messages + drops.oldest + drops.newest;
    lost.bytes += left.bytes + drops.bytes;
    queue_.reset();
  }
  return lost;
}

void outbound::fail(int error) {
  if (write_error_ != 0)
    return;
  write_error_ = error;
  on_write_failed();
}

send_queue& outbound::queue() {
  if (!queue_)
    queue_ = std::make_unique<send_queue>(loop_->config().queue);
  return *queue_;
}

void outbound::drop_idle_queue() {
  // What was dropped is part of the connection's account, and the queue keeps it.
  if (queue_ && queue_->drops().oldest + queue_->drops().newest == 0)
    queue_.reset();
}

} // namespace holdfast::transport
