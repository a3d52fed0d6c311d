// A socket's life from accept to end, as websocketpp's transport and as the actors' connection.
// Internal to the transport.
#pragma once

#include "app/transport/byte_stream.hpp"
#include "app/transport/opening.hpp"

#include <websocketpp/common/connection_hdl.hpp>
#include <websocketpp/logger/stub.hpp>

#include <system_error>

namespace websocketpp {
template <typename>
class connection;
}

namespace holdfast::transport {

struct websocket_config;
struct websocket_shard;

/// websocketpp's transport policy: the base class of each websocketpp::connection, which knows
/// the protocol's states. Bytes go to its members directly, without read or write handlers; the
/// members are specialised in websocket_frames.hpp and websocket_opening.hpp.
class websocket_link : public byte_stream {
public:
  // What websocketpp asks of a transport.

  struct no_timer {
    void cancel() {}
  };
  using ptr = std::shared_ptr<websocket_link>;
  using timer_ptr = std::shared_ptr<no_timer>; // wheel_entry serves every phase
  using logger_ptr = std::shared_ptr<websocketpp::log::stub>;

  websocket_link(bool, const logger_ptr&, const logger_ptr&) : verbs_{*this} {}

  ptr get_shared() { return std::static_pointer_cast<websocket_link>(shared_from_this()); }
  void set_handle(websocketpp::connection_hdl) {}
  template <class F>
  void init(F done) {
    done(std::error_code{});
  }

  // Events of the loop.

  void on_later() override;
  void on_deadline() override;
  void on_stop() override { reset(); }

  /// Begins with a fresh socket. False when it could not be watched; it is closed then.
  bool begin(websocket_shard& shard, int fd, const client_address& from, std::uint16_t port);

protected:
  /// What the connection's actor holds. Not the link itself: websocketpp::connection has members
  /// of the same names.
  class verbs final : public transport_connection {
  public:
    explicit verbs(websocket_link& of) : link_{of} {}

    send_outcome send(frame_opcode opcode, std::string_view payload) override;
    send_outcome send(const shared_frame& message) override;
    void ping(std::uint64_t id) override;
    send_outcome send_control(std::string_view text) override;
    void close(close_code code, std::string_view reason, close_patience patience) override;
    void abort() override;
    void pause_reading() override;
    void resume_reading() override;
    outbound_state outbound() const override { return link_.waiting(); }

  private:
    bool is_open() const;

    websocket_link& link_;
  };

  using connection = websocketpp::connection<websocket_config>;

  websocket_shard& shard() const { return *shard_; }
  connection& self();
  const connection& self() const;

  /// Exactly once for each socket: its handshake is over.
  void settle();

  /// Sends an HTTP answer, then waits for the peer to have read it.
  void answer(const http_answer& answer);
  void refuse(const opening_verdict& verdict, bool head_only);

  /// Has the closing handshake end in time.
  void limit_closing(close_patience patience);

  /// The same with close_timeout for both of its parts.
  void limit_closing();

  /// Both close frames were exchanged: the peer reads ours before it closes, or before it finds
  /// out that nobody reads any more (RFC 6455 section 7.1.1).
  void part();

  /// Closes the socket and has ended() told when the current event is over.
  void finish(bool clean);

  /// Handles frames that need no parser, because they are complete, unfragmented and correct.
  /// Returns where the first other one begins.
  std::uint8_t* take_whole_frames(std::uint8_t* from, std::uint8_t* end);

  /// A message, or a ping or pong.
  void take_frame(frame_opcode opcode, std::string_view payload);

  /// The first finding counts.
  void note_cause(cause why);

  struct last_words {
    cause why = cause::none;
    int error = 0;
    bool clean = false;
    bool peer_closed = false; // by a valid close frame
    bool vanished = false;    // the peer's stream ended without one
    traffic never_written;
    std::uint64_t unconfirmed = 0;
    std::uint64_t discarded = 0;
    duration answer_within{}; // once everything was written
  };

  last_words& last();

  verbs verbs_;
  std::unique_ptr<opening> opening_; // until the handshake is over
  slot_index slot_ = 0;
  bool has_slot_ = false;             // the actors know of this connection
  bool peer_done_ = false;            // its close frame, or its end of stream, has come
  bool answered_ = false;             // in HTTP
  bool reset_ = false;                // the end is to be a reset
  std::uint8_t close_frame_size_ = 0; // of ours, once it was sent or queued

private:
  std::size_t on_received(char* data, std::size_t size) final;
  void on_stream_ended(int error) final;
  void on_flushed() final;
  void reset();
  void tell_end();

  websocket_shard* shard_ = nullptr;
  std::unique_ptr<last_words> last_; // since the end began
  bool settled_ = true;
};

} // namespace holdfast::transport
