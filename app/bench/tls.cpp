#include "app/bench/tls.hpp"

#include "app/bench/failure.hpp"
#include "app/bench/url.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>

namespace holdfast::bench {

namespace {

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1
         || ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

/// OpenSSL's own reason for what went wrong on this thread; empties its queue.
std::string reason() {
  auto error = ERR_peek_last_error();
  ERR_clear_error();
  if (error == 0)
    return {};
  auto* text = ERR_reason_error_string(error);
  return text != nullptr ? text : "error " + std::to_string(error);
}

io_outcome outcome_of(ssl_st& session, int returned, std::size_t bytes) {
  if (returned > 0)
    return {io_result::done, bytes};
  switch (SSL_get_error(&session, returned)) {
  case SSL_ERROR_WANT_READ: return {io_result::again};
  case SSL_ERROR_WANT_WRITE: return {io_result::again, 0, true};
  case SSL_ERROR_ZERO_RETURN: return {io_result::ended};
  default: return {io_result::failed};
  }
}

} // namespace

void tls_deleter::operator()(ssl_st* session) const {
  SSL_free(session);
}

void tls_deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

tls_client::tls_client(const url& to, bool insecure)
  : context_{SSL_CTX_new(TLS_client_method())},
    host_{to.host},
    numeric_{is_address(to.host)},
    insecure_{insecure} {
  if (!context_)
    throw failure{"TLS cannot be used: " + reason()};
  auto* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A server that closes without TLS's own goodbye has sent WebSocket's close frame before.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                              | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (!insecure && SSL_CTX_set_default_verify_paths(context) != 1)
    throw failure{"the system's certificates cannot be read: " + reason()};
}

tls_session tls_client::begin(int fd) const {
  tls_session session{SSL_new(context_.get())};
  auto* raw = session.get();
  if (raw == nullptr || SSL_set_fd(raw, fd) != 1)
    throw failure{"TLS cannot be used: " + reason()};
  SSL_set_connect_state(raw);
  auto ok = true;
  if (numeric_) {
    ok = insecure_ || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), host_.c_str()) == 1;
  } else {
    ok = SSL_set_tlsext_host_name(raw, host_.c_str()) == 1
         && (insecure_ || SSL_set1_host(raw, host_.c_str()) == 1);
  }
  if (!ok)
    throw failure{"the host " + host_ + " cannot be compared with a certificate: " + reason()};
  return session;
}

io_outcome tls_handshake(ssl_st& session) {
  ERR_clear_error();
  return outcome_of(session, SSL_do_handshake(&session), 0);
}

io_outcome tls_read(ssl_st& session, char* data, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  auto returned = SSL_read_ex(&session, data, size, &bytes);
  return outcome_of(session, returned, bytes);
}

io_outcome tls_write(ssl_st& session, const char* data, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  auto returned = SSL_write_ex(&session, data, size, &bytes);
  return outcome_of(session, returned, bytes);
}

std::string tls_error(const ssl_st& session) {
  auto error = errno;
  auto verdict = SSL_get_verify_result(&session);
  if (verdict != X509_V_OK && SSL_get_verify_mode(&session) != SSL_VERIFY_NONE) {
    ERR_clear_error();
    return std::string{"TLS: the certificate is refused: "} + X509_verify_cert_error_string(verdict)
           + " (--insecure accepts any)";
  }
  auto last = ERR_peek_last_error();
  auto no_tls
    = ERR_GET_LIB(last) == ERR_LIB_SSL && ERR_GET_REASON(last) == SSL_R_WRONG_VERSION_NUMBER;
  auto text = reason();
  if (text.empty())
    text = error != 0 ? std::strerror(error) : "the connection ended";
  return "TLS: " + text + (no_tls ? " (no TLS is spoken there; try ws://)" : "");
}

} // namespace holdfast::bench
