// Frames through the real transport. The input is a little program: what clients send and in which
// pieces, what they read, when they leave, what the application does, how time passes. Every
// session holds what the transport does against a second reading of RFC 6455 (see oracle/).
//
// Input: four bytes of terms (see begin_terms), then steps (see frame_steps). make_seeds writes
// such programs.

#include "tests/fuzz/frame_steps.hpp"
#include "tests/fuzz/stage.hpp"

#include <algorithm>

namespace holdfast::fuzz {

namespace {

class program {
public:
  program(stage<application>& on, input from)
    : config_{on.config},
      shard_{on.shard()},
      events_{on.events},
      steps_{shard_, events_},
      in_{from} {}

  void run() {
    begin_terms();
    connect();
    constexpr int most_steps = 100;
    for (int steps = 0; !in_.empty() && steps < most_steps; ++steps)
      steps_.take(in_);
    if (tidy_end_)
      come_to_rest();
    end();
    check();
  }

private:
  /// Byte 0: connections, policy, buffer, pause. 1: limits. 2: the application. 3: the end.
  void begin_terms() {
    auto first = in_.byte();
    connections_ = first % 4 == 3 ? 1 : first % 4 + 1;
    using slow_consumer = send_queue_config::slow_consumer;
    constexpr std::array policies{slow_consumer::close, slow_consumer::drop_oldest,
                                  slow_consumer::drop_newest, slow_consumer::close};
    config_.queue.on_slow_consumer = policies[first >> 2 & 3];
    small_buffer_ = (first & 0x10) != 0;
    events_.starts_paused = (first & 0x20) != 0;
    auto limits = in_.byte();
    constexpr std::array<std::size_t, 4> message_sizes{64 * 1024, 1000, 125, 10};
    config_.max_message_size = message_sizes[limits & 3];
    constexpr std::array<std::size_t, 4> queue_bytes{1024 * 1024, 70000, 4096, 300};
    config_.queue.max_queued_bytes = queue_bytes[limits >> 2 & 3];
    constexpr std::array<std::size_t, 4> queue_messages{1024, 64, 8, 2};
    config_.queue.max_queued_messages = queue_messages[limits >> 4 & 3];
    auto conduct = in_.byte();
    constexpr auto habits = static_cast<unsigned>(application::habit::count);
    events_.on_message = static_cast<application::habit>((conduct & 0xf) % habits);
    events_.on_closing = static_cast<application::farewell>(conduct >> 4 & 3);
    auto last = in_.byte();
    ending_ = last & 7;
    tidy_end_ = (last & 8) == 0;
  }

  void connect() {
    for (unsigned i = 0; i < connections_; ++i) {
      auto& added = events_.add(small_buffer_);
      std::string request = "GET /";
      request.append(1, static_cast<char>('0' + i));
      request.append(" HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n");
      require(added.client().send(request) == request.size(), "a request fits into the socket");
      shard_.adopt(added.client().server_end(), static_cast<std::uint16_t>(i));
    }
    steps_.turn();
    require(events_.settled() == connections_, "what is upgraded has settled");
    steps_.choose(0);
  }

  /// Everything is sent, read and told.
  void come_to_rest() {
    events_.on_message = application::habit::ignore;
    for (auto& each : events_.sessions) {
      shard_.post([&] { each->resume(); });
      steps_.turn();
      bool moves = true;
      while (moves) {
        moves = each->push(std::string::npos) > 0;
        steps_.turn();
        moves = each->drain() || moves;
      }
      require(!each->has_pending() || !each->is_open(), "an open connection reads");
    }
    steps_.turn();
    for (auto& each : events_.sessions)
      each->check_told();
  }

  void end() {
    if (ending_ == 6) {
      for (auto& each : events_.sessions)
        each->expect_stop();
      shard_.stop();
      return;
    }
    for (auto& each : events_.sessions)
      end_one(*each);
    // What is left are ends that wait for their client.
    for (int i = 0; i < 2 && !all_over(); ++i)
      shard_.pass(2s);
  }

  bool all_over() const {
    return std::all_of(events_.sessions.begin(), events_.sessions.end(),
                       [](auto& each) { return each->has_ended(); });
  }

  void end_one(session& one) {
    switch (ending_) {
    case 0: // the application closes, and is answered
      close(one);
      steps_.turn();
      if (one.at_frame_boundary())
        one.queue(client_close());
      one.push(std::string::npos);
      break;
    case 1: one.client().close(); break;
    case 2: one.client().half_close(); break;
    case 3: close(one); break; // and is not answered
    case 4: shard_.post([&] { one.abort(); }); break;
    case 5: // the client closes
      one.queue(client_close());
      one.push(std::string::npos);
      break;
    case 6: break;
    case 7: // both do, in their ways
      close(one);
      one.client().half_close();
      break;
    }
    steps_.turn();
    one.drain();
    steps_.turn();
    if (ending_ == 2 || ending_ == 5) // it may have been paused
      shard_.post([&] { one.abort(); });
  }

  void close(session& one) {
    shard_.post([&] { one.close(close_code::normal, "end", application::patience, shard_.now()); });
  }

  std::string client_close() { return client_frame(0x88, "\x03\xe8", steps_.key()); }

  void check() {
    require(events_.settled() == connections_, "a socket settles");
    for (auto& each : events_.sessions) {
      each->drain();
      each->check_account();
    }
  }

  transport::transport_config& config_;
  hand_turned_shard& shard_;
  application& events_;
  frame_steps steps_;
  input in_;
  unsigned connections_ = 1;
  bool small_buffer_ = false;
  unsigned ending_ = 0;
  bool tidy_end_ = false;
};

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  static stage<application> stage;
  stage.perform([&] { program{stage, {data, size}}.run(); });
  return 0;
}
