// The console's side of the admin server: a blocking HTTP/1.1 client.
#pragma once

#include "protocol/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::admin {

struct client_options {
  /// A Unix socket's path, or http://HOST[:PORT] (port 80 where none is written).
  std::string node;
  /// Sent as `Authorization: Bearer`; empty: none.
  std::string token;
  /// For a connection to stand.
  duration connect_timeout = std::chrono::seconds{5};
  /// From the request to the last byte of its answer, or to the end of a stream's head.
  duration answer_timeout = std::chrono::seconds{5};
  /// Between two pieces of a stream; zero: any time.
  duration stream_timeout{};
  /// Asked some five times a second, and when a signal comes: whether to give up.
  std::function<bool()> stopped;
};

/// Why there is no answer. What the node has answered, whatever its status, is none.
class client_error : public std::runtime_error {
public:
  enum class kind : std::uint8_t {
    usage,       ///< `node` or a target is not written as it must be
    unreachable, ///< no connection, or it broke before or in the answer
    timeout,     ///< nothing, or not everything, came in time
    protocol,    ///< what came is not HTTP/1.1 as a node speaks it
    stopped,     ///< `client_options::stopped` said so
  };

  client_error(kind what, const std::string& why) : std::runtime_error{why}, what_{what} {}

  kind why() const { return what_; }

private:
  kind what_;
};

struct response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
  std::string body; ///< empty for a stream whose lines were handed on

  /// The value of the first header of this name, which is in lower case; empty: none.
  std::string_view header(std::string_view name) const;
};

/// Keeps its connection between requests and makes another when the node has closed it meanwhile.
/// Throws client_error. Threads: any one.
class client_connection {
public:
  /// Called for each line of a stream without its line end; false: enough.
  using line_function = std::function<bool(std::string_view line)>;

  /// Connects with the first request. Throws when `options.node` is written wrongly.
  explicit client_connection(client_options options);
  ~client_connection();

  client_connection(const client_connection&) = delete;
  client_connection& operator=(const client_connection&) = delete;

  /// `target` is the path and the query, percent-encoded (see app/admin/http/percent.hpp).
  /// An answer of more than 64 MiB is an error.
  response request(std::string_view method, std::string_view target, std::string_view body = {},
                   std::string_view content_type = {}, std::string_view accept = {});

  /// GETs a stream (NDJSON, server-sent events) and hands on its lines as they come, until there
  /// are no more, `line` returns false, or `stopped` says so (which is no error here). An answer
  /// other than 200 is returned with its body instead, as by request(). A line of more than 1 MiB
  /// is an error.
  response stream(std::string_view target, const line_function& line, std::string_view accept = {});

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace holdfast::admin
