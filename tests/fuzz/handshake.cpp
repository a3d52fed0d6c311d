// Opening handshakes through the real transport, against a second reading of RFC 7230 and RFC 6455.
//
// Input: the bytes of a client, so that a seed is a request as anyone would write it. 0xff begins a
// step: `.` sends what has come, `T` lets 100 ms pass, `h` closes the client's half, `c` leaves,
// `d` has the node drain, `s` stops the shard, 0xff is a 0xff.

#include "tests/fuzz/door.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/oracle/answer.hpp"
#include "tests/fuzz/oracle/server_reader.hpp"
#include "tests/fuzz/peer.hpp"
#include "tests/fuzz/stage.hpp"

#include <algorithm>
#include <sanitizer/allocator_interface.h>

namespace holdfast::fuzz {

namespace {

using namespace std::chrono_literals;

class visit {
public:
  visit(stage<door>& on, input from)
    : shard_{on.shard()},
      config_{on.config},
      events_{on.events},
      in_{from},
      client_{false},
      began_{shard_.now()} {}

  void run() {
    shard_.adopt(client_.server_end(), 7);
    allocated_ = __sanitizer_get_current_allocated_bytes();
    while (!in_.empty() && !shard_.stopped())
      step();
    if (!shard_.stopped()) {
      push();
      turn();
      turn();
      check_answer();
      client_.close();
      turn();
    }
    require(events_.settled == 1, "a socket settles");
    require(events_.established_times == events_.ended_times, "what was established ends");
  }

private:
  void step() {
    auto byte = in_.byte();
    if (byte != 0xff) {
      pending_ += static_cast<char>(byte);
      return;
    }
    switch (in_.byte()) {
    case 0xff: pending_ += '\xff'; break;
    case 'd': events_.is_ready = false; break;
    case 'T':
      push();
      shard_.pass(100ms);
      check();
      break;
    case 'h':
      push();
      turn();
      client_.half_close();
      turn();
      break;
    case 'c':
      push();
      client_.close();
      turn();
      break;
    case 's':
      push();
      shard_.stop();
      break;
    default:
      push();
      turn();
      break;
    }
  }

  void push() {
    if (!client_.may_send())
      return;
    auto taken = client_.send(pending_);
    events_.send(std::string_view{pending_}.substr(0, taken));
    pending_.erase(0, taken);
  }

  void turn() {
    shard_.turn();
    check();
  }

  void check() {
    while (client_.receive(got_, 64 * 1024)) {
    }
    if (!judged_)
      judge();
    events_.check_told();
  }

  /// As long as the handshake is not over, or has just ended.
  void judge() {
    auto read = events_.reading();
    judged_ = events_.settled == 1;
    if (client_.hung_up())
      return;
    check_memory();
    bool late = shard_.now() - began_ >= config_.handshake_timeout;
    if (read.upgrade()) {
      require(events_.asked == 1 && judged_, "a right request to upgrade is asked about");
    } else if (!read.answers().empty()) {
      require(judged_ && events_.asked == 0, "a wrong request is answered");
      may_be_ = read.answers();
    } else if (judged_) {
      require(late, "what may still become right is waited for");
      require(events_.why_refused == refusal::handshake_timeout, "the cause is the time");
      may_be_ = {408};
    } else {
      require(got_.empty(), "nothing is answered before it is judged");
      require(shard_.now() - began_ <= config_.handshake_timeout + 2 * config_.tick,
              "a handshake ends in time");
    }
    without_body_ = read.method() == "HEAD";
    path_ = read.path();
    key_ = read.header("Sec-WebSocket-Key");
  }

  /// A client that is in the middle of its request has what limits allow, several times over.
  void check_memory() const {
    auto now = __sanitizer_get_current_allocated_bytes();
    auto mine = 4 * (events_.sent.capacity() + pending_.capacity() + got_.capacity());
    require_between(0, now > allocated_ ? now - allocated_ : 0, 32 * 1024 + mine,
                    "memory of a handshake is bounded");
  }

  void check_answer() {
    if (got_.empty()) {
      require(client_.hung_up() || may_be_.empty() || events_.sent.empty(), "it is answered");
      return;
    }
    server_reader reader;
    reader.read(got_);
    auto head = reader.head();
    require(head.has_value(), "an answer is complete");
    answer given{*head};
    if (given.status() == 101) {
      check_upgrade(given, reader);
      return;
    }
    auto body = std::string_view{got_}.substr(head->size());
    given.check_end(body, without_body_, events_.reply.retry_after_s);
    require(client_.saw_end(), "the stream ends with the answer");
    if (events_.asked == 1) {
      require_same(events_.reply.status, given.status(), "the application's answer is given");
      return;
    }
    check_refusal(given.status());
  }

  void check_upgrade(const answer& given, server_reader& reader) {
    require(events_.asked == 1 && events_.reply.status == 101, "an upgrade was granted");
    given.check_upgrade(key_, events_.reply.subprotocol);
    auto first = reader.next();
    if (events_.reply.close != close_code::none)
      require(first && first->opcode == frame_opcode::close && first->payload.size() > 2
                && first->payload.compare(0, 2, "\x11\x94") == 0,
              "who is upgraded to be closed gets the code");
    while (first)
      first = reader.next();
  }

  void check_refusal(unsigned status) const {
    bool known = std::find(may_be_.begin(), may_be_.end(), status) != may_be_.end();
    require(known, "the answer says what was wrong");
    if (status == 200 || status == 503) {
      require(events_.refusals == 0 && (status == 200) == events_.is_ready, "health is told");
      return;
    }
    require(events_.refusals == 1, "a refusal is told");
    auto told = events_.why_refused;
    require(status == (status == 405 ? 405 : info(told).http_status),
            "the refusal is the answer's");
    if (status == 404 || status == 426)
      require((status == 404) == (path_ == "/unknown"), "a path without a route is not found");
  }

  hand_turned_shard& shard_;
  const transport::transport_config& config_;
  door& events_;
  input in_;
  peer client_;
  time_point began_;
  std::size_t allocated_ = 0;
  std::string pending_, got_;
  bool judged_ = false;
  std::vector<unsigned> may_be_;
  bool without_body_ = false;
  std::string path_, key_;
};

} // namespace

} // namespace holdfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::fuzz;
  static stage<door> stage;
  // Small, so that inputs can reach them.
  stage.config.header_size = 1024;
  stage.config.uri_size = 128;
  stage.config.max_message_size = 1000;
  stage.perform([&] { visit{stage, {data, size}}.run(); });
  return 0;
}
