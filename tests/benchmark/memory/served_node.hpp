// A served node in this process, and its clients in another one.
#pragma once

#include "actors/handler.hpp"
#include "app/config.hpp"
#include "app/serve.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast::budget {

inline void require(bool held, const char* what) {
  if (held)
    return;
  std::perror(what);
  std::_Exit(1);
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// One client's handshake, under a name of its own, and a message that comes back. Blocks.
inline void come(std::uint16_t port, const std::string& path, std::size_t number) {
  auto address = loopback(port);
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  require(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  auto request
    = "GET " + path + "?user=u" + std::to_string(number)
      + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  require(::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0, "send");
  std::array<char, 512> answer{};
  auto size = ::recv(fd, answer.data(), answer.size(), 0);
  require(size > 12 && std::string_view{answer.data(), 12} == "HTTP/1.1 101", "handshake");
  constexpr std::string_view hello{"\x81\x82\0\0\0\0hi", 8}; // masked with zeros
  require(::send(fd, hello.data(), hello.size(), MSG_NOSIGNAL) > 0, "send");
  require(::recv(fd, answer.data(), answer.size(), 0) == 4, "echo");
}

/// All of its clients come to the handler `echo` in this mode.
/// Threads: all members on the one that constructed it, the only one until start().
class served_node {
public:
  explicit served_node(handler_mode mode) : path_{"/" + std::string{to_string(mode)}} {
    folder_
      = std::filesystem::temp_directory_path() / ("holdfast-memory." + std::to_string(::getpid()));
    require(::pipe(go_.data()) == 0 && ::pipe(done_.data()) == 0, "pipe");
    reserve_port();
  }

  /// Forks the clients, then serves. Returns when the node listens.
  void start(std::size_t connections) {
    clients_ = ::fork();
    require(clients_ >= 0, "fork");
    if (clients_ == 0)
      be_clients(connections);
    ::close(done_[1]); // their end, not ours, is to be noticed
    server_ = std::thread{[this, connections] { be_server(connections); }};
    auto address = loopback(port_);
    for (int tries = 0; tries < 2000; ++tries) {
      int probe = ::socket(AF_INET, SOCK_STREAM, 0);
      bool listens = ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(probe);
      if (listens)
        return rest();
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    require(false, "the node does not listen");
  }

  /// Lets the clients come; returns when all are in and the node is at rest.
  void connect_all() {
    require(::write(go_[1], "", 1) == 1, "write");
    char nothing = 0;
    require(::read(done_[0], &nothing, 1) == 1, "the clients did not get in");
    rest();
  }

  /// Ends the clients. The node serves on until the process ends, which is to be soon: there is
  /// nothing to drain.
  ~served_node() {
    ::kill(clients_, SIGKILL);
    ::waitpid(clients_, nullptr, 0);
    std::filesystem::remove_all(folder_);
    server_.detach();
  }

private:
  // What follows an upgrade is not part of idleness.
  static void rest() { std::this_thread::sleep_for(std::chrono::seconds{1}); }

  void reserve_port() {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    require(::bind(fd, any, size) == 0 && ::getsockname(fd, any, &size) == 0, "bind");
    port_ = ntohs(address.sin_port);
    ::close(fd);
  }

  [[noreturn]] void be_clients(std::size_t connections) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(go_[1]);
    char nothing = 0;
    if (::read(go_[0], &nothing, 1) != 1)
      std::_Exit(0);
    for (std::size_t i = 0; i < connections; ++i)
      come(port_, path_, i);
    require(::write(done_[1], "", 1) == 1, "write");
    for (;;)
      ::pause();
  }

  void be_server(std::size_t connections) {
    node_extensions types;
    config_sources sources;
    for (auto mode : {handler_mode::inlined, handler_mode::per_connection, handler_mode::shared}) {
      auto name = std::string{to_string(mode)};
      types.handlers[name] = types.handlers.at("echo");
      types.handlers[name].mode = mode;
      sources.modes[name] = mode;
    }
    sources.sets = {"node.run_dir=" + folder_.string(), "node.shards=1", "node.log_level=error",
                    "pool.max_total_connections=" + std::to_string(connections),
                    "pool.connection_timeout=600s"};
    sources.listens = {"127.0.0.1:" + std::to_string(port_)};
    for (auto& [name, type] : types.handlers)
      sources.handlers.push_back(name);
    auto loaded = load_config(sources);
    for (auto& error : loaded.errors)
      std::fprintf(stderr, "%s\n", error.c_str());
    std::ostringstream out;
    if (!loaded.ok()
        || serve(loaded.config, serve_options{}, types, out, std::cerr) != exit_code::ok)
      std::_Exit(1); // it ends before the process does only when something is wrong
  }

  std::string path_;
  std::filesystem::path folder_;
  std::array<int, 2> go_{};
  std::array<int, 2> done_{};
  std::uint16_t port_ = 0;
  pid_t clients_ = 0;
  std::thread server_;
};

} // namespace holdfast::budget
