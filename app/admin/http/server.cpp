#include "app/admin/http/server.hpp"

#include "app/admin/http/listener.hpp"
#include "app/admin/http/listening.hpp"

#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace holdfast::admin {

namespace {

service make_service(const server_options& options, const handler_function& handler) {
  service made;
  made.handler = handler;
  made.body_limit = options.body_limit;
  made.idle_timeout = options.idle_timeout;
  made.request_timeout = options.request_timeout;
  return made;
}

access_rules make_rules(const server_options& options) {
  auto& address = options.listen->address;
  access_rules rules{is_loopback(address), options.token, options.hosts};
  if (!rules.loopback && rules.token.empty())
    throw std::runtime_error{"cannot listen on " + address
                             + ": it is not loopback and there is no token; set admin.token_file, "
                               "or listen on 127.0.0.1"};
  return rules;
}

int family_of(const transport::endpoint& where) {
  return where.address.find(':') == std::string::npos ? AF_INET : AF_INET6;
}

} // namespace

server::server(asio::io_context& io, server_options options, handler_function handler) {
  auto serves = make_service(options, handler);
  if (options.listen) {
    auto over_tcp = serves;
    over_tcp.access = make_rules(options);
    auto fd = listen_on_address(*options.listen);
    port_ = options.listen->port;
    listeners_.push_back(std::make_shared<listener>(io, fd, family_of(*options.listen),
                                                    std::move(over_tcp), options.max_clients));
  }
  if (!options.socket_path.empty()) {
    auto fd = listen_on_path(options.socket_path);
    socket_path_ = options.socket_path;
    listeners_.push_back(
      std::make_shared<listener>(io, fd, AF_UNIX, std::move(serves), options.max_clients));
  }
  for (auto& one : listeners_)
    one->start();
}

server::~server() {
  stop();
}

void server::stop() {
  // First, so that it is not the socket of who listens after us.
  if (!socket_path_.empty())
    ::unlink(std::exchange(socket_path_, {}).c_str());
  for (auto& one : std::exchange(listeners_, {}))
    one->stop();
}

} // namespace holdfast::admin
