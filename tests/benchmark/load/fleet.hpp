// Many WebSocket clients on one thread and one epoll set.
#pragma once

#include "tests/benchmark/load/client.hpp"
#include "tests/benchmark/load/conversation.hpp"
#include "tests/benchmark/load/failure.hpp"
#include "tests/benchmark/load/handshake.hpp"
#include "tests/benchmark/load/sockets.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace holdfast::load {

/// How clients come.
struct opening {
  double rate = 0;          ///< connections a second; 0: as many as `window` lets through
  std::size_t window = 256; ///< handshakes in progress at most
  duration timeout = std::chrono::seconds{10}; ///< for one handshake
  duration limit = std::chrono::minutes{5};    ///< for all of them
};

/// What one client asks for.
struct identity {
  std::string user; ///< empty: anonymous
  bool leased = false;
};

/// The clients of one run. Everything happens on the calling thread, inside open(), run_until(),
/// flush() and close_all(); nothing waits without a limit.
class fleet {
public:
  /// Throws `failure` if this process may not open `size` sockets.
  fleet(target to, std::size_t size, traffic& events)
    : target_{std::move(to)},
      events_{events},
      talk_{events},
      clients_(size) {
    raise_descriptor_limit(size);
    for (std::size_t i = 0; i < size; ++i)
      clients_[i].index = static_cast<std::uint32_t>(i);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0)
      throw system_failure("epoll_create1");
  }

  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  ~fleet() {
    for (auto& c : clients_)
      if (c.fd >= 0)
        ::close(c.fd);
    ::close(epoll_);
  }

  /// Connects everyone; returns when each is open or refused. Throws `failure` if the server is not
  /// there, or if local resources are exhausted.
  void open(const opening& how, const std::function<identity(std::size_t)>& who) {
    auto began = now();
    std::size_t begun = 0;
    while (settled_ < clients_.size()) {
      std::chrono::duration<double> passed = now() - began;
      if (passed > how.limit)
        throw failure{std::to_string(clients_.size() - settled_)
                      + " clients were still not connected "
                      + std::to_string(how.limit / std::chrono::seconds{1}) + " s after the first"};
      auto due = how.rate > 0 ? std::ceil(passed.count() * how.rate) : INFINITY;
      while (begun < clients_.size() && begun - settled_ < how.window
             && static_cast<double>(begun) < due) {
        connect(clients_[begun], who(begun));
        ++begun;
      }
      refuse_late(begun, how.timeout);
      poll(std::chrono::milliseconds{how.rate > 0 ? 1 : 100});
    }
  }

  /// Handles events until `done()` or `deadline`; says whether it was done.
  template <class Done>
  bool run_until(time_point deadline, Done done) {
    while (!done()) {
      auto left = deadline - now();
      if (left <= duration::zero())
        return false;
      poll(std::min<duration>(left, std::chrono::milliseconds{100}));
    }
    return true;
  }

  /// Handles events until `deadline`.
  void run(time_point deadline) {
    run_until(deadline, [] { return false; });
  }

  /// Queues a message; it is written after the current event, or by flush().
  void send(client& c, opcode op, std::string_view payload) { talk_.send(c, op, payload); }

  /// Writes what is queued, as far as the socket takes it.
  void flush(client& c) {
    if (c.fd < 0)
      return;
    std::size_t done = 0;
    while (done < c.out.size()) {
      auto n = ::send(c.fd, c.out.data() + done, c.out.size() - done, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != EAGAIN)
        return lose(c, std::strerror(errno));
      if (n < 0)
        break;
      done += static_cast<std::size_t>(n);
    }
    c.out.erase(0, done);
    if (c.out.empty()) {
      pongs_sent_ += c.unsent_pongs;
      c.unsent_pongs = 0;
    }
    if (c.waits_for_room == c.out.empty())
      wait_for_room(c, !c.out.empty());
  }

  /// Closes every open client with 1000. Returns how many got no answer within `limit`.
  std::size_t close_all(duration limit = std::chrono::seconds{30}) {
    for (auto& c : clients_) {
      if (c.state != client_state::open)
        continue;
      talk_.begin_close(c, 1000);
      flush(c);
    }
    run_until(now() + limit, [this] { return living_ == 0; });
    return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(),
                    [](const client& c) { return c.close_begun && !c.close_heard; }));
  }

  /// Lets run_until() look again at once when `fd` becomes readable.
  void watch(int fd) { control(EPOLL_CTL_ADD, fd, EPOLLIN, watched); }

  static time_point now() { return std::chrono::steady_clock::now(); }

  std::vector<client>& clients() { return clients_; }
  std::size_t opened() const { return opened_; }
  /// With a socket after a successful handshake, closing ones included.
  std::size_t living() const { return living_; }
  /// Open, neither side having begun to close.
  std::size_t open_now() const {
    return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(),
                    [](const client& c) { return c.state == client_state::open; }));
  }
  /// Pongs that the kernel took whole.
  std::uint64_t pongs_sent() const { return pongs_sent_; }
  /// Clients cut off because the server sent what no server may, or fragments.
  std::uint64_t garbled() const { return talk_.garbled(); }
  /// Clients that never opened, by what they were told.
  const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }

