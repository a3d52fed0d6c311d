// The listening sockets of one shard.
#pragma once

#include "app/transport/event_loop.hpp"
#include "app/transport/websocket.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast::transport {

/// Binds with SO_REUSEPORT, so that each shard has sockets of its own on the same ports, and
/// accepts. When the process has no descriptors left it sheds one connection and backs off,
/// instead of being told of the others again and again.
class listeners final : public watcher {
public:
  listeners(event_loop& loop, websocket_factory& connections)
    : loop_{loop},
      connections_{connections} {}
  ~listeners() override;

  /// Binds to all of `where` or to none. Throws std::system_error that names the address. Before
  /// the loop runs, on any thread.
  void bind(const std::vector<endpoint>& where);

  /// The port of the endpoint with this index, once it is bound.
  std::uint16_t local_port(std::size_t index) const { return where_.at(index).port; }

  /// Begins to accept.
  void start();

  /// Soon, not at once: accepts what the kernel has queued, then closes the sockets.
  void stop_accepting();

  /// Listens again on the same addresses. Empty, or why that failed.
  std::string resume_accepting();

  void close_all();

  void on_ready(std::uint32_t) override {}
  void on_later() override;
  void on_deadline() override;

private:
  class socket final : public watcher {
  public:
    socket(listeners& all, int fd) : all_{all}, fd_{fd} {}
    ~socket() override { close(); }

    int descriptor() const { return fd_; }
    void close();
    void on_ready(std::uint32_t) override;

  private:
    listeners& all_;
    int fd_;
  };

  enum class accepted { one, none, failed, out_of_descriptors };

  void open(std::vector<endpoint>& where);
  void watch_all();
  void accept_batch(int fd, std::size_t most);
  accepted accept_one(int fd);
  void shed(int fd);
  void back_off();

  event_loop& loop_;
  websocket_factory& connections_;
  std::vector<endpoint> where_;
  std::vector<std::shared_ptr<socket>> sockets_;
  std::vector<std::shared_ptr<socket>> retired_; // closed; the loop may still name them
  int reserve_ = -1; // closed for a moment to accept, and turn away, one more
  duration pause_{}; // zero: accepting
  time_point quiet_until_{};
  bool stopping_ = false;
};

} // namespace holdfast::transport
