// The client's end of a connection.
#pragma once

#include "tests/fuzz/require.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace holdfast::fuzz {

/// A pair of Unix stream sockets: as TCP, but at once and without ports. Closing an end while
/// bytes wait in it resets the connection, as it does with TCP.
class peer {
public:
  /// With a send buffer of the smallest size the kernel allows (some 4 KiB) for the server's end,
  /// its writes succeed in part.
  explicit peer(bool small_buffer) {
    int ends[2];
    auto made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
    // Executions take turns, so that the numbers come again unless one is never closed.
    require(made == 0 && ends[1] < 200, "descriptors are closed");
    fd_ = ends[0];
    server_end_ = ends[1];
    int smallest = 1;
    if (small_buffer)
      ::setsockopt(server_end_, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest);
  }

  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  ~peer() { close(); }

  /// For the server, which closes it.
  int server_end() const { return server_end_; }

  bool is_open() const { return fd_ >= 0; }
  bool may_send() const { return is_open() && !half_closed_ && !refused_; }
  bool hung_up() const { return !is_open() || half_closed_; }

  /// The server's stream has ended, or was reset.
  bool saw_end() const { return saw_end_; }

  /// How many bytes were taken.
  std::size_t send(std::string_view bytes) {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN)
      refused_ = true;
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  /// Up to `most` bytes are added to `to`. False when there are none, now or for good.
  bool receive(std::string& to, std::size_t most) {
    static char buffer[64 * 1024];
    if (!is_open() || saw_end_)
      return false;
    auto n = ::recv(fd_, buffer, most < sizeof buffer ? most : sizeof buffer, MSG_DONTWAIT);
    if (n > 0)
      to.append(buffer, static_cast<std::size_t>(n));
    else if (n == 0 || errno != EAGAIN)
      saw_end_ = true;
    return n > 0;
  }

  void half_close() {
    if (is_open())
      ::shutdown(fd_, SHUT_WR);
    half_closed_ = true;
  }

  void close() {
    if (is_open())
      ::close(std::exchange(fd_, -1));
  }

private:
  int fd_ = -1;
  int server_end_ = -1;
  bool half_closed_ = false;
  bool refused_ = false;
  bool saw_end_ = false;
};

} // namespace holdfast::fuzz
