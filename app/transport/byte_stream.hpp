// One TCP socket on a shard's loop: bytes in, frames out, and an end.
#pragma once

#include "app/transport/outbound.hpp"

#include <string>

namespace holdfast::transport {

class byte_stream : public watcher, public outbound {
public:
  void on_ready(std::uint32_t bits) override;
  void on_turn() override;
  void on_later() override;

protected:
  enum class intake : std::uint8_t {
    off,     ///< nothing is read; what was read already waits
    on,      ///< bytes go to received()
    discard, ///< bytes are read and thrown away, so that an answer is not lost to a reset
  };

  byte_stream() = default;
  ~byte_stream() override;

  /// Takes over a connected, non-blocking socket; the loop keeps this object alive until
  /// close_stream(). False, with errno, when the socket cannot be watched; it is closed then.
  bool open_stream(event_loop& loop, int fd);

  /// Takes effect when the call that is on its way has returned.
  void set_intake(intake to);
  intake current_intake() const { return intake_; }

  /// on_stream_ended() was told.
  bool stream_over() const { return over_; }

  /// Tells the peer that nothing more will come.
  void half_close();

  /// Bytes that were written and not acknowledged yet.
  std::uint64_t unconfirmed() const;

  /// Closes the socket, by a reset when `reset`. Nothing is told.
  void close_stream(bool reset);

private:
  /// Bytes of the peer, which may be changed in place. Returns how many were used: fewer than
  /// all only when the intake was turned off meanwhile.
  virtual std::size_t on_received(char* data, std::size_t size) = 0;

  /// No more bytes will come: the peer's end of stream (0), or errno.
  virtual void on_stream_ended(int error) = 0;

  void on_write_failed() final;

  /// What was read before the intake was turned off.
  struct stash {
    std::string bytes;
    std::size_t used;
  };

  void ask_turn();
  void read_some();
  bool receive();
  void feed(char* data, std::size_t size);
  void feed_stash();
  void end_stream(int error);

  std::unique_ptr<stash> stash_;
  intake intake_ = intake::off;
  bool readable_ = false; // the kernel may have bytes for us
  bool hung_up_ = false;  // no further edge will come
  bool reading_ = false;
  bool turn_asked_ = false; // one at a time, or a busy peer would get more of them
  bool over_ = false;
};

} // namespace holdfast::transport
