// How the clients of a fleet come.
#include "app/bench/failure.hpp"
#include "app/bench/figures.hpp"
#include "app/bench/fleet.hpp"
#include "app/bench/handshake.hpp"
#include "app/bench/interruption.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>

namespace holdfast::bench {

namespace {

/// For all of them, besides what `open_rate` takes.
constexpr std::chrono::minutes opening_limit{5};

bool shakes_hands(const client& c) {
  switch (c.state) {
  case client_state::connecting:
  case client_state::securing:
  case client_state::handshaking: return true;
  case client_state::unused:
  case client_state::open:
  case client_state::closing:
  case client_state::ended: return false;
  }
  return false;
}

} // namespace

void fleet::open(const std::function<bool(std::size_t)>& leased) {
  auto began = now();
  leased_ = leased;
  auto by_rate
    = options_.open_rate > 0 ? static_cast<double>(clients_.size()) / options_.open_rate : 0;
  auto limit = opening_limit + std::chrono::duration<double>{by_rate};
  line_.begin(
    {"opening", [this] { return std::uint64_t{opened_}; }, "connections", clients_.size()}, began);
  while (settled_ < clients_.size() && !interrupted()) {
    if (now() - began > limit)
      throw failure{counted(clients_.size() - settled_, "client")
                    + " were still not connected after " + short_duration(now() - began)};
    open_due(began);
    refuse_late();
    poll(
      now()
      + (options_.open_rate > 0 ? std::chrono::milliseconds{1} : std::chrono::milliseconds{100}));
  }
  line_.clear();
  if (opened_ == 0 && !interrupted())
    nobody_opened();
}

void fleet::open_due(time_point began) {
  auto rate = options_.open_rate;
  auto due = rate > 0 ? std::ceil(seconds_of(now() - began) * rate) : INFINITY;
  while (begun_ < clients_.size() && begun_ - settled_ < options_.window
         && static_cast<double>(begun_) < due) {
    connect(clients_[begun_], leased_ && leased_(begun_));
    ++begun_;
  }
}

void fleet::connect(client& c, bool leased) {
  c.fd = open_socket(address_, c.index);
  c.state = client_state::connecting;
  c.began = now();
  c.leased = leased;
  c.out = handshake_request(
    target_, {options_.user_of(c.index), leased, options_.topic_of(c.index)}, options_.headers);
  c.waits_for_room = true;
  auto* address = reinterpret_cast<const sockaddr*>(&address_.address);
  if (::connect(c.fd, address, address_.size) != 0 && errno != EINPROGRESS)
    return connect_failed(c, errno);
  control(EPOLL_CTL_ADD, c.fd, EPOLLOUT, c.index);
}

void fleet::connect_failed(client& c, int error) {
  if (error == EADDRNOTAVAIL)
    throw failure{"no local port is left for connection " + std::to_string(c.index + 1)
                  + ": widen net.ipv4.ip_local_port_range or ask for fewer --connections"};
  if (error == ECONNREFUSED && opened_ == 0)
    throw failure{"nobody listens on " + target_.host + " port " + std::to_string(target_.port)
                  + " (connection refused): is the server running?"};
  if (opened_ == 0)
    throw failure{"cannot connect to " + target_.host + " port " + std::to_string(target_.port)
                  + ": " + std::strerror(error)};
  lose(c, std::string{"connect: "} + std::strerror(error));
}

// Whether the client can go on now.
bool fleet::connected(client& c) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    connect_failed(c, error);
    return false;
  }
  if (tls_)
    c.tls = tls_->begin(c.fd);
  c.state = tls_ ? client_state::securing : client_state::handshaking;
  return true;
}

bool fleet::secured(client& c) {
  auto step = tls_handshake(*c.tls);
  if (step.result == io_result::done) {
    c.state = client_state::handshaking;
    return true;
  }
  if (step.result == io_result::again) {
    if (c.waits_for_room != step.wants_room)
      wait_for_room(c, step.wants_room);
    return false;
  }
  auto why = tls_error(*c.tls);
  if (opened_ == 0)
    throw failure{why};
  lose(c, why);
  return false;
}

void fleet::refuse(const std::string& why) {
  constexpr std::size_t most_reasons = 20;
  constexpr std::size_t enough_tried = 256;
  auto& count = refusals_.count(why) == 0 && refusals_.size() >= most_reasons
                  ? refusals_["other reasons"]
                  : refusals_[why];
  ++count;
  ++settled_;
  if (opened_ == 0 && settled_ >= enough_tried)
    nobody_opened();
}

// Clients begin in order, so the oldest handshake is the first that is not settled.
void fleet::refuse_late() {
  for (; oldest_ < begun_; ++oldest_) {
    auto& c = clients_[oldest_];
    if (!shakes_hands(c))
      continue;
    if (now() - c.began < options_.handshake_timeout)
      return;
    if (!c.in.empty()) {
      lose(c, talk_.refusal_at_end(c));
      continue;
    }
    if (opened_ == 0)
      throw failure{target_.host + " port " + std::to_string(target_.port)
                    + " did not answer the handshake within "
                    + short_duration(options_.handshake_timeout)};
    lose(c, "no answer to the handshake in time");
  }
}

void fleet::nobody_opened() const {
  std::string text = "no connection could be opened";
  for (auto& [why, count] : refusals_)
    text += (refusals_.size() > 1 ? "\n  " + with_thousands(count) + " x " : ": ") + why;
  throw failure{text};
}

} // namespace holdfast::bench
