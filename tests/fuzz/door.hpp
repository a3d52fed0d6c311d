// What stands behind the one connection of the fuzz target for handshakes.
#pragma once

#include "tests/fuzz/hand_turned_shard.hpp"
#include "tests/fuzz/oracle/reference_reader.hpp"
#include "tests/fuzz/oracle/reference_request.hpp"

#include <optional>
#include <string>

namespace holdfast::fuzz {

/// Answers by the path of a request, and checks what it is asked and told.
class door final : public transport_events {
public:
  explicit door(const transport::transport_config& config) : config_{config} {}

  void serve(hand_turned_shard& shard) { shard_ = &shard; }

  void begin() {
    sent.clear();
    sent.shrink_to_fit();
    is_ready = true;
    closing_told = false;
    settled = asked = established_times = ended_times = refusals = 0;
    why_refused = refusal::draining;
    reply = {};
    frames = reference_reader{config_.max_message_size};
    connection = nullptr;
  }

  reference_request reading() const { return {sent, {config_.header_size, config_.uri_size}}; }

  /// What the client sends, before it is read.
  void send(std::string_view bytes) {
    sent.append(bytes);
    if (asked == 1)
      frames.read(bytes);
  }

  /// When all that was sent has been read.
  void check_told() const {
    require(!is_open() || frames.all_told(), "all that was sent is told");
    require(!is_open() || !frames.end() || closing_told, "the transport finds what ends a stream");
  }

  std::string sent;
  bool is_ready = true;
  bool closing_told = false;

  int settled = 0, asked = 0, established_times = 0, ended_times = 0, refusals = 0;
  refusal why_refused{};
  handshake_reply reply;
  reference_reader frames{0};
  transport_connection* connection = nullptr;

  bool socket_accepted(const client_address&) override { return true; }
  void socket_settled(const client_address&) override {
    require(++settled == 1, "a socket settles once");
  }

  handshake_reply handshake(const handshake_request& request, transport_connection& from) override {
    auto read = reading();
    require(read.upgrade(), "only a right request to upgrade is asked about");
    require(++asked == 1 && settled == 0 && refusals == 0, "a request is judged once");
    require(request.path() == read.path() && request.query() == read.query(),
            "the target is told as it was sent");
    for (auto name : {"Host", "connection", "SEC-WEBSOCKET-PROTOCOL", "X", "absent"})
      require(request.header(name) == read.header(name), "fields are told as they were sent");
    require(request.address_text() == "127.0.0.1:7", "the address is told");
    connection = &from;
    frames.read(std::string_view{sent}.substr(read.head_size()));
    reply.slot = 7;
    if (read.path() == "/refuse")
      reply.status = 403;
    if (read.path() == "/unknown")
      reply.status = 404;
    if (read.path() == "/full") {
      reply.status = 503;
      reply.retry_after_s = 5;
    }
    if (read.path() == "/close")
      reply.close = close_code::user_limit;
    if (read.path() == "/protocol")
      reply.subprotocol = "holdfast.v1";
    return reply;
  }

  bool is_open() const { return established_times == 1 && ended_times == 0; }

  void established(slot_index slot) override {
    bool upgraded = asked == 1 && reply.status == 101 && reply.close == close_code::none;
    require(upgraded && slot == 7 && ++established_times == 1, "what is accepted is established");
    connection->resume_reading();
  }

  void refused(refusal why) override {
    require(++refusals == 1 && asked == 0, "a request is refused once");
    why_refused = why;
  }

  bool serves(std::string_view path) const override { return path != "/unknown"; }
  bool ready() const override { return is_ready; }

  void message(slot_index, frame_opcode opcode, std::string_view payload) override {
    told_next(static_cast<unsigned>(opcode), payload);
  }

  void ping(slot_index) override { told_next(9, std::nullopt); }
  void pong(slot_index, std::string_view payload) override { told_next(10, payload); }

  void closing(slot_index, close_code code, cause) override {
    require(is_open() && frames.all_told() && frames.end(), "there is a reason to close");
    closing_told = true;
    require(code == frames.end()->code || frames.end()->length_of_2_to_63, "the code is right");
  }

  void ended(slot_index, const transport_end&) override {
    require(is_open(), "what was established ends once");
    ++ended_times;
    connection = nullptr;
  }

  void tick(time_point) override { shard_->ticked(); }
  void turn_ended() override {}

private:
  void told_next(unsigned opcode, std::optional<std::string_view> payload) {
    require(is_open() && !frames.all_told(), "what is told was sent");
    auto& next = frames.waiting().front();
    require(next.opcode == opcode && (!payload || next.payload == *payload),
            "frames behind the request are told as they were sent");
    frames.waiting().pop_front();
  }

  const transport::transport_config& config_;
  hand_turned_shard* shard_ = nullptr;
};

} // namespace holdfast::fuzz
