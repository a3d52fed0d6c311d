// One connection seen from all sides at once: what its client sent, what the application was told
// and did, what the client got.
#pragma once

#include "app/transport/transport_config.hpp"
#include "protocol/transport.hpp"
#include "tests/fuzz/oracle/reference_reader.hpp"
#include "tests/fuzz/oracle/server_reader.hpp"
#include "tests/fuzz/peer.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace holdfast::fuzz {

class session {
public:
  /// `calling` is set while any session is inside a verb.
  session(const transport::transport_config& config, bool small_buffer, bool& calling)
    : config_{config},
      calling_{calling},
      client_{small_buffer},
      sent_{config.max_message_size} {}

  // What the transport tells.

  void established(transport_connection& connection);
  void message(frame_opcode opcode, std::string_view payload);
  void ping();
  void pong(std::string_view payload);
  void closing(close_code code, cause why, time_point now);
  void ended(const transport_end& end, time_point now);

  // What the application does. Nothing happens once the connection has ended.

  void pause();
  void resume();
  void abort();
  void close(close_code code, std::string_view reason, close_patience patience, time_point now);
  void ping(std::uint64_t id);
  void send(frame_opcode opcode, std::string_view payload);
  void send(const shared_frame& frame);
  void send_control(std::string_view text);

  // What the client does.

  /// Sends later, with push().
  void queue(std::string_view bytes) { pending_.append(bytes); }

  /// Sends at most `most` of the queued bytes. Returns how many.
  std::size_t push(std::size_t most);

  /// Reads at most `most` bytes of the server's, and checks them. False when there are none.
  bool pull(std::size_t most);

  /// Reads whatever there is. False when there was nothing.
  bool drain();

  peer& client() { return client_; }
  bool has_pending() const { return !pending_.empty() && client_.may_send(); }
  bool at_frame_boundary() const { return pending_.empty() && sent_.between_frames(); }

  // What is known.

  bool is_open() const { return phase_ == phase::open; }
  bool has_ended() const { return phase_ == phase::ended; }

  /// From now on the shard ends, and every connection with it.
  void expect_stop() { stopping_ = true; }

  /// When all that was sent has been read: nothing may be left to tell.
  void check_told() const;

  /// An end that has begun is over in time.
  void check_time(time_point now);

  /// When everything is over and the server's stream was read to its end, if it was.
  void check_account() const;

private:
  enum class phase { connecting, open, closing_by_us, closing_by_transport, aborted, ended };

  struct outgoing {
    frame_opcode opcode;
    std::string payload;
    bool message;
    bool may_be_missing; // dropped, or never taken
  };

  class verb_scope;

  std::string expect_told(unsigned opcode);
  void note_sent(frame_opcode opcode, std::string_view payload, bool message, send_outcome outcome);
  void note_control(frame_opcode opcode, std::string payload);
  void check_queue();
  void begin_end(phase next, close_patience patience, time_point now);
  void match(const server_reader::frame& got);
  void match_close(const std::string& payload);

  const transport::transport_config& config_;
  bool& calling_;
  peer client_;
  phase phase_ = phase::connecting;
  transport_connection* connection_ = nullptr;
  bool paused_ = true;
  bool stopping_ = false;

  std::string pending_; // of the client, sent up to here:
  std::size_t pushed_ = 0;
  reference_reader sent_;
  std::uint64_t delivered_ = 0; // messages

  server_reader got_;
  bool upgraded_ = false; // the client has seen the 101
  std::deque<outgoing> outgoing_;
  std::uint64_t messages_out_ = 0, messages_got_ = 0;
  std::uint64_t bytes_out_ = 0, bytes_perhaps_ = 0; // of frames
  std::uint64_t controls_ = 0;
  std::size_t largest_ = 0;

  close_code our_code_ = close_code::none; // of the close frame that the client has to get
  std::string our_reason_;
  std::size_t close_got_ = 0; // its size
  time_point no_timeout_before_{}, over_by_{};
  duration answer_within_{};
  bool late_ = false;
  cause told_why_ = cause::none;

  struct ending {
    close_code peer_code;
    bool clean;
    cause why;
    traffic never_written;
    std::uint64_t discarded_in;
  } ending_{};
};

} // namespace holdfast::fuzz
