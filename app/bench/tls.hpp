// TLS for one connection on a non-blocking socket.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

struct ssl_st; // OpenSSL's SSL and SSL_CTX
struct ssl_ctx_st;

namespace holdfast::bench {

struct url;

struct tls_deleter {
  void operator()(ssl_st* session) const;
  void operator()(ssl_ctx_st* context) const;
};

using tls_session = std::unique_ptr<ssl_st, tls_deleter>;

enum class io_result : unsigned char {
  done,  ///< `bytes` were moved
  again, ///< the socket has nothing, or no room
  ended, ///< the peer has no more to say
  failed,
};

struct io_outcome {
  io_result result = io_result::failed;
  std::size_t bytes = 0;
  bool wants_room = false; ///< with `again`: wait until the socket can be written to
};

/// What the connections to one server have in common.
class tls_client {
public:
  /// Certificates must be valid for the host of `to` and trusted by the system's store (of
  /// OpenSSL: SSL_CERT_FILE and SSL_CERT_DIR name another); if `insecure`, any will do. Throws
  /// `failure`.
  tls_client(const url& to, bool insecure);

  /// A session over the socket `fd`, which stays the caller's. Throws `failure`.
  tls_session begin(int fd) const;

private:
  std::unique_ptr<ssl_ctx_st, tls_deleter> context_;
  std::string host_;
  bool numeric_ = false; ///< the host is an address: no server name is sent
  bool insecure_ = false;
};

/// Goes on with the handshake; `done` once it is complete.
io_outcome tls_handshake(ssl_st& session);

io_outcome tls_read(ssl_st& session, char* data, std::size_t size);
io_outcome tls_write(ssl_st& session, const char* data, std::size_t size);

/// Why the last call failed, in OpenSSL's words and with what can be done about it.
std::string tls_error(const ssl_st& session);

} // namespace holdfast::bench
