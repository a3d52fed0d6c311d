#include "protocol/send_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <deque>
#include <random>
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

/// Does one random thing to both. Returns what kind it was, and what became of it.
std::pair<int, push_outcome> step(std::mt19937& random, send_queue& queue, model& naive) {
  auto letter = static_cast<char>('a' + random() % 26);
  auto payload = std::string(random() % (random() % 16 == 0 ? 400 : 30), letter);
  auto kind = static_cast<int>(random() % 16);
  if (kind == 0) {
    auto left = queue.clear();
    BOOST_TEST(left.messages == naive.messages());
    BOOST_TEST(left.bytes == naive.bytes().size());
    naive.clear();
    return {kind, push_outcome::queued};
  }
  if (kind <= 4) {
    auto n = random() % (queue.bytes() + 1);
    BOOST_TEST(queue.consumed(n) == naive.consumed(n));
    return {kind, push_outcome::queued};
  }
  if (kind == 5) {
    auto messages = payload.empty() ? 0 : random() % 4;
    auto expected
      = payload.empty() ? push_outcome::queued : naive.push(payload, false, false, false, messages);
    auto result = queue.push_raw(payload, messages);
    BOOST_TEST((result.outcome == expected));
    return {kind, expected};
  }
  auto opcode = kind == 6   ? frame_opcode::pong
                : kind == 7 ? frame_opcode::close
                            : frame_opcode::text;
  auto frame = shared_frame::encode(opcode, is_control(opcode) ? "12" : payload);
  auto is_message = kind > 8;
  std::string bytes{frame.bytes()};
  if (queue.empty() && random() % 2 == 0) {
    auto sent = random() % bytes.size();
    queue.push_partial(frame, sent, is_message);
    naive.begin_partly(bytes, sent, is_message, is_control(opcode));
    return {kind, push_outcome::queued};
  }
  auto before = naive.messages();
  auto expected = naive.push(bytes, is_message, is_control(opcode), kind == 7, 0);
  auto result = queue.push(frame, is_message);
  BOOST_TEST((result.outcome == expected));
  if (expected == push_outcome::dropped_oldest)
    BOOST_TEST(result.dropped == before + 1 - naive.messages());
  return {kind, expected};
}

} // namespace

BOOST_AUTO_TEST_SUITE(send_queue_against_a_model)

BOOST_AUTO_TEST_CASE(any_sequence_of_calls_does_what_a_naive_list_of_bytes_does) {
  for (auto policy :
       {slow_consumer::close, slow_consumer::drop_oldest, slow_consumer::drop_newest}) {
    std::array<int, 4> outcomes{};
    for (unsigned seed = 0; seed < 200; ++seed) {
      std::mt19937 random{seed};
      send_queue_config config{50 + random() % 400, random() % 40, policy};
      send_queue queue{config};
      model naive{config};
      for (int n = 0; n < 300; ++n) {
        auto [kind, outcome] = step(random, queue, naive);
        ++outcomes[static_cast<std::size_t>(outcome)];
        auto same = waiting(queue) == naive.bytes() && queue.bytes() == naive.bytes().size()
                    && queue.messages() == naive.messages()
                    && queue.empty() == naive.bytes().empty();
        BOOST_REQUIRE_MESSAGE(same, to_string(policy)
                                      << ", seed " << seed << ", step " << n << ", kind " << kind);
      }
    }
    BOOST_TEST(outcomes[static_cast<std::size_t>(push_outcome::overflow)] > 100);
    BOOST_TEST((outcomes[static_cast<std::size_t>(push_outcome::dropped_oldest)] > 100)
               == (policy == slow_consumer::drop_oldest));
  }
}

BOOST_AUTO_TEST_SUITE_END()
