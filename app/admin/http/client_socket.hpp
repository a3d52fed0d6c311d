// The socket of the admin client: blocking, but never for ever.
#pragma once

#include "app/admin/http/client.hpp"
#include "protocol/time.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace holdfast::admin {

/// Where a node's admin server is.
struct node_place {
  std::string socket_path; ///< empty: TCP
  std::string host;        ///< a name or a numeric address
  std::string port;
  std::string authority; ///< what the Host header says
};

/// Of client_options::node. Throws client_error.
node_place parse_node(const std::string& text);

/// Throws client_error: unreachable, timeout, or stopped because `stopped` said so.
class client_socket {
public:
  client_socket(node_place where, std::function<bool()> stopped)
    : where_{std::move(where)},
      stopped_{std::move(stopped)} {}
  ~client_socket() { close(); }

  client_socket(const client_socket&) = delete;
  client_socket& operator=(const client_socket&) = delete;

  const node_place& where() const { return where_; }

  void connect(time_point deadline);
  void close();

  /// The node has said nothing, its end of the stream included, since it was last asked.
  bool is_fresh() const;

  /// False when the node does not take all of it. It may have answered all the same.
  bool send(std::string_view bytes, time_point deadline);

  /// Appends what comes next. False at the end of the stream.
  bool receive(std::string& to, time_point deadline);

private:
  void try_address(const sockaddr* address, socklen_t size, int family, time_point deadline);
  void heed_stop() const;
  bool wait_once(int fd, short events, time_point deadline) const;
  void await(short events, time_point deadline) const;
  [[noreturn]] void fail(int error) const;

  node_place where_;
  std::function<bool()> stopped_;
  int fd_ = -1;
};

} // namespace holdfast::admin
