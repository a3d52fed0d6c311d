#include "protocol/send_queue.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <ostream>
#include <string>
#include <utility>

using namespace holdfast;
using slow_consumer = send_queue_config::slow_consumer;

namespace {

std::string waiting(const send_queue& queue) {
  std::array<byte_span, 4096> spans;
  std::string out;
  for (std::size_t at = 0, n = queue.fill(spans.data(), spans.size()); at < n; ++at)
    out.append(spans[at].data, spans[at].size);
  return out;
}

// Everything as naively as possible: a list of frames with their bytes.
class model {
public:
  explicit model(send_queue_config config) : config_{config} {}

  push_outcome push(std::string bytes, bool droppable, bool control, bool close,
                    std::size_t messages) {
    if (!droppable) {
      std::size_t frames = 0, controls = 0, held = 0, inside = 0;
      for (auto& f : frames_)
        if (!f.droppable) {
          (f.control ? controls : frames) += 1;
          held += f.size;
          inside += f.messages;
        }
      if (control && !close && controls >= send_queue::max_control_frames)
        return push_outcome::overflow;
      if (!control && frames > 0
          && (held + bytes.size() > config_.max_queued_bytes
              || frames + 1 > config_.max_queued_messages
              || inside + messages > config_.max_queued_messages))
        return push_outcome::overflow;
      add(std::move(bytes), false, control, messages);
      return push_outcome::queued;
    }
    auto before = frames_;
    bool dropped = false;
    while (!fits(bytes.size())) {
      if (config_.on_slow_consumer == slow_consumer::close)
        return push_outcome::overflow;
      auto oldest = frames_.begin();
      while (oldest != frames_.end() && (!oldest->droppable || oldest->rest.size() < oldest->size))
        ++oldest;
      if (config_.on_slow_consumer == slow_consumer::drop_newest || oldest == frames_.end()) {
        frames_ = before;
        return push_outcome::dropped_newest;
      }
      frames_.erase(oldest);
      dropped = true;
    }
    add(std::move(bytes), true, false, 1);
    return dropped ? push_outcome::dropped_oldest : push_outcome::queued;
  }

  void begin_partly(std::string bytes, std::size_t sent, bool droppable, bool control) {
    add(std::move(bytes), droppable, control, droppable ? 1 : 0);
    frames_.front().rest.erase(frames_.front().rest.begin(),
                               frames_.front().rest.begin() + static_cast<std::ptrdiff_t>(sent));
  }

  std::size_t consumed(std::size_t n) {
    std::size_t completed = 0;
    for (; n > 0; --n) {
      frames_.front().rest.pop_front();
      if (frames_.front().rest.empty()) {
        completed += frames_.front().messages;
        frames_.pop_front();
      }
    }
    return completed;
  }

  std::size_t messages() const {
    std::size_t sum = 0;
    for (auto& f : frames_)
      sum += f.messages;
    return sum;
  }

  /// Of the frames that the policy may drop, or of all others that are no control frames.
  std::size_t bytes_of(bool droppable) const {
    std::size_t sum = 0;
    for (auto& f : frames_)
      sum += f.droppable == droppable && !f.control ? f.rest.size() : 0;
    return sum;
  }

  std::size_t longest(bool droppable) const {
    std::size_t size = 0;
    for (auto& f : frames_)
      if (f.droppable == droppable && !f.control)
        size = std::max(size, f.size);
    return size;
  }

  std::string bytes() const {
    std::string out;
    for (auto& f : frames_)
      out.append(f.rest.begin(), f.rest.end());
    return out;
  }

  void clear() { frames_.clear(); }

private:
  struct frame {
    std::deque<char> rest;
    std::size_t size;
    bool droppable;
    bool control;
    std::size_t messages;
  };

  bool fits(std::size_t size) const {
    return messages() == 0
           || (messages() + 1 <= config_.max_queued_messages
               && bytes().size() + size <= config_.max_queued_bytes);
  }

