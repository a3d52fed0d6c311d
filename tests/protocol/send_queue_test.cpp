#include "protocol/send_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <string>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace holdfast;
using slow_consumer = send_queue_config::slow_consumer;

namespace {

shared_frame text(std::string_view payload) {
  return shared_frame::encode(frame_opcode::text, payload);
}

shared_frame ping() {
  return shared_frame::encode(frame_opcode::ping, "12345678");
}

/// A message whose frame has `size` bytes, all of them `c` behind the header.
shared_frame sized(std::size_t size, char c) {
  auto header = size < 128 ? 2 : 4;
  return text(std::string(size - static_cast<std::size_t>(header), c));
}

std::string waiting(const send_queue& queue) {
  std::array<byte_span, 4096> spans;
  std::string out;
  for (std::size_t at = 0, n = queue.fill(spans.data(), spans.size()); at < n; ++at)
    out.append(spans[at].data, spans[at].size);
  return out;
}

std::string bytes_of(std::initializer_list<shared_frame> frames) {
  std::string out;
  for (auto& frame : frames)
    out += frame.bytes();
  return out;
}

/// What the C library has handed out, in bytes; 0 under a sanitizer that replaces it.
std::size_t allocated() {
  auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Whether `call` aborts, tried in a process of its own.
template <class Call>
bool aborts(Call call) {
  auto child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL); // the test framework catches it
    std::fclose(stderr);
    call();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

constexpr send_queue_config small(slow_consumer policy) {
  return {100, 4, policy};
}

} // namespace

BOOST_AUTO_TEST_SUITE(send_queues)

BOOST_AUTO_TEST_CASE(the_defaults_are_a_mebibyte_and_1024_messages_and_to_close) {
  send_queue_config config;
  BOOST_TEST(config.max_queued_bytes == 1048576u);
  BOOST_TEST(config.max_queued_messages == 1024u);
  BOOST_TEST(to_string(config.on_slow_consumer) == "close");
}

BOOST_AUTO_TEST_CASE(frames_leave_in_the_order_in_which_they_came) {
  send_queue queue{{}};
  auto a = text("a"), b = text("b"), c = text("c");
  queue.push(a, true);
  queue.push(ping(), false);
  queue.push(b, false);
  queue.push(c, true);
  BOOST_TEST(waiting(queue) == bytes_of({a, ping(), b, c}));
  BOOST_TEST(queue.messages() == 2u);
}

BOOST_AUTO_TEST_CASE(a_frame_is_referenced_and_not_copied) {
  auto frame = text("broadcast");
  send_queue one{{}}, other{{}};
  one.push(frame, true);
  other.push(frame, true);
  BOOST_TEST(frame.use_count() == 3u);
  byte_span span;
  BOOST_TEST(one.fill(&span, 1) == 1u);
  BOOST_TEST((span.data == frame.bytes().data()));
  one.consumed(frame.bytes().size());
  BOOST_TEST(frame.use_count() == 2u);
  other.clear();
  BOOST_TEST(frame.use_count() == 1u);
}

BOOST_AUTO_TEST_CASE(no_more_spans_are_filled_than_there_is_room_for) {
  send_queue queue{{}};
  byte_span spans[3];
  BOOST_TEST(queue.fill(spans, 3) == 0u);
  for (int n = 0; n < 5; ++n)
    queue.push(text("x"), true);
  BOOST_TEST(queue.fill(spans, 3) == 3u);
  BOOST_TEST(queue.fill(spans, 0) == 0u);
}

BOOST_AUTO_TEST_CASE(a_message_is_completed_by_its_last_byte) {
  send_queue queue{{}};
  queue.push(sized(10, 'a'), true);
  queue.push(ping(), false);
  queue.push(sized(10, 'b'), true);
  queue.push(sized(10, 'c'), true);
  BOOST_TEST(queue.consumed(9) == 0u);
  BOOST_TEST(queue.bytes() == 31u);
  BOOST_TEST(queue.messages() == 3u);
  BOOST_TEST(waiting(queue).front() == 'a');
  BOOST_TEST(queue.consumed(1) == 1u);
  BOOST_TEST(queue.consumed(29) == 1u);
  BOOST_TEST(queue.consumed(1) == 1u);
  BOOST_TEST(queue.empty());
  BOOST_TEST(queue.bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_message_that_reaches_a_bound_fits_and_one_beyond_it_overflows) {
  send_queue by_bytes{small(slow_consumer::close)};
  by_bytes.push(sized(50, 'a'), true);
  BOOST_TEST((by_bytes.push(sized(51, 'b'), true).outcome == push_outcome::overflow));
  BOOST_TEST((by_bytes.push(sized(50, 'b'), true).outcome == push_outcome::queued));
  BOOST_TEST(by_bytes.bytes() == 100u);
  send_queue by_count{small(slow_consumer::close)};
  for (int n = 0; n < 4; ++n)
    BOOST_TEST((by_count.push(text(""), true).outcome == push_outcome::queued));
  BOOST_TEST((by_count.push(text(""), true).outcome == push_outcome::overflow));
  BOOST_TEST(by_count.messages() == 4u);
}

BOOST_AUTO_TEST_CASE(bytes_that_were_written_of_the_head_make_room) {
  send_queue queue{small(slow_consumer::close)};
  queue.push(sized(90, 'a'), true);
  BOOST_TEST((queue.push(sized(20, 'b'), true).outcome == push_outcome::overflow));
  queue.consumed(10);
  BOOST_TEST((queue.push(sized(20, 'b'), true).outcome == push_outcome::queued));
}

BOOST_AUTO_TEST_CASE(a_message_beyond_the_bound_is_taken_when_no_other_message_waits) {
  for (auto policy :
       {slow_consumer::close, slow_consumer::drop_oldest, slow_consumer::drop_newest}) {
    send_queue queue{small(policy)};
    queue.push(ping(), false);
    auto big = sized(5000, 'a');
    BOOST_TEST((queue.push(big, true).outcome == push_outcome::queued));
    BOOST_TEST(waiting(queue) == bytes_of({ping(), big}));
    BOOST_TEST((queue.push(text("b"), true).outcome != push_outcome::queued));
  }
}

BOOST_AUTO_TEST_CASE(drop_newest_keeps_what_waits) {
  send_queue queue{small(slow_consumer::drop_newest)};
  auto a = sized(60, 'a');
  queue.push(a, true);
  auto result = queue.push(sized(50, 'b'), true);
  BOOST_TEST((result.outcome == push_outcome::dropped_newest));
  BOOST_TEST(result.dropped == 1u);
  BOOST_TEST(waiting(queue) == bytes_of({a}));
  BOOST_TEST(queue.drops().newest == 1u);
  BOOST_TEST(queue.drops().oldest == 0u);
  BOOST_TEST(queue.drops().bytes == 50u);
}

BOOST_AUTO_TEST_CASE(drop_oldest_drops_as_many_as_the_new_one_needs) {
  send_queue queue{small(slow_consumer::drop_oldest)};
  auto c = sized(30, 'c'), d = sized(60, 'd');
  queue.push(sized(30, 'a'), true);
  queue.push(sized(30, 'b'), true);
  queue.push(c, true);
  auto result = queue.push(d, true);
  BOOST_TEST((result.outcome == push_outcome::dropped_oldest));
  BOOST_TEST(result.dropped == 2u);
  BOOST_TEST(waiting(queue) == bytes_of({c, d}));
  BOOST_TEST(queue.drops().oldest == 2u);
  BOOST_TEST(queue.drops().bytes == 60u);
}

BOOST_AUTO_TEST_CASE(drop_oldest_spares_the_half_written_head_and_control_frames) {
  send_queue queue{small(slow_consumer::drop_oldest)};
  auto a = sized(10, 'a'), reply = sized(10, 'r'), e = sized(10, 'e'), f = sized(10, 'f');
  queue.push(a, true);
  queue.push(ping(), false);
  queue.push(sized(10, 'b'), true);
  queue.push(reply, false);
  queue.push(sized(10, 'c'), true);
  queue.push(sized(10, 'd'), true);
  queue.consumed(1);
  BOOST_TEST(queue.push(e, true).dropped == 1u);
  BOOST_TEST(queue.push(f, true).dropped == 1u);
  auto d = sized(10, 'd');
  BOOST_TEST(waiting(queue) == bytes_of({a, ping(), reply, d, e, f}).substr(1));
}

BOOST_AUTO_TEST_CASE(drop_oldest_drops_the_new_one_alone_if_dropping_others_is_not_enough) {
  send_queue queue{small(slow_consumer::drop_oldest)};
  auto a = sized(60, 'a'), b = sized(20, 'b');
  queue.push(a, true);
  queue.push(b, true);
  queue.consumed(5);
  auto result = queue.push(sized(50, 'c'), true);
  BOOST_TEST((result.outcome == push_outcome::dropped_newest));
  BOOST_TEST(waiting(queue) == bytes_of({a, b}).substr(5));
  BOOST_TEST(queue.drops().newest == 1u);
  BOOST_TEST((queue.push(sized(45, 'd'), true).outcome == push_outcome::dropped_oldest));
}

BOOST_AUTO_TEST_CASE(control_frames_are_taken_by_a_full_queue_up_to_their_cap) {
  for (auto policy :
       {slow_consumer::close, slow_consumer::drop_oldest, slow_consumer::drop_newest}) {
    send_queue queue{{10, 1, policy}};
    queue.push(sized(10, 'a'), true);
    for (std::size_t n = 0; n < send_queue::max_control_frames; ++n)
      BOOST_TEST((queue.push(ping(), false).outcome == push_outcome::queued));
    BOOST_TEST((queue.push(ping(), false).outcome == push_outcome::overflow));
    BOOST_TEST((queue.push(shared_frame::encode(frame_opcode::close, "\x03\xe8"), false).outcome
                == push_outcome::queued));
    BOOST_TEST(queue.messages() == 1u);
    queue.consumed(20); // the message and a ping
    queue.consumed(10); // and, as the close frame counts too, another
    BOOST_TEST((queue.push(ping(), false).outcome == push_outcome::queued));
  }
}

BOOST_AUTO_TEST_CASE(a_control_frame_is_no_message_whatever_the_caller_says) {
  send_queue queue{{10, 0, slow_consumer::drop_oldest}};
  queue.push(ping(), true);
  BOOST_TEST(queue.messages() == 0u);
}

BOOST_AUTO_TEST_CASE(protocol_frames_are_never_dropped_and_overflow_by_themselves) {
  send_queue queue{small(slow_consumer::drop_newest)};
  queue.push(sized(100, 'a'), true);
  for (int n = 0; n < 4; ++n)
    BOOST_TEST((queue.push(sized(20, 'r'), false).outcome == push_outcome::queued));
  BOOST_TEST((queue.push(sized(2, 'r'), false).outcome == push_outcome::overflow));
  send_queue by_bytes{small(slow_consumer::drop_newest)};
  BOOST_TEST((by_bytes.push(sized(500, 'r'), false).outcome == push_outcome::queued));
  BOOST_TEST((by_bytes.push(sized(2, 'r'), false).outcome == push_outcome::overflow));
}

BOOST_AUTO_TEST_CASE(a_partly_written_frame_begins_the_queue_with_its_rest) {
  send_queue queue{small(slow_consumer::drop_oldest)};
  auto a = sized(500, 'a');
  queue.push_partial(a, 490, true);
  BOOST_TEST(queue.bytes() == 10u);
  BOOST_TEST(queue.messages() == 1u);
  for (char c : {'b', 'c', 'd', 'e'})
    queue.push(sized(10, c), true);
  BOOST_TEST(waiting(queue)
             == bytes_of({a, sized(10, 'c'), sized(10, 'd'), sized(10, 'e')}).substr(490));
  BOOST_TEST(queue.consumed(10) == 1u);
  BOOST_TEST(queue.messages() == 3u);
}

BOOST_AUTO_TEST_CASE(a_partly_written_control_frame_is_no_message) {
  send_queue queue{{}};
  queue.push_partial(ping(), 3, false);
  BOOST_TEST(queue.bytes() == 7u);
  BOOST_TEST(queue.consumed(7) == 0u);
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(raw_bytes_count_their_messages_until_the_last_byte) {
  send_queue queue{{}};
  queue.push_raw("lo" + bytes_of({text("x"), text("y")}), 3);
  queue.push(text("z"), true);
  BOOST_TEST(queue.messages() == 4u);
  BOOST_TEST(queue.consumed(7) == 0u);
  BOOST_TEST(queue.messages() == 4u);
  BOOST_TEST(queue.consumed(1) == 3u);
  BOOST_TEST(queue.messages() == 1u);
  BOOST_TEST(queue.consumed(2) == 0u);
  BOOST_TEST(queue.consumed(1) == 1u);
}

BOOST_AUTO_TEST_CASE(raw_bytes_are_never_dropped_and_overflow_by_themselves) {
  send_queue queue{small(slow_consumer::drop_oldest)};
  BOOST_TEST((queue.push_raw(std::string(500, 'x'), 3).outcome == push_outcome::queued));
  BOOST_TEST((queue.push_raw("y", 1).outcome == push_outcome::overflow));
  BOOST_TEST((queue.push(text("a"), true).outcome == push_outcome::dropped_newest));
  BOOST_TEST(waiting(queue) == std::string(500, 'x'));
  send_queue by_messages{small(slow_consumer::drop_oldest)};
  BOOST_TEST((by_messages.push_raw("x", 4).outcome == push_outcome::queued));
  BOOST_TEST((by_messages.push_raw("y", 1).outcome == push_outcome::overflow));
  BOOST_TEST((by_messages.push_raw("y", 0).outcome == push_outcome::queued));
}

BOOST_AUTO_TEST_CASE(no_raw_bytes_are_nothing) {
  send_queue queue{{}};
  BOOST_TEST((queue.push_raw("", 0).outcome == push_outcome::queued));
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(what_is_cleared_was_never_written_a_half_written_message_included) {
  send_queue queue{{}};
  queue.push(sized(10, 'a'), true);
  queue.push(ping(), false);
  queue.push(sized(10, 'b'), true);
  queue.push_raw("xyz", 2);
  queue.consumed(4);
  auto left = queue.clear();
  BOOST_TEST(left.messages == 4u);
  BOOST_TEST(left.bytes == 29u);
  BOOST_TEST(queue.empty());
  BOOST_TEST(queue.bytes() == 0u);
  BOOST_TEST(queue.clear().messages == 0u);
  queue.push(sized(10, 'c'), true);
  BOOST_TEST(waiting(queue) == bytes_of({sized(10, 'c')}));
}

BOOST_AUTO_TEST_CASE(drops_outlive_clearing) {
  send_queue queue{{10, 1, slow_consumer::drop_newest}};
  queue.push(sized(10, 'a'), true);
  queue.push(sized(10, 'b'), true);
  queue.clear();
  BOOST_TEST(queue.drops().newest == 1u);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_by_what_waits_and_given_back_when_nothing_does) {
  constexpr std::size_t kept_by_the_allocator = 64 * 1024;
  auto before = allocated();
  send_queue stalled{small(slow_consumer::drop_oldest)};
  stalled.push_partial(sized(20, 'x'), 1, true);
  for (int n = 0; n < 100000; ++n)
    stalled.push(sized(20, 'y'), true);
  BOOST_TEST(stalled.messages() == 4u);
  BOOST_TEST(allocated() <= before + kept_by_the_allocator);
  send_queue drained{{10'000'000, 100'000, slow_consumer::close}};
  for (int n = 0; n < 20000; ++n)
    drained.push(sized(100, 'y'), true);
  BOOST_TEST(drained.messages() == 20000u);
  drained.consumed(drained.bytes());
  BOOST_TEST(allocated() <= before + kept_by_the_allocator);
}

BOOST_AUTO_TEST_CASE(what_would_break_the_byte_stream_aborts) {
  BOOST_TEST(aborts([] { send_queue{{}}.consumed(1); }));
  BOOST_TEST(aborts([] { send_queue{{}}.push({}, true); }));
  BOOST_TEST(aborts([] { send_queue{{}}.push_partial(text("a"), 3, true); }));
  BOOST_TEST(aborts([] { send_queue{{}}.push_raw("", 1); }));
  BOOST_TEST(aborts([] {
    send_queue queue{{}};
    queue.push(text("a"), true);
    queue.push_partial(text("b"), 1, true);
  }));
  BOOST_TEST(aborts([] { shared_frame::encode(frame_opcode::ping, std::string(126, 'x')); }));
  BOOST_TEST(!aborts([] { send_queue{{}}.push_partial(text("a"), 2, true); }));
}

BOOST_AUTO_TEST_SUITE_END()