private:
  static constexpr std::uint32_t watched = UINT32_MAX;

  void control(int operation, int fd, std::uint32_t interest, std::uint32_t index) {
    epoll_event event{};
    event.events = interest;
    event.data.u32 = index;
    if (::epoll_ctl(epoll_, operation, fd, &event) != 0)
      throw system_failure("epoll_ctl");
  }

  void wait_for_room(client& c, bool wait) {
    c.waits_for_room = wait;
    control(EPOLL_CTL_MOD, c.fd, wait ? EPOLLIN | EPOLLOUT : EPOLLIN, c.index);
  }

  void connect(client& c, const identity& who) {
    c.fd = open_socket(target_, c.index);
    c.state = client_state::connecting;
    c.began = now();
    c.leased = who.leased;
    c.out = handshake_request(target_, who.user, who.leased);
    c.waits_for_room = true;
    auto* address = reinterpret_cast<const sockaddr*>(&target_.address);
    if (::connect(c.fd, address, target_.address_size) != 0 && errno != EINPROGRESS)
      return connect_failed(c, errno);
    control(EPOLL_CTL_ADD, c.fd, EPOLLOUT, c.index);
  }

  void connect_failed(client& c, int error) {
    if (error == EADDRNOTAVAIL)
      throw failure{"no local port left for connection " + std::to_string(c.index + 1)
                    + " (net.ipv4.ip_local_port_range)"};
    if (error == ECONNREFUSED && opened_ == 0)
      throw failure{target_.host + " refuses connections: is the server running?"};
    lose(c, std::string{"connect: "} + std::strerror(error));
  }

  // Clients begin in order, so the oldest handshake is the first that is not settled.
  void refuse_late(std::size_t begun, duration timeout) {
    auto waits = [](const client& c) {
      return c.state == client_state::connecting || c.state == client_state::handshaking;
    };
    for (; oldest_ < begun; ++oldest_) {
      auto& c = clients_[oldest_];
      if (!waits(c))
        continue;
      if (now() - c.began < timeout)
        return;
      lose(c, "no answer to the handshake in time");
    }
  }

  void poll(duration limit) {
    std::array<epoll_event, 256> events{};
    auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
    auto n = ::epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(ms));
    if (n < 0 && errno != EINTR)
      throw system_failure("epoll_wait");
    for (int i = 0; i < n; ++i)
      if (auto& event = events[static_cast<std::size_t>(i)]; event.data.u32 != watched)
        handle(clients_[event.data.u32], event.events);
  }

  void handle(client& c, std::uint32_t events) {
    if (c.fd < 0)
      return;
    if (c.state == client_state::connecting) {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0)
        return connect_failed(c, error);
      c.state = client_state::handshaking;
    }
    if ((events & ~std::uint32_t{EPOLLOUT}) != 0)
      read(c);
    if (c.fd >= 0 && (!c.out.empty() || c.waits_for_room))
      flush(c);
  }

  void read(client& c) {
    for (;;) {
      auto n = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0)
        return lose(c, n == 0 ? "closed before the handshake" : std::strerror(errno));
      auto was_open = c.state != client_state::handshaking;
      auto fault = talk_.digest(c, {buffer_.data(), static_cast<std::size_t>(n)}, now());
      if (!was_open && c.state != client_state::handshaking)
        ++opened_, ++settled_, ++living_;
      if (fault)
        return lose(c, *fault);
      if (static_cast<std::size_t>(n) < buffer_.size())
        return;
    }
  }

  // The socket is of no use any more, whoever is to blame.
  void lose(client& c, const std::string& why) {
    ::close(c.fd);
    c.fd = -1;
    auto opened = c.state == client_state::open || c.state == client_state::closing;
    c.state = client_state::ended;
    if (!opened) {
      ++refusals_[why];
      ++settled_;
      return;
    }
    --living_;
    events_.ended(c, now());
  }

  target target_;
  traffic& events_;
  conversation talk_;
  std::vector<client> clients_;
  int epoll_ = -1;
  std::size_t oldest_ = 0;
  std::size_t settled_ = 0;
  std::size_t opened_ = 0;
  std::size_t living_ = 0;
  std::uint64_t pongs_sent_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
  std::array<char, 65536> buffer_{};
};

} // namespace holdfast::load