  void add(std::string bytes, bool droppable, bool control, std::size_t messages) {
    frames_.push_back({{bytes.begin(), bytes.end()}, bytes.size(), droppable, control, messages});
  }

  send_queue_config config_;
  std::deque<frame> frames_;
};

struct step {
  enum class kind : std::uint8_t {
    message,
    protocol_frame,
    pong,
    close,
    raw,     ///< `more` messages in it
    partial, ///< a message of which `more` bytes are sent, if the queue is empty
    consume, ///< `more` bytes, as far as there are
    clear,
  };

  kind what = kind::message;
  std::size_t size = 0; ///< of the payload
  std::size_t more = 0;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr std::array names{"message", "protocol_frame", "pong",    "close",
                             "raw",     "partial",        "consume", "clear"};
  return out << names[static_cast<std::size_t>(x.what)] << '(' << x.size << ", " << x.more << ')';
}

rc::Gen<step> any_step() {
  using kind = step::kind;
  auto size = rc::gen::weightedOneOf<std::size_t>(
    {{8, rc::gen::inRange<std::size_t>(0, 30)}, {1, rc::gen::inRange<std::size_t>(0, 400)}});
  auto what = rc::gen::weightedElement<kind>({{12, kind::message},
                                              {2, kind::protocol_frame},
                                              {2, kind::pong},
                                              {1, kind::close},
                                              {2, kind::raw},
                                              {2, kind::partial},
                                              {6, kind::consume},
                                              {1, kind::clear}});
  return rc::gen::map(rc::gen::tuple(what, size, size), [](const auto& t) {
    return step{std::get<0>(t), std::get<1>(t), std::get<2>(t)};
  });
}

rc::Gen<send_queue_config> any_config() {
  auto policy = rc::gen::element(slow_consumer::close, slow_consumer::drop_oldest,
                                 slow_consumer::drop_newest);
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange<std::size_t>(50, 450),
                                     rc::gen::inRange<std::size_t>(0, 40), policy),
                      [](const auto& t) {
                        return send_queue_config{std::get<0>(t), std::get<1>(t), std::get<2>(t)};
                      });
}

/// A queue and the model, to which the same is done.
class run {
public:
  explicit run(send_queue_config config) : config_{config}, queue_{config}, naive_{config} {}

  void perform(const step& x) {
    payload_.assign(x.size, letter_ = letter_ == 'z' ? 'a' : static_cast<char>(letter_ + 1));
    switch (x.what) {
    case step::kind::message: push(frame_opcode::text, true); break;
    case step::kind::protocol_frame: push(frame_opcode::text, false); break;
    case step::kind::pong: push(frame_opcode::pong, false); break;
    case step::kind::close: push(frame_opcode::close, false); break;
    case step::kind::raw: push_raw(x.more % 4); break;
    case step::kind::partial: push_partial(x.more); break;
    case step::kind::consume: consume(x.more); break;
    case step::kind::clear: clear(); break;
    }
  }

  void check_same() const {
    auto bytes = naive_.bytes();
    RC_ASSERT(waiting(queue_) == bytes);
    RC_ASSERT(queue_.bytes() == bytes.size());
    RC_ASSERT(queue_.messages() == naive_.messages());
    RC_ASSERT(queue_.empty() == bytes.empty());
  }

  /// Each kind of frame by itself, except for one that was longer than the bound and came first.
  void check_bounds() const {
    for (bool droppable : {true, false}) {
      auto most = std::max(config_.max_queued_bytes, naive_.longest(droppable));
      RC_ASSERT(naive_.bytes_of(droppable) <= most);
    }
    auto most = std::max<std::size_t>(config_.max_queued_messages, 4);
    RC_ASSERT(queue_.messages() <= 2 * most);
  }

