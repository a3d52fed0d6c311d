// One request to the admin server and the answer that it gets.
#pragma once

#include "app/admin/http/request.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::admin {

/// A piece that leaves more than this unsent cuts the client off, in bytes.
inline constexpr std::size_t most_unsent = 1024 * 1024;

/// A stream with less than this unsent is drained, in bytes.
inline constexpr std::size_t drained_below = 64 * 1024;

/// Every function on the admin thread. Who lets the last pointer to one go without having
/// answered, answers with 503; without having finished a stream, breaks it off. The client may go
/// at any time: everything is then a no-op but when_gone(). A client that closes its half of the
/// connection has gone.
///
/// Virtual so that a handler can be tested without sockets.
class exchange {
public:
  using header_list = std::vector<std::pair<std::string, std::string>>;

  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  virtual const request& asked() const = 0;

  /// The whole answer; once, and not after start(). Adds Content-Length, Date, and
  /// Cache-Control: no-store unless `headers` has one of its own. `headers` are names and values
  /// that hold no line ends.
  virtual void respond(int status, std::string_view content_type, std::string body,
                       header_list headers)
    = 0;

  void respond(int status, std::string_view content_type, std::string body) {
    respond(status, content_type, std::move(body), {});
  }

  /// Begins a stream, in the chunked transfer coding; once. False when nobody will read it: the
  /// client has gone, or asked for the head only.
  virtual bool start(int status, std::string_view content_type) = 0;

  /// A piece of the stream that start() began. False when the client has gone, or is now cut off
  /// because more than `most_unsent` bytes wait for it.
  virtual bool write(std::string data) = 0;

  /// Bytes that the kernel has not taken yet.
  virtual std::size_t unsent() const = 0;

  /// Calls `f` once, not at once but soon, when fewer than `drained_below` bytes are unsent. The
  /// last `f` replaces one that waits. Never when the client has gone or the exchange is over.
  virtual void when_drained(std::function<void()> f) = 0;

  /// Calls `f` once, not at once but soon, when the client has gone before the exchange was over;
  /// also when it had gone already. The last `f` replaces one that waits.
  virtual void when_gone(std::function<void()> f) = 0;

  /// Ends a stream well.
  virtual void finish() = 0;
};

} // namespace holdfast::admin
