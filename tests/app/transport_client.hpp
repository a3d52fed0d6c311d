// A WebSocket client that is nothing but a socket, so that it can do everything wrong.
#pragma once

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace holdfast::transport::test {

/// How long anything may take on a loaded machine.
constexpr auto patience = std::chrono::seconds{10};

inline std::string encode_frame(unsigned first_byte, std::string_view payload, bool masked = true) {
  std::string frame(1, static_cast<char>(first_byte));
  unsigned mask_bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    frame += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xffff) {
    frame += static_cast<char>(mask_bit | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  } else {
    frame += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift);
  }
  constexpr std::string_view key = "\x12\x34\x56\x78";
  if (masked)
    frame += key;
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ (masked ? key[i % 4] : 0));
  return frame;
}

inline std::string text(std::string_view payload) {
  return encode_frame(0x81, payload);
}

inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)}.append(reason);
}

inline std::string close_frame(unsigned code) {
  return encode_frame(0x88, close_payload(code));
}

inline std::string upgrade_request(std::string_view target = "/", std::string_view more = {}) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
                                "Connection: keep-alive, Upgrade\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                "Sec-WebSocket-Version: 13\r\n");
  return request.append(more).append("\r\n");
}

/// A blocking socket with deadlines.
class client {
public:
  explicit client(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BOOST_REQUIRE(fd_ >= 0);
    timeval limit{std::chrono::seconds{patience}.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE_EQUAL(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  client(client&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      buffer_{std::move(other.buffer_)} {}
  ~client() { hang_up(); }

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

  /// False when the other side does not take it.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Everything up to the end of the stream. Nothing when it was reset or did not end in time.
  std::optional<std::string> read_to_end() {
    while (true) {
      auto n = fill();
      if (n < 0)
        return std::nullopt;
      if (n == 0)
        return std::exchange(buffer_, {});
    }
  }

  /// The head of an HTTP answer.
  std::string read_head() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      BOOST_REQUIRE(fill() > 0);
    auto head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    return head;
  }

  struct frame {
    unsigned opcode = 0; ///< 0: the stream ended
    std::string payload;
    unsigned code() const {
      return payload.size() < 2 ? 0
                                : static_cast<unsigned char>(payload[0]) << 8
                                    | static_cast<unsigned char>(payload[1]);
    }
  };

  frame read_frame() {
    if (!need(2))
      return {};
    std::size_t size = buffer_[1] & 0x7f, header = 2;
    if (size >= 126) {
      header = size == 126 ? 4 : 10;
      BOOST_REQUIRE(need(header));
      size = 0;
      for (std::size_t i = 2; i < header; ++i)
        size = size << 8 | static_cast<unsigned char>(buffer_[i]);
    }
    if (!need(header + size))
      return {};
    frame got{static_cast<unsigned>(buffer_[0] & 0xf), buffer_.substr(header, size)};
    buffer_.erase(0, header + size);
    return got;
  }

  void upgrade(std::string_view target = "/", std::string_view more = {}) {
    BOOST_REQUIRE(send(upgrade_request(target, more)));
    BOOST_REQUIRE_EQUAL(read_head().substr(0, 12), "HTTP/1.1 101");
  }

private:
  ssize_t fill() {
    char bytes[16384];
    auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n > 0)
      buffer_.append(bytes, static_cast<std::size_t>(n));
    return n;
  }

  bool need(std::size_t size) {
    while (buffer_.size() < size) {
      if (fill() <= 0)
        return false;
    }
    return true;
  }

  int fd_ = -1;
  std::string buffer_;
};

} // namespace holdfast::transport::test
