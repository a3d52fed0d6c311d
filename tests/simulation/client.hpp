// A peer, and the server's socket to it: a model of what app/transport promises.
#pragma once

#include "actors/handler.hpp"
#include "protocol/send_queue.hpp"
#include "protocol/transport.hpp"
#include "tests/simulation/dice.hpp"

#include <caf/actor_addr.hpp>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace holdfast::simulation {

class client;

/// What a ping frame carries: its id in network order.
std::string ping_payload(std::uint64_t id);

inline bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

/// What a model socket needs of the simulation around it.
class surroundings {
public:
  virtual time_point now() const = 0;
  virtual transport_events& events(std::size_t shard) = 0;
  virtual trace_hash& trace() = 0;

  /// ended() is to be told once the event at hand is over.
  virtual void ended_later(client& who) = 0;

  /// A frame came from `who`, or a message went either way.
  virtual void heard(client& who) = 0;
  virtual void active(client& who) = 0;

  /// A peer was told who is in a topic ("users"), or that somebody "came" or "left".
  virtual void told_of_presence(const std::string& what) = 0;

  virtual void breach(std::string_view rule, const std::string& what) = 0;

protected:
  ~surroundings() = default;
};

enum class promptness : std::uint8_t { now, late, never };

/// What comes from a peer.
struct inbound_frame {
  enum class kind : std::uint8_t { message, ping, pong, close, violation, end };

  kind what = kind::message;
  frame_opcode opcode = frame_opcode::text;
  std::string payload;
  close_code code = close_code::none;
  cause why = cause::none;
};

struct client_traits {
  std::size_t number = 0;
  std::size_t shard = 0;
  std::string user;
  bool priority = false;
  bool forged = false;                    ///< it is not who it says
  time_point expires = time_point::max(); ///< what it has shown of itself
  bool speaks_v1 = false;
  handler_mode mode = handler_mode::inlined; ///< of its handler
  promptness pongs = promptness::now;
  promptness closes = promptness::now;
  std::size_t max_queued_messages = 8;
  send_queue_config::slow_consumer on_slow_consumer = send_queue_config::slow_consumer::close;
  duration close_timeout{};
};

/// What the simulation has seen of a connection, from outside.
struct observations {
  connection_id id;
  std::string name; ///< the id as text
  time_point connected{};
  std::uint64_t order = 0; ///< of admission
  unsigned opened = 0;     ///< calls of its handler
  unsigned closings = 0;
  unsigned closed = 0;
  std::uint64_t inbound = 0;                         ///< messages that its handler was given
  bool paused = false;                               ///< by its handler
  bool told_to_leave = false;                        ///< it has a lease that is not void
  std::set<std::string> groups;                      ///< and topics
  std::set<std::string> watched_topics;              ///< in which it counts as present
  std::map<std::string, std::set<std::string>> sees; ///< users in a topic, as it was told
  caf::actor_addr own_handler;
  bool lost_handler = false;      ///< its own one
  std::uint64_t heard = 0;        ///< messages that came while it was open
  std::uint64_t handled = 0;      ///< of these, by its shared handler
  std::uint64_t last_handled = 0; ///< number of the last one

  // For the heartbeat, on the shard's awake clock.
  duration silence{};      ///< unpaused, since a frame came
  duration since_resume{}; ///< unpaused, since that or since reading was resumed
  duration paused_for{};
  duration idle{};      ///< since a message went either way
  duration stalled{};   ///< what does not count, in all
  duration forgotten{}; ///< of that, what its heartbeat does not know of
  duration watched{};   ///< since its heartbeat last began to watch it
  bool may_be_suspect = false;
  bool may_be_zombie = false;
  bool may_be_idle = false;
  bool may_be_paused_out = false;
};

class client final : public transport_connection {
public:
  client(surroundings& around, client_traits peer) : around_{around}, traits{std::move(peer)} {}

  // ---- what the actors may ask
  send_outcome send(frame_opcode opcode, std::string_view payload) override;
  send_outcome send(const shared_frame& message) override;
  send_outcome send_control(std::string_view text) override;
  void ping(std::uint64_t id) override;
  void close(close_code code, std::string_view reason, close_patience patience) override;
  void abort() override;
  void pause_reading() override;
  void resume_reading() override;
  outbound_state outbound() const override;

  // ---- what the peer does
  void sends(inbound_frame frame);
  void answers_close();
  void answers_ping(std::size_t which);
  void resets();
  void clog() { clogged_ = true; }
  void unclog();

  // ---- what the shard's loop does
  void established() { stage_ = stage::open; }
  bool readable() const;
  void read_one();
  bool deadline_passed(time_point now) const { return stage_ == stage::closing && now >= due_; }
  void on_deadline();
  void tell_end();

  bool over() const { return over_; }
  bool is_open() const { return stage_ == stage::open; }
  bool reads() const { return intake_ == intake::on; }
  bool clogged() const { return clogged_; }
  std::uint64_t messages_written() const { return written_; }
  std::uint64_t discarded() const { return discarded_; }
  bool pings_no_more = false; ///< the node has stopped its heartbeats

  handshake_reply reply;

private:
  enum class stage : std::uint8_t { opening, open, closing, closed };
  enum class intake : std::uint8_t { off, on, discard };

  struct queued {
    frame_opcode opcode;
    std::string payload;
    bool message;
  };

  send_outcome take(frame_opcode opcode, std::string payload, bool message);
  send_outcome enqueue(queued frame);
  void write(const queued& frame);
  void look_at(const std::string& text, bool message);
  void hear_of_presence(const std::string& text);
  void begins_to_close();
  void send_close_frame(close_code code);
  void begin_close(close_code code, cause why);
  void limit_closing(close_patience patience);
  void on_flushed();
  void on_end(bool reset);
  void take_close(const inbound_frame& frame);
  void note_cause(cause why);
  void finish(bool clean);
  bool flushed() const { return queue_.empty(); }
  void trace(std::string_view what, std::uint64_t number = 0);

  surroundings& around_;

public:
  const client_traits traits;
  observations seen;

private:
  stage stage_ = stage::opening;
  intake intake_ = intake::off;
  bool clogged_ = false;
  bool told_ = false; // the actors know that it is closing, or have asked for it
  bool peer_done_ = false;
  bool stream_over_ = false;
  bool owes_answer_ = false;
  bool clean_ = false;
  bool vanished_ = false;
  bool over_ = false;
  bool welcomed_ = false;
  cause why_ = cause::none;
  close_code peer_code_ = close_code::none;
  duration answer_within_{};
  time_point due_ = time_point::max();
  std::deque<inbound_frame> inbox_;
  std::deque<queued> queue_;
  std::vector<std::uint64_t> pings_; // not answered
  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t discarded_ = 0;
  traffic lost_;
};

} // namespace holdfast::simulation
