// A socket's life from accept to end.
#pragma once

#include "app/transport/byte_stream.hpp"
#include "app/transport/frame_reader.hpp"
#include "app/transport/opening.hpp"

namespace holdfast::transport {

struct websocket_shard;

/// One WebSocket connection (RFC 6455), as small as it can be: what only the handshake, an
/// unfinished message, a full socket or the end needs is allocated while it is needed. The
/// connection's actor holds it as its transport_connection.
class websocket_connection final : public byte_stream, public transport_connection {
public:
  explicit websocket_connection(websocket_shard& shard) : shard_{&shard} {}
  ~websocket_connection() override;

  /// Begins with a fresh socket, which is closed if it cannot be watched.
  void begin(int fd, const client_address& from, std::uint16_t port);

  // ---- what the actors may ask

  send_outcome send(frame_opcode opcode, std::string_view payload) override;
  send_outcome send(const shared_frame& message) override;
  send_outcome send_control(std::string_view text) override;
  void ping(std::uint64_t id) override;
  void close(close_code code, std::string_view reason, close_patience patience) override;
  void abort() override;
  void pause_reading() override;
  void resume_reading() override;
  outbound_state outbound() const override { return waiting(); }
  void cork() override { byte_stream::cork(); }
  void uncork() override { byte_stream::uncork(); }

  // ---- events of the loop

  void on_later() override;
  void on_deadline() override;
  void on_stop() override { reset(); }

private:
  enum class stage : std::uint8_t {
    opening, ///< the request is read, or was answered in HTTP
    open,
    closing, ///< one side has sent a close frame
    closed,
  };

  // What only the end needs.
  struct last_words {
    cause why = cause::none;
    int error = 0;
    bool was_clean = false;   // both close frames were exchanged, and ours was written
    bool peer_closed = false; // by a valid close frame
    bool vanished = false;    // the peer's stream ended without one
    close_code peer_code = close_code::none;
    std::string peer_reason;
    traffic never_written;
    std::uint64_t unconfirmed = 0;
    std::uint64_t discarded = 0;
    duration answer_within{}; // once everything was written
  };

  bool is_open() const { return has_slot_ && stage_ == stage::open; }
  last_words& last();

  /// The first finding counts.
  void note_cause(cause why);

  // ---- bytes

  std::size_t on_received(char* data, std::size_t size) override;
  void on_stream_ended(int error) override;
  void on_flushed() override;

  // ---- the opening handshake (websocket_opening.cpp)

  std::size_t read_request(std::string_view bytes);
  void upgrade();
  void answer(const http_answer& answer);
  void refuse(const opening_verdict& verdict, bool head_only);
  void give_up_opening();

  /// Exactly once for each socket: its handshake is over.
  void settle();

  // ---- frames and the closing handshake (websocket_frames.cpp)

  /// Both return how many bytes were used: all of them, or up to where reading was paused.
  std::size_t read_frames(std::uint8_t* data, std::size_t size);
  std::uint8_t* read_whole_frames(std::uint8_t* from, std::uint8_t* end);
  std::uint8_t* read_piece(std::uint8_t* from, std::uint8_t* end);
  bool wants_frames() const { return current_intake() == intake::on && !peer_done_; }
  void take_frame(frame_opcode opcode, std::string_view payload);
  void take_close(std::string_view payload);
  void fail(violation found);

  /// Begins an end of the transport's own, for the cause that was noted: a violation, or the
  /// answer to the peer's close frame.
  void begin_close(close_code code);

  /// With code `no_status` the frame carries none.
  void send_close_frame(close_code code, std::string_view reason);

  /// Has the closing handshake end in time.
  void limit_closing(close_patience patience);

  /// The same with close_timeout for both of its parts.
  void limit_closing();

  /// Both close frames were exchanged. If messages are on their way in front of ours, whatever
  /// the peer goes on sending must not reset them away: it gets the time to read them (RFC 6455
  /// section 7.1.1).
  void part();

  // ---- the end

  /// Closes the socket, if it is not closed yet, and has ended() told when the current event is
  /// over.
  void finish(bool clean);
  void reset();
  void tell_end();

  websocket_shard* shard_;
  std::unique_ptr<opening> opening_;     // until the handshake is over
  std::unique_ptr<frame_reader> reader_; // in the middle of a message
  std::unique_ptr<last_words> last_;     // since the end began
  slot_index slot_ = 0;
  stage stage_ = stage::opening;
  std::uint8_t close_frame_size_ = 0; // of ours, once it was sent or queued
  bool has_slot_ = false;             // the actors know of this connection
  bool peer_done_ = false;            // its close frame has come
  bool answered_ = false;             // in HTTP
  bool reset_ = false;                // the end is to be a reset
  bool settled_ = true;
};

} // namespace holdfast::transport
