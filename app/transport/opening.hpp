// What a connection's first request asks for, and the answers that need no WebSocket.
#pragma once

#include "app/transport/http_request.hpp"
#include "protocol/transport.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace holdfast::transport {

/// All that only the handshake needs.
class opening final : public handshake_request {
public:
  void begin(const client_address& from, std::uint16_t port, time_point accepted);

  http_request& request() { return request_; }
  const http_request& request() const { return request_; }

  std::string_view path() const override { return request_.path(); }
  std::string_view query() const override { return request_.query(); }
  std::string_view header(std::string_view name) const override { return request_.header(name); }
  std::size_t count(std::string_view name) const override { return request_.count(name); }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return address_text_; }
  time_point accepted_at() const override { return accepted_; }

private:
  http_request request_;
  client_address address_;
  std::string address_text_;
  time_point accepted_{};
};

/// Openings of a shard's connections: kept for the next ones, a few of them.
class opening_pool {
public:
  std::unique_ptr<opening> take();
  void give_back(std::unique_ptr<opening> used);

private:
  std::vector<std::unique_ptr<opening>> spare_;
};

/// What is to be done with a complete request.
struct opening_verdict {
  enum class action {
    upgrade, ///< a request to upgrade that RFC 6455 section 4.2.1 allows
    health,  ///< GET or HEAD of /healthz
    refuse,
  };

  action what = action::refuse;
  unsigned status = 400;
  refusal why = refusal::bad_request;
  std::string_view detail; ///< for the answer's body
};

opening_verdict judge(const http_request& request);

/// The verdict on a head that could not be completed. Nothing while it may still be.
std::optional<opening_verdict> judge(http_request::progress progress);

/// An HTTP answer after which the connection ends.
struct http_answer {
  unsigned status;
  std::string_view body; ///< without the newline; empty: the status in words
  unsigned retry_after_s = 0;
  bool head_only = false; ///< the answer to a HEAD request
};

/// The answer's bytes.
std::string to_bytes(const http_answer& answer);

} // namespace holdfast::transport
