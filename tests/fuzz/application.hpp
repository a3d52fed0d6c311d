// What stands behind the connections of the fuzz target for frames: sessions that check all they
// are told, and an application that answers as the input has it.
#pragma once

#include "tests/fuzz/hand_turned_shard.hpp"
#include "tests/fuzz/oracle/session.hpp"

#include <memory>
#include <vector>

namespace holdfast::fuzz {

class application final : public transport_events {
public:
  /// What the application does with a message.
  enum class habit : std::uint8_t {
    ignore,
    echo,
    echo_prepared,
    pause,
    echo_and_pause,
    close,
    abort,
    answer_at_length,
    control_and_ping,
    broadcast,
    abort_another,
    turn_another,
    count,
  };

  /// What it does when it is told that the transport begins an end.
  enum class farewell : std::uint8_t { nothing, send, close, abort };

  explicit application(const transport::transport_config& config) : config_{config} {}

  void serve(hand_turned_shard& shard) { shard_ = &shard; }

  /// Forgets what was. Every session that there was has ended.
  void begin() {
    sessions.clear();
    connections_.clear();
    settled_ = 0;
    calling_ = false;
    on_message = habit::ignore;
    on_closing = farewell::nothing;
    starts_paused = false;
  }

  session& add(bool small_buffer) {
    sessions.push_back(std::make_unique<session>(config_, small_buffer, calling_));
    connections_.push_back(nullptr);
    return *sessions.back();
  }

  std::vector<std::unique_ptr<session>> sessions; // the index is the slot
  habit on_message = habit::ignore;
  farewell on_closing = farewell::nothing;
  bool starts_paused = false;

  std::size_t settled() const { return settled_; }

  static constexpr close_patience patience{std::chrono::milliseconds{100},
                                           std::chrono::milliseconds{60}};

  // What the transport tells.

  bool socket_accepted(const client_address&) override { return true; }

  void socket_settled(const client_address&) override {
    outside();
    require(++settled_ <= sessions.size(), "a socket settles once");
  }

  handshake_reply handshake(const handshake_request& request,
                            transport_connection& connection) override {
    outside();
    handshake_reply reply;
    require(request.path().size() == 2, "the request's path is the client's number");
    reply.slot = static_cast<slot_index>(request.path()[1] - '0');
    require(connections_.at(reply.slot) == nullptr, "a socket asks once");
    connections_[reply.slot] = &connection;
    return reply;
  }

  void established(slot_index slot) override {
    at(slot).established(*connections_.at(slot));
    if (!starts_paused)
      at(slot).resume();
  }

  void refused(refusal) override { fail("a request to upgrade that is right is not refused"); }
  bool serves(std::string_view) const override { return true; }
  bool ready() const override { return true; }

  void message(slot_index slot, frame_opcode opcode, std::string_view payload) override {
    at(slot).message(opcode, payload);
    respond(slot, opcode, payload);
  }

  void ping(slot_index slot) override { at(slot).ping(); }
  void pong(slot_index slot, std::string_view payload) override { at(slot).pong(payload); }

  void closing(slot_index slot, close_code code, cause why) override {
    at(slot).closing(code, why, shard_->now());
    switch (on_closing) {
    case farewell::nothing: break;
    case farewell::send: at(slot).send(frame_opcode::text, "too late"); break;
    case farewell::close: close(slot); break;
    case farewell::abort: at(slot).abort(); break;
    }
  }

  void ended(slot_index slot, const transport_end& end) override {
    at(slot).ended(end, shard_->now());
    connections_.at(slot) = nullptr;
  }

  void tick(time_point) override { shard_->ticked(); }
  void turn_ended() override { outside(); }

private:
  session& at(slot_index slot) { return *sessions.at(slot); }
  session& another(slot_index than) { return at((than + 1) % sessions.size()); }

  void outside() const { require(!calling_, "nothing is told from inside a verb"); }

  void close(slot_index slot) {
    at(slot).close(close_code::normal, "enough", patience, shard_->now());
  }

  void respond(slot_index slot, frame_opcode opcode, std::string_view payload) {
    switch (on_message) {
    case habit::ignore: break;
    case habit::echo: at(slot).send(opcode, payload); break;
    case habit::echo_prepared: at(slot).send(shared_frame::encode(opcode, payload)); break;
    case habit::pause: at(slot).pause(); break;
    case habit::echo_and_pause:
      at(slot).send(opcode, payload);
      at(slot).pause();
      break;
    case habit::close: close(slot); break;
    case habit::abort: at(slot).abort(); break;
    case habit::answer_at_length:
      for (auto size : {3, 200, 3000})
        at(slot).send(frame_opcode::text, std::string(static_cast<std::size_t>(size), 'r'));
      break;
    case habit::control_and_ping:
      at(slot).send_control("{}");
      at(slot).ping(payload.size());
      break;
    case habit::broadcast: {
      auto frame = shared_frame::encode(opcode, payload);
      for (auto& each : sessions)
        each->send(frame);
      break;
    }
    case habit::abort_another: another(slot).abort(); break;
    case habit::turn_another:
      another(slot).pause();
      another(slot).resume();
      break;
    case habit::count: break;
    }
  }

  const transport::transport_config& config_;
  hand_turned_shard* shard_ = nullptr;
  std::vector<transport_connection*> connections_;
  std::size_t settled_ = 0;
  bool calling_ = false;
};

} // namespace holdfast::fuzz
