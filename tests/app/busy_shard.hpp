// A shard for many connections: it echoes, and keeps counts instead of a record.
#pragma once

#include "tests/app/transport_fixture.hpp"
#include "tests/app/witness.hpp"

#include <atomic>
#include <unordered_map>

namespace holdfast::transport::test {

/// Echoes. Of a message that says "close", "abort" or "pause" it does what that says after the
/// echo; a pause ends with the next tick. Who cannot be written to is closed 4002.
class echo_counts final : public transport_events {
public:
  struct counts {
    std::uint64_t accepted = 0, settled = 0, established = 0, ended = 0, clean = 0;
    std::uint64_t refused = 0, messages = 0, pings = 0, turns = 0, ticks = 0;

    bool nobody_left() const { return accepted == settled && established == ended; }
  };

  counts seen() const {
    return {accepted_, settled_,  established_, ended_, clean_,
            refused_,  messages_, pings_,       turns_, ticks_};
  }

  /// Every connection that was let in has ended. False when that takes too long.
  bool await_end_of(std::uint64_t accepted) const {
    return eventually([&] { return accepted_ >= accepted && seen().nobody_left(); });
  }

  bool socket_accepted(const client_address&) override { return ++accepted_ > 0; }
  void socket_settled(const client_address&) override { ++settled_; }

  handshake_reply handshake(const handshake_request&, transport_connection& connection) override {
    handshake_reply reply;
    reply.slot = next_slot_++;
    connections_[reply.slot] = &connection;
    return reply;
  }

  void established(slot_index slot) override {
    ++established_;
    connections_.at(slot)->resume_reading();
  }

  void refused(refusal) override { ++refused_; }
  bool serves(std::string_view) const override { return true; }
  bool ready() const override { return true; }

  void message(slot_index slot, frame_opcode opcode, std::string_view payload) override {
    ++messages_;
    auto& peer = *connections_.at(slot);
    bool aborts = payload == "abort", closes = payload == "close", pauses = payload == "pause";
    if (peer.send(opcode, payload) == send_outcome::overflow)
      peer.close(close_code::slow_consumer, {}, {100ms, 100ms});
    if (aborts)
      peer.abort();
    if (closes)
      peer.close(close_code::normal, {}, {1s, 1s});
    if (pauses) {
      peer.pause_reading();
      paused_.push_back(slot);
    }
  }

  void ping(slot_index) override { ++pings_; }
  void pong(slot_index, std::string_view) override {}
  void closing(slot_index, close_code, cause) override {}

  void ended(slot_index slot, const transport_end& end) override {
    connections_.erase(slot);
    clean_ += end.clean ? 1 : 0;
    ++ended_;
  }

  void tick(time_point) override {
    ++ticks_;
    for (auto slot : paused_) {
      auto found = connections_.find(slot);
      if (found != connections_.end())
        found->second->resume_reading();
    }
    paused_.clear();
  }

  void turn_ended() override { ++turns_; }

private:
  std::unordered_map<slot_index, transport_connection*> connections_;
  std::vector<slot_index> paused_;
  slot_index next_slot_ = 0;
  std::atomic<std::uint64_t> accepted_{0}, settled_{0}, established_{0}, ended_{0}, clean_{0};
  std::atomic<std::uint64_t> refused_{0}, messages_{0}, pings_{0}, turns_{0}, ticks_{0};
};

struct busy_shard : shard {
  echo_counts echo;

  ~busy_shard() { loop.reset(); } // before what it tells

  /// Everything that was let in has ended, and `descriptors` are open as before. False when that
  /// takes too long. A refused client's socket outlives its handshake for a moment.
  bool comes_to_rest(std::uint64_t accepted, std::size_t descriptors) {
    bool rests = echo.await_end_of(accepted)
                 && eventually([&] { return open_descriptors() == descriptors; });
    on_shard([] {}); // what the last turn released is gone by now
    return rests;
  }

  void start() {
    loop.emplace(system, time, config, shard_index{0});
    loop->listen({{"127.0.0.1", 0}});
    port = loop->local_port(0);
    loop->start(echo);
  }
};

} // namespace holdfast::transport::test
