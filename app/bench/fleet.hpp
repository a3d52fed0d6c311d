// Many WebSocket clients on one thread and one epoll set.
#pragma once

#include "app/bench/client.hpp"
#include "app/bench/conversation.hpp"
#include "app/bench/options.hpp"
#include "app/bench/progress.hpp"
#include "app/bench/sockets.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

struct epoll_event;

namespace holdfast::bench {

/// The clients of one run. Everything happens on the calling thread, inside open(), run_until(),
/// settle(), flush() and close_all(); nothing waits without a limit, and all return early once
/// interrupted().
class fleet {
public:
  /// Throws `failure` if the host is not known or this process may not open so many sockets.
  fleet(const url& to, const fleet_options& options, traffic& events, progress& line);
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;
  ~fleet();

  /// Connects everyone; returns when each is open or refused. `leased` says which clients ask for
  /// holdfast.v1; empty: none. Throws `failure` if nobody could be connected, or if local resources
  /// are exhausted.
  void open(const std::function<bool(std::size_t)>& leased = {});

  /// Handles events until `done()` or `deadline`; says whether it was done.
  bool run_until(time_point deadline, const std::function<bool()>& done);

  /// Handles events until `deadline`, or until nobody is connected any more.
  void run(time_point deadline);

  /// Handles events until `done()`, for `limit` or until nobody is connected any more; for 2 s at
  /// most once interrupted(). Says whether it was done.
  bool settle(duration limit, const std::function<bool()>& done);

  /// Queues a message or control frame; it is written after the current event, or by flush().
  void send(client& c, opcode op, std::string_view payload) { talk_.send(c, op, payload); }

  /// Queues one fragment.
  void send(client& c, const frame_view& frame) { talk_.send(c, frame); }

  /// Writes what is queued, as far as the socket takes it.
  void flush(client& c);

  /// Closes every open client with 1000. Returns how many got no answer in time.
  std::size_t close_all();

  /// Lets run_until() look again at once when `fd` becomes readable.
  void watch(int fd);

  /// Has traffic::turn() called once, at `when` or soon after.
  void turn_at(time_point when) { turn_at_ = when; }

  /// Rests for so long between two looks at the sockets. On one machine it is the server who pays
  /// for waking us; a generator that waits for every message would be woken for every message.
  void rest_between_looks(duration rest) { rest_ = rest; }

  static time_point now() { return std::chrono::steady_clock::now(); }

  std::vector<client>& clients() { return clients_; }
  /// Successful handshakes.
  std::size_t opened() const { return opened_; }
  /// With a socket after a successful handshake, closing ones included.
  std::size_t living() const { return living_; }
  /// Open, neither side having begun to close.
  std::size_t open_now() const;
  /// Pongs that the kernel took whole.
  std::uint64_t pongs_sent() const { return pongs_sent_; }
  /// Clients cut off because the server sent what no server may.
  std::uint64_t garbled() const { return talk_.garbled(); }
  /// Clients that never opened, by what they were told.
  const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }

private:
  static constexpr std::uint32_t watched = UINT32_MAX;

  void control(int operation, int fd, std::uint32_t interest, std::uint32_t index);
  void wait_for_room(client& c, bool wait);
  void poll(time_point until);
  int wait(epoll_event* events, std::size_t size, duration limit);
  void take_turn();
  void handle(client& c, std::uint32_t events);
  void read(client& c);
  void lose(client& c, const std::string& why);
  std::string why_lost(const client& c, io_result result) const;

  void open_due(time_point began);
  void connect(client& c, bool leased);
  void connect_failed(client& c, int error);
  bool connected(client& c);
  bool secured(client& c);
  void refuse(const std::string& why);
  void refuse_late();
  [[noreturn]] void nobody_opened() const;

  url target_;
  fleet_options options_;
  traffic& events_;
  progress& line_;
  conversation talk_;
  endpoint address_;
  std::optional<tls_client> tls_;
  std::function<bool(std::size_t)> leased_;
  std::vector<client> clients_;
  int epoll_ = -1;
  time_point clock_{};                     ///< read last
  time_point turn_at_ = time_point::max(); ///< when to call turn()
  duration rest_{};
  std::size_t begun_ = 0;   ///< clients that connect, or have
  std::size_t oldest_ = 0;  ///< none before is still in its handshake
  std::size_t settled_ = 0; ///< open or refused
  std::size_t opened_ = 0;
  std::size_t living_ = 0;
  std::uint64_t pongs_sent_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
  std::array<char, 65536> buffer_{};
};

} // namespace holdfast::bench
