// A client that tells what became of it, and fails no test by itself.
#pragma once

#include "tests/app/transport_client.hpp"

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <netinet/tcp.h>
#include <poll.h>
#include <vector>

namespace holdfast::transport::test {

/// How a stream looks from outside.
enum class stream_end { open, fin, reset };

inline std::ostream& operator<<(std::ostream& out, stream_end end) {
  switch (end) {
  case stream_end::open: return out << "open";
  case stream_end::fin: return out << "fin";
  case stream_end::reset: return out << "reset";
  }
  return out;
}

/// Waits until `holds`. False when it does not in time.
inline bool eventually(const std::function<bool()>& holds) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// SO_SNDBUF, SO_RCVBUF and TCP_MAXSEG, in bytes. 0: as the system has it.
struct socket_buffers {
  int send = 0;
  int receive = 0;
  int segment = 0; ///< over loopback 64 KiB, for which a small buffer never has the room
};

class witness {
public:
  explicit witness(std::uint16_t port, socket_buffers buffers = {}) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BOOST_REQUIRE(fd_ >= 0);
    set(SOL_SOCKET, SO_SNDBUF, buffers.send);
    set(SOL_SOCKET, SO_RCVBUF, buffers.receive);
    set(IPPROTO_TCP, TCP_MAXSEG, buffers.segment);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE_EQUAL(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  witness(witness&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      received_{std::move(other.received_)},
      end_{other.end_} {}
  ~witness() { hang_up(); }

  void hang_up() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

  void reset() {
    linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    hang_up();
  }

  void half_close() { ::shutdown(fd_, SHUT_WR); }

  int descriptor() const { return fd_; }

  /// Whether the server took all of it. Nothing is read meanwhile.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
      else if (n < 0 && errno != EAGAIN)
        return !(broken_ = true);
      else if (!wait(POLLOUT, patience))
        return false;
    }
    return true;
  }

  /// Whether the connection is no more. Reads nothing.
  bool is_cut_off() {
    pollfd state{fd_, 0, 0};
    return broken_ || (::poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0);
  }

  /// Reads until the stream ends, but not for longer than `within`.
  stream_end read(std::chrono::milliseconds within = patience) {
    return read_until([] { return false; }, within);
  }

  /// Reads until `enough`, too.
  stream_end read_until(const std::function<bool()>& enough,
                        std::chrono::milliseconds within = patience) {
    auto deadline = std::chrono::steady_clock::now() + within;
    while (end_ == stream_end::open && !enough()) {
      char bytes[16384];
      auto n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n > 0)
        received_.append(bytes, static_cast<std::size_t>(n));
      else if (n == 0)
        end_ = broken_ ? stream_end::reset : stream_end::fin; // send() was told of it already
      else if (errno != EAGAIN)
        end_ = stream_end::reset;
      else if (!wait(POLLIN, deadline - std::chrono::steady_clock::now()))
        break;
    }
    return end_;
  }

  /// The handshake; false when it was refused.
  bool upgrade(std::string_view target = "/") {
    return send(upgrade_request(target)) && read_answer() == 101;
  }

  /// The status of the HTTP answer, whose head is taken from what was received. 0: none came.
  int read_answer() {
    read_until([this] { return received_.find("\r\n\r\n") != std::string::npos; });
    auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos || received_.compare(0, 9, "HTTP/1.1 ") != 0)
      return 0;
    head_ = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    return std::stoi(head_.substr(9, 3));
  }

  /// Whether an answer other than 101 was received.
  bool is_refused() const {
    return received_.size() >= 12 && received_.compare(0, 12, "HTTP/1.1 101") != 0;
  }

  /// Whether the answer's head has this line.
  bool has_header(const std::string& line) const {
    return head_.find("\r\n" + line + "\r\n") != std::string::npos;
  }

  /// All complete frames that were received since the handshake.
  std::vector<client::frame> frames() const {
    std::vector<client::frame> all;
    std::string_view rest{received_};
    auto byte = [&rest](std::size_t at) { return static_cast<unsigned char>(rest[at]); };
    while (rest.size() >= 2) {
      std::size_t size = byte(1) & 0x7f, header = size < 126 ? 2 : size == 126 ? 4 : 10;
      if (rest.size() < header)
        break;
      if (header > 2)
        size = 0;
      for (std::size_t i = 2; i < header; ++i)
        size = size << 8 | byte(i);
      if (rest.size() - header < size)
        break;
      all.push_back({byte(0) & 0xfu, std::string{rest.substr(header, size)}});
      rest.remove_prefix(header + size);
    }
    return all;
  }

  /// Of the close frame that was received; 0 when there was none.
  unsigned close_code() const {
    for (auto& frame : frames())
      if (frame.opcode == 8)
        return frame.code();
    return 0;
  }

  /// How many messages were received.
  std::size_t messages() const {
    std::size_t count = 0;
    for (auto& frame : frames())
      count += frame.opcode < 8 ? 1 : 0;
    return count;
  }

private:
  void set(int level, int option, int bytes) {
    if (bytes > 0)
      ::setsockopt(fd_, level, option, &bytes, sizeof bytes);
  }

  bool wait(short events, std::chrono::nanoseconds within) {
    pollfd ready{fd_, events, 0};
    auto limit = std::chrono::ceil<std::chrono::milliseconds>(within).count();
    return limit > 0 && ::poll(&ready, 1, static_cast<int>(limit)) > 0;
  }

  int fd_ = -1;
  std::string received_, head_;
  stream_end end_ = stream_end::open;
  bool broken_ = false; // a send failed
};

} // namespace holdfast::transport::test
