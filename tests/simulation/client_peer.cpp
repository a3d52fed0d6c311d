// What the peer does, and what it makes of what it is sent.
#include "tests/simulation/client.hpp"

#include <utility>

namespace holdfast::simulation {

namespace {

std::uint64_t ping_id(const std::string& payload) {
  std::uint64_t id = 0;
  for (char byte : payload)
    id = id << 8 | static_cast<unsigned char>(byte);
  return id;
}

} // namespace

std::string ping_payload(std::uint64_t id) {
  std::string payload;
  for (int shift = 56; shift >= 0; shift -= 8)
    payload += static_cast<char>(id >> shift);
  return payload;
}

void client::sends(inbound_frame frame) {
  if (stage_ != stage::closed)
    inbox_.push_back(std::move(frame));
}

void client::write(const queued& frame) {
  if (frame.message)
    ++written_;
  if (frame.opcode == frame_opcode::text)
    look_at(frame.payload, frame.message);
  if (frame.opcode == frame_opcode::ping) {
    if (traits.pongs == promptness::now)
      sends({inbound_frame::kind::pong, frame_opcode::pong, frame.payload, {}, {}});
    else
      pings_.push_back(ping_id(frame.payload));
  }
  if (frame.opcode == frame_opcode::close && !peer_done_) {
    if (traits.closes == promptness::now)
      sends({inbound_frame::kind::close, frame_opcode::close, {}, close_code::normal, {}});
    else
      owes_answer_ = traits.closes == promptness::late;
  }
}

/// What a client of holdfast.v1 makes of a text, and any that asked who is there.
void client::look_at(const std::string& text, bool message) {
  if (!message && starts_with(text, R"({"type":"presence")"))
    hear_of_presence(text);
  if (message || !traits.speaks_v1)
    return;
  if (starts_with(text, R"({"type":"drain_cancelled")"))
    seen.told_to_leave = false;
  else if (starts_with(text, R"({"type":"drain")"))
    seen.told_to_leave = true;
}

void client::hear_of_presence(const std::string& text) {
  std::vector<std::string> words; // between quotes
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos;) {
    auto end = text.find('"', at + 1);
    words.push_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  auto& users = seen.sees[words.at(3)]; // type presence topic T what ...
  if (words.at(4) == "users")
    users = {words.begin() + 5, words.end() - 1}; // count
  else if (words.at(4) == "came")
    users.insert(words.at(5));
  else
    users.erase(words.at(5));
  around_.told_of_presence(words.at(4));
}

void client::answers_close() {
  if (!std::exchange(owes_answer_, false))
    return;
  sends({inbound_frame::kind::close, frame_opcode::close, {}, close_code::normal, {}});
}

void client::answers_ping(std::size_t which) {
  if (pings_.empty() || traits.pongs == promptness::never)
    return;
  auto id = pings_[which % pings_.size()];
  pings_.erase(pings_.begin(),
               pings_.begin() + static_cast<std::ptrdiff_t>(which % pings_.size()) + 1);
  sends({inbound_frame::kind::pong, frame_opcode::pong, ping_payload(id), {}, {}});
}

void client::resets() {
  vanished_ = true;
  on_end(true);
}

void client::unclog() {
  clogged_ = false;
  if (queue_.empty())
    return;
  for (auto& frame : std::exchange(queue_, {}))
    write(frame);
  if (stage_ == stage::closing)
    on_flushed();
}

} // namespace holdfast::simulation
