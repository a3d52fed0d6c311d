// A client of the admin server that is nothing but a socket, so that it can do everything wrong.
#pragma once

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace holdfast::admin::test {

/// How long anything may take on a loaded machine.
constexpr auto patience = std::chrono::seconds{10};

/// An answer as it came.
struct answer {
  std::string head; ///< with its empty line
  std::string body;

  int status() const { return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3)); }

  bool says(std::string_view line) const {
    return head.find("\r\n" + std::string{line} + "\r\n") != std::string::npos;
  }

  /// Of the first header of this name.
  std::string value(const std::string& name) const {
    auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
      return {};
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
  }
};

/// A blocking socket with deadlines.
class wire {
public:
  /// Over TCP.
  explicit wire(std::uint16_t port, int receive_buffer = 0)
    : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

  explicit wire(const std::string& path) : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path.data(), path.size());
    connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

  wire(wire&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      buffer_{std::move(other.buffer_)} {}

  ~wire() { hang_up(); }

  void hang_up() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

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

  /// What comes up to `end`, with it.
  std::string read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = buffer_.find(end)) == std::string::npos)
      BOOST_REQUIRE(fill() > 0);
    return take(at + end.size());
  }

  answer read_head() { return {read_until("\r\n\r\n"), {}}; }

  /// With a body as long as Content-Length says.
  answer read_answer() {
    auto got = read_head();
    auto length = got.value("Content-Length");
    BOOST_REQUIRE(!length.empty());
    auto size = std::stoul(length);
    while (buffer_.size() < size)
      BOOST_REQUIRE(fill() > 0);
    got.body = take(size);
    return got;
  }

  /// The data of the next chunk of a stream; empty: it has ended well.
  std::string read_chunk() {
    auto size = std::stoul(read_until("\r\n"), nullptr, 16);
    while (buffer_.size() < size + 2)
      BOOST_REQUIRE(fill() > 0);
    auto data = take(size);
    BOOST_TEST(take(2) == "\r\n");
    return data;
  }

  answer ask(std::string_view bytes) {
    BOOST_REQUIRE(send(bytes));
    return read_answer();
  }

  /// Nothing has come that was not read.
  bool silent() {
    char byte;
    return buffer_.empty() && ::recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
  }

private:
  void connect(const sockaddr* to, socklen_t size) {
    timeval limit{std::chrono::seconds{patience}.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    BOOST_REQUIRE_EQUAL(::connect(fd_, to, size), 0);
  }

  ssize_t fill() {
    char bytes[16384];
    auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n > 0)
      buffer_.append(bytes, static_cast<std::size_t>(n));
    return n;
  }

  std::string take(std::size_t size) {
    auto taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  int fd_;
  std::string buffer_;
};

} // namespace holdfast::admin::test