  void check_counts() const {
    auto& drops = queue_.drops();
    RC_ASSERT(offered_.messages
              == refused_.messages + written_.messages + cleared_.messages + drops.oldest
                   + drops.newest + queue_.messages());
    RC_ASSERT(offered_.bytes
              == refused_.bytes + written_.bytes + cleared_.bytes + drops.bytes + queue_.bytes());
    RC_ASSERT((drops.oldest == 0 || config_.on_slow_consumer == slow_consumer::drop_oldest));
    RC_ASSERT(
      (drops.oldest + drops.newest == 0 || config_.on_slow_consumer != slow_consumer::close));
    RC_ASSERT(drops.oldest + drops.newest == dropped_);
  }

private:
  void count(push_result result, std::size_t messages, std::size_t bytes) {
    offered_.messages += messages;
    offered_.bytes += bytes;
    dropped_ += result.dropped;
    if (result.outcome == push_outcome::overflow) {
      refused_.messages += messages;
      refused_.bytes += bytes;
    }
  }

  void push(frame_opcode opcode, bool is_message) {
    auto frame = shared_frame::encode(opcode, is_control(opcode) ? "12" : payload_);
    std::string bytes{frame.bytes()};
    auto expected
      = naive_.push(bytes, is_message, is_control(opcode), opcode == frame_opcode::close, 0);
    auto result = queue_.push(frame, is_message);
    RC_ASSERT((result.outcome == expected));
    count(result, is_message ? 1 : 0, bytes.size());
  }

  void push_raw(std::size_t messages) {
    messages = payload_.empty() ? 0 : messages;
    auto expected = payload_.empty() ? push_outcome::queued
                                     : naive_.push(payload_, false, false, false, messages);
    auto result = queue_.push_raw(payload_, messages);
    RC_ASSERT((result.outcome == expected));
    count(result, messages, payload_.size());
  }

  void push_partial(std::size_t sent) {
    if (!queue_.empty())
      return;
    auto frame = shared_frame::encode(frame_opcode::text, payload_);
    std::string bytes{frame.bytes()};
    sent %= bytes.size();
    queue_.push_partial(frame, sent, true);
    naive_.begin_partly(bytes, sent, true, false);
    count({}, 1, bytes.size() - sent);
  }

  void consume(std::size_t n) {
    n = std::min(n, queue_.bytes());
    auto completed = queue_.consumed(n);
    RC_ASSERT(completed == naive_.consumed(n));
    written_.messages += completed;
    written_.bytes += n;
  }

  void clear() {
    auto left = queue_.clear();
    RC_ASSERT(left.messages == naive_.messages());
    RC_ASSERT(left.bytes == naive_.bytes().size());
    cleared_.messages += left.messages;
    cleared_.bytes += left.bytes;
    naive_.clear();
  }

  send_queue_config config_;
  send_queue queue_;
  model naive_;
  std::string payload_;
  char letter_ = 'a';
  unwritten offered_, refused_, written_, cleared_;
  std::uint64_t dropped_ = 0;
};

template <class Check>
boost::test_tools::predicate_result holds_after_any_step(Check check) {
  return holds([check] {
    run both{*any_config()};
    for (const auto& each : *rc::gen::container<std::vector<step>>(any_step())) {
      both.perform(each);
      check(both);
    }
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_the_send_queue)

BOOST_AUTO_TEST_CASE(any_sequence_of_calls_does_what_a_naive_list_of_bytes_does) {
  BOOST_TEST(holds_after_any_step([](const run& both) { both.check_same(); }));
}

BOOST_AUTO_TEST_CASE(neither_messages_nor_frames_that_are_kept_pass_the_bounds) {
  BOOST_TEST(holds_after_any_step([](const run& both) { both.check_bounds(); }));
}

BOOST_AUTO_TEST_CASE(what_was_offered_was_refused_written_dropped_cleared_or_waits) {
  BOOST_TEST(holds_after_any_step([](const run& both) { both.check_counts(); }));
}

BOOST_AUTO_TEST_SUITE_END()
