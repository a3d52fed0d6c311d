// What one connection could not write yet, and what happens when it grows too long.
#pragma once

#include "protocol/shared_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast {

/// Bounds of a connection's outbound queue.
struct send_queue_config {
  /// What happens to messages when the queue is full.
  enum class slow_consumer : std::uint8_t {
    close,       ///< the connection is closed 4002
    drop_oldest, ///< messages that wait longest make room
    drop_newest, ///< the new message is dropped
  };

  std::size_t max_queued_bytes = 1024 * 1024; ///< with frame headers
  std::size_t max_queued_messages = 1024;
  slow_consumer on_slow_consumer = slow_consumer::close;
};

std::string_view to_string(send_queue_config::slow_consumer policy);

/// What became of a frame.
enum class push_outcome : std::uint8_t {
  queued,
  dropped_oldest, ///< queued, and older messages were dropped for it
  dropped_newest, ///< not queued, dropped by the policy
  overflow,       ///< not queued; the caller closes the connection 4002
};

std::string_view to_string(push_outcome outcome);

struct push_result {
  push_outcome outcome = push_outcome::queued;
  std::size_t dropped = 0; ///< messages that this push dropped, older ones or its own
};

/// What the policy has dropped since the queue was made.
struct drop_counts {
  std::uint64_t oldest = 0; ///< messages
  std::uint64_t newest = 0; ///< messages
  std::uint64_t bytes = 0;  ///< of both, with frame headers
};

/// What never reached the socket.
struct unwritten {
  std::uint64_t messages = 0; ///< one that was written in part counts whole
  std::uint64_t bytes = 0;    ///< every unwritten byte, headers and control frames included
};

/// A stretch of memory to be written.
struct byte_span {
  const char* data = nullptr;
  std::size_t size = 0;
};

/// The bounded outbound queue of one connection. Needed only while the socket takes less than it
/// is given; an empty one owns no memory but itself. Not for several threads at once.
///
/// Frames leave in the order in which they came. They are of two kinds:
/// - Messages are what the bounds and the policy are for. A message fits if with it neither
///   bound is exceeded; bytes() counts everything that is unwritten. When no other message
///   waits, one of any size fits: otherwise a message longer than max_queued_bytes could go to
///   nobody whose socket is busy.
/// - All other frames are kept: never dropped, whatever the policy. They overflow only by
///   themselves: more than max_control_frames pings and pongs; or, for protocol frames and
///   raw bytes, when kept frames hold max_queued_messages or max_queued_bytes. A close frame is
///   always taken. So the queue never holds more than twice the bounds, apart from one frame on
///   either side that was longer than the bound and came first.
///
/// Amortised O(1) for each frame. Whatever would break the byte stream (see the calls) is a
/// defect of the caller and aborts.
class send_queue {
public:
  /// A client that reads nothing while it is pinged, or that pings and does not read.
  static constexpr std::size_t max_control_frames = 64;

  explicit send_queue(send_queue_config config) : config_{config} {}

  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;

  /// Appends an encode()d frame. `is_message` puts it under the policy; a frame of a control
  /// opcode is kept in any case.
  push_result push(shared_frame frame, bool is_message);

  /// Begins an empty queue with a frame of which the socket has taken `already_sent` bytes, fewer
  /// than all. Always taken. Aborts unless the queue is empty.
  void push_partial(shared_frame frame, std::size_t already_sent, bool is_message);

  /// Appends bytes that are frames already: a buffer of coalesced replies, or, on an empty queue,
  /// what the socket left of it. They are copied once, and kept: their ends are not known here,
  /// so that none can be dropped. `messages_in_it` are those that end in `bytes`; they count as
  /// waiting, and as unwritten, until the last byte is written.
  push_result push_raw(std::string_view bytes, std::size_t messages_in_it);

  /// Points `out` at what is to be written next, at most `max` spans. Returns how many. They hold
  /// until the queue is changed.
  std::size_t fill(byte_span* out, std::size_t max) const;

  /// The socket took the next `n` bytes, at most bytes(). Returns the messages this completed.
  std::size_t consumed(std::size_t n);

  /// Every unwritten byte, the rest of a frame that was written in part included.
  std::size_t bytes() const { return kept_.bytes() + messages_.bytes() - head_sent_; }

  /// Messages that are not written completely.
  std::size_t messages() const { return messages_.size() + kept_messages_; }

  bool empty() const { return kept_.empty() && messages_.empty(); }

  /// Forgets everything that waits, and says how much it was. drops() stay.
  unwritten clear();

  const drop_counts& drops() const { return drops_; }

private:
  struct entry {
    shared_frame frame;
    std::uint64_t order;    // of arrival, across both lanes
    std::uint32_t messages; // that end in it
    bool control;
  };

  // First in, first out; the front may also be passed over once when it is half written.
  class lane {
  public:
    void push(entry&& added);
    void pop();
    void pop_second(); // the front stays

    bool empty() const { return head_ == entries_.size(); }
    std::size_t size() const { return entries_.size() - head_; }
    std::size_t bytes() const { return bytes_; }
    const entry& at(std::size_t index) const { return entries_[head_ + index]; }

  private:
    void leave_front();

    std::vector<entry> entries_; // those before head_ have left
    std::size_t head_ = 0;
    std::size_t bytes_ = 0;
  };

  bool message_is_next() const;
  bool fits(std::size_t messages, std::size_t bytes, std::size_t added) const;
  push_result push_message(shared_frame frame);
  push_result replace_oldest(shared_frame frame);
  push_result drop_new(const shared_frame& frame);
  push_result keep(shared_frame frame, std::size_t messages);
  void append_message(shared_frame frame);
  void append_kept(shared_frame frame, std::size_t messages, bool control);
  std::size_t complete_head();

  send_queue_config config_;
  lane messages_; // under the policy
  lane kept_;
  std::size_t kept_messages_ = 0;  // inside raw bytes
  std::size_t control_frames_ = 0; // in kept_
  std::size_t head_sent_ = 0;      // of the oldest frame, in whichever lane
  std::uint64_t next_order_ = 0;
  drop_counts drops_;
};

} // namespace holdfast
