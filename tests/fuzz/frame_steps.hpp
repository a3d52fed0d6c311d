// The steps of the little programs that frames.cpp is given.
#pragma once

#include "tests/fuzz/application.hpp"
#include "tests/fuzz/frame_writer.hpp"
#include "tests/fuzz/input.hpp"

#include <array>

namespace holdfast::fuzz {

using namespace std::chrono_literals;

/// Does what a byte says: its low half what, its high half how much. Further bytes follow where a
/// step needs them.
class frame_steps {
public:
  frame_steps(hand_turned_shard& shard, application& events) : shard_{shard}, events_{events} {}

  /// The connection that steps are about. There is one before the first step.
  session& current() const { return *current_; }
  void choose(std::size_t index) { current_ = events_.sessions.at(index).get(); }

  void take(input& in) {
    auto byte = in.byte();
    unsigned much = byte >> 4;
    switch (byte & 0xf) {
    case 0: current_->queue(in.bytes(much == 0 ? 1 : much)); break;
    case 1: queue_frame(much, in); break;
    case 2: push(much); break;
    case 3: turn(much % 4 + 1); break;
    case 4: current_->pull(much == 0 ? 64 * 1024 : 1u << much); break;
    case 5: pass(much); break;
    case 6: act(much, in); break;
    case 7: send(much); break;
    case 8: leave(much); break;
    case 9: current_ = events_.sessions[much % events_.sessions.size()].get(); break;
    case 10:
      events_.on_message
        = static_cast<application::habit>(much % static_cast<unsigned>(application::habit::count));
      break;
    case 11: queue_close(much, in); break;
    case 12: queue_long(much, in); break;
    case 13: current_->queue(client_frame(0x81, in.bytes(much), key())); break;
    case 14: current_->queue(client_frame(0x89, in.bytes(much), key())); break;
    case 15: push(0); break;
    }
  }

  std::uint32_t key() { return ++keys_ * 0x9e3779b1u; }

  void turn(unsigned times = 1) {
    while (times-- > 0) {
      shard_.turn();
      check_time();
    }
  }

  void check_time() const {
    for (auto& each : events_.sessions)
      each->check_time(shard_.now());
  }

private:
  /// Long payloads are few, so that executions are many.
  bool fits(std::size_t payload) {
    constexpr std::size_t most = 150'000;
    written_ += payload;
    return written_ <= most || payload < 1000;
  }

  void queue_frame(unsigned how, input& in) {
    frame_flaws flaws;
    flaws.unmasked = (how & 1) != 0;
    flaws.long_length = (how & 2) != 0;
    flaws.only_announced = (how & 8) != 0;
    unsigned first = in.byte();
    auto payload = in.bytes(in.byte());
    current_->queue(client_frame(first, payload, (how & 4) != 0 ? 0 : key(), flaws));
  }

  /// In pieces of this size, each of which is read by itself; 0: in one.
  void push(unsigned piece) {
    constexpr int most_pieces = 64; // of an execution
    if (piece == 0) {
      if (current_->push(std::string::npos) > 0)
        turn();
      return;
    }
    while (pieces_ < most_pieces && current_->push(piece) > 0) {
      ++pieces_;
      turn();
    }
  }

  void pass(unsigned much) {
    constexpr std::array<duration, 16> spans{1ms,  10ms,  19ms,  20ms,  21ms,  40ms,  59ms,  60ms,
                                             99ms, 100ms, 140ms, 200ms, 240ms, 260ms, 400ms, 2s};
    shard_.pass(spans[much]);
    check_time();
  }

  void act(unsigned what, input& in) {
    shard_.post([&] {
      auto now = shard_.now();
      switch (what) {
      case 0: current_->pause(); break;
      case 1: current_->resume(); break;
      case 2: current_->abort(); break;
      case 3: current_->ping(in.byte()); break;
      case 4: current_->close(close_code::normal, {}, application::patience, now); break;
      case 5: current_->close(close_code::going_away, "now", {}, now); break;
      case 6:
        current_->close(close_code::kicked, long_reason(in), application::patience, now);
        break;
      case 7: current_->send_control("{\"type\":\"lease\"}"); break;
      case 8: broadcast(in.bytes(in.byte() & 0x3f)); break;
      case 9: // both in one event
        current_->send(frame_opcode::text, "last");
        current_->close(close_code::service_restart, "restart", application::patience, now);
        break;
      case 10:
        for (auto& each : events_.sessions)
          each->resume();
        break;
      default: current_->ping(what); break;
      }
    });
    check_time();
  }

  static std::string long_reason(input& in) {
    std::string reason(in.byte() & 3, 'a');
    while (reason.size() < 130)
      reason += "\xe2\x82\xac";
    return reason;
  }

  void broadcast(std::string_view payload) {
    auto frame = shared_frame::encode(frame_opcode::binary, payload);
    for (auto& each : events_.sessions)
      each->send(frame);
  }

  void send(unsigned size) {
    constexpr std::array<std::size_t, 16> sizes{0,    1,    125,  126,   127,   300,   1000,  2000,
                                                4000, 4094, 5000, 20000, 65535, 65536, 70000, 3};
    auto opcode = size % 2 == 0 ? frame_opcode::text : frame_opcode::binary;
    if (!fits(sizes[size]))
      return;
    std::string payload(sizes[size], static_cast<char>('a' + ++sent_ % 26));
    shard_.post([&] { current_->send(opcode, payload); });
  }

  void leave(unsigned how) {
    auto& client = current_->client();
    if (how % 4 == 0) {
      client.half_close();
    } else {
      if (how % 4 == 1)
        current_->drain();
      client.close();
    }
    turn();
  }

  void queue_close(unsigned how, input& in) {
    std::string payload;
    switch (how) {
    case 0: break;
    case 1: payload = "\x03\xe8"; break;
    case 2: payload = in.bytes(2); break;
    case 3: payload = in.bytes(1); break;
    default: payload = std::string{"\x0f\xa0"}.append(in.bytes(how - 4)); break;
    }
    current_->queue(client_frame(0x88, payload, key()));
  }

  /// A frame of many equal bytes.
  void queue_long(unsigned size, input& in) {
    constexpr std::array<std::size_t, 16> sizes{9,   10,   11,   124,  125,   126,   127,   128,
                                                999, 1000, 1001, 5000, 65535, 65536, 65537, 20000};
    unsigned first = in.byte();
    std::string payload;
    auto unit = std::string{in.bytes(1)};
    if (unit.empty() || static_cast<unsigned char>(unit[0]) >= 0x80)
      unit = "\xf0\x9f\x98\x80"; // whose characters are cut by some of the sizes
    while (payload.size() < sizes[size])
      payload += unit;
    payload.resize(sizes[size]);
    if (fits(payload.size()))
      current_->queue(client_frame(first, payload, key()));
  }

  hand_turned_shard& shard_;
  application& events_;
  session* current_ = nullptr;
  std::uint32_t keys_ = 0;
  unsigned sent_ = 0;
  std::size_t written_ = 0;
  int pieces_ = 0;
};

} // namespace holdfast::fuzz
