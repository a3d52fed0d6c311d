// The writing half of a socket: at once if it can be, else through a bounded queue.
#pragma once

#include "app/transport/event_loop.hpp"
#include "protocol/send_queue.hpp"
#include "protocol/transport.hpp"

#include <memory>

namespace holdfast::transport {

/// Takes frames in order. While corked, frames are gathered in a buffer of the shard; otherwise
/// the socket is tried at once. What it does not take waits in a send_queue, which exists only
/// while it is needed.
class outbound {
public:
  outbound(const outbound&) = delete;
  outbound& operator=(const outbound&) = delete;

  /// Encodes and sends one frame. A message is under the queue's policy; other frames are kept.
  send_outcome send_frame(frame_opcode opcode, std::string_view payload, bool is_message);
  send_outcome send_frame(const shared_frame& frame);

  /// Sends bytes that are no frame, such as an HTTP answer.
  void send_bytes(std::string_view bytes);

  outbound_state waiting() const;

  /// Whether the socket took everything.
  bool flushed() const { return !queue_waits() && !(corked() && loop_->buffers().cork.used > 0); }

protected:
  outbound() = default;
  ~outbound() = default;

  void open_outbound(event_loop& loop, int fd) {
    loop_ = &loop;
    fd_ = fd;
  }

  event_loop& loop() const { return *loop_; }
  bool is_open() const { return fd_ >= 0; }
  int descriptor() const { return fd_; }
  void forget_descriptor() { fd_ = -1; }

  void cork();
  void uncork();

  bool queue_waits() const { return queue_ && !queue_->empty(); }

  /// The socket takes bytes again.
  void write_queue();

  /// Gives up what was not written, and tells how much that was; with it counts what the queue's
  /// policy dropped before.
  traffic give_up();

  /// errno of the write that failed, else 0.
  int write_error() const { return write_error_; }

private:
  /// The socket is broken. May come from within a send: not the time to tell anyone.
  virtual void on_write_failed() = 0;

  /// Everything that waited was written. Comes from the event loop, never from within a send.
  virtual void on_flushed() = 0;

  bool corked() const { return loop_ != nullptr && loop_->buffers().cork.owner == this; }
  bool gather(std::string_view head, std::string_view body, std::size_t messages);
  std::size_t write(std::string_view head, std::string_view body);
  void flush_cork();
  void fail(int error);
  send_queue& queue();
  void drop_idle_queue();

  template <class Push>
  bool keep(Push push);
  template <class Change>
  void change_queue(Change change);
  template <class MakeFrame>
  send_outcome put(std::string_view head, std::string_view body, bool is_message, MakeFrame make);

  event_loop* loop_ = nullptr;
  std::unique_ptr<send_queue> queue_;
  int fd_ = -1;
  int write_error_ = 0;
};

} // namespace holdfast::transport
