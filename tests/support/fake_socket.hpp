// A socket that remembers what it was asked and does what a test wants.
#pragma once

#include "protocol/transport.hpp"

#include <string>
#include <vector>

namespace holdfast::test {

/// How a peer behaves when it is sent a close frame.
enum class manners { answers, silent };

class fake_socket final : public transport_connection {
public:
  send_outcome send(frame_opcode opcode, std::string_view payload) override {
    return take(opcode, std::string{payload});
  }

  send_outcome send(const shared_frame& message) override {
    auto bytes = message.bytes();
    return take(message.opcode(), std::string{bytes.substr(bytes.size() - message.payload_size())});
  }

  send_outcome send_control(std::string_view text) override {
    return take(frame_opcode::text, std::string{text});
  }

  void ping(std::uint64_t id) override { pings.push_back(id); }

  void close(close_code code, std::string_view reason, close_patience patience) override {
    if (closing)
      return;
    closing = true;
    sent_code = code;
    sent_reason = reason;
    allowed = patience;
  }

  void abort() override { aborted = true; }
  void pause_reading() override { paused = true; }
  void resume_reading() override { paused = false; }

  void cork() override { corked = true; }

  void uncork() override {
    corked = false;
    writes += gathered ? 1 : 0;
    gathered = false;
  }

  outbound_state outbound() const override {
    return {queued_bytes, queued_messages, dropped_messages};
  }

  // What a test sets.
  manners peer = manners::answers;
  send_outcome outcome = send_outcome::taken;
  std::size_t queued_bytes = 0;
  std::size_t queued_messages = 0;
  std::uint64_t dropped_messages = 0;

  // What it looks at.
  std::vector<std::string> texts;
  std::vector<std::string> binaries;
  std::vector<std::uint64_t> pings;
  bool closing = false;
  bool aborted = false;
  bool paused = true;
  bool corked = false;
  std::size_t writes = 0; ///< each of what was gathered
  close_code sent_code = close_code::none;
  std::string sent_reason;
  close_patience allowed;

private:
  bool gathered = false;

  send_outcome take(frame_opcode opcode, std::string payload) {
    if (closing || aborted)
      return send_outcome::gone;
    if (outcome == send_outcome::taken)
      (opcode == frame_opcode::binary ? binaries : texts).push_back(std::move(payload));
    if (corked)
      gathered = true;
    else
      ++writes;
    return outcome;
  }
};

} // namespace holdfast::test
