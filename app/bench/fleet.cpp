#include "app/bench/fleet.hpp"

#include "app/bench/failure.hpp"
#include "app/bench/handshake.hpp"
#include "app/bench/interruption.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <algorithm>

namespace holdfast::bench {

namespace {

constexpr std::chrono::milliseconds longest_wait{100};
constexpr std::chrono::seconds patience_once_interrupted{2};

io_outcome outcome_of(ssize_t returned) {
  if (returned > 0)
    return {io_result::done, static_cast<std::size_t>(returned)};
  if (returned == 0)
    return {io_result::ended};
  return {errno == EAGAIN ? io_result::again : io_result::failed};
}

io_outcome receive(client& c, char* data, std::size_t size) {
  if (c.tls)
    return tls_read(*c.tls, data, size);
  ssize_t n = 0;
  do
    n = ::recv(c.fd, data, size, 0);
  while (n < 0 && errno == EINTR);
  return outcome_of(n);
}

io_outcome transmit(client& c, const char* data, std::size_t size) {
  if (c.tls)
    return tls_write(*c.tls, data, size);
  ssize_t n = 0;
  do
    n = ::send(c.fd, data, size, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return outcome_of(n);
}

/// How much of the `left` bytes to write at once: some number up to `c.piece`, always the same one
/// for the same client and rest.
std::size_t piece_of(const client& c, std::size_t left) {
  auto mixed = (left + 1) * 0x9e3779b97f4a7c15 + c.index * 0xbf58476d1ce4e5b9;
  auto piece = 1 + (mixed >> 32) % c.piece;
  return std::min<std::size_t>(left, std::max<std::size_t>(piece, c.blocked));
}

} // namespace

fleet::fleet(const url& to, const fleet_options& options, traffic& events, progress& line)
  : target_{to},
    options_{options},
    events_{events},
    line_{line},
    talk_{events, offered_protocols(options.headers)},
    address_{choose(resolve(to), options.handshake_timeout)},
    clients_(options.connections) {
  raise_descriptor_limit(options.connections);
  if (to.secure)
    tls_.emplace(to, options.insecure);
  for (std::size_t i = 0; i < clients_.size(); ++i)
    clients_[i].index = static_cast<std::uint32_t>(i);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0)
    throw system_failure("epoll_create1");
}

fleet::~fleet() {
  for (auto& c : clients_)
    if (c.fd >= 0)
      ::close(c.fd);
  ::close(epoll_);
}

bool fleet::run_until(time_point deadline, const std::function<bool()>& done) {
  while (!done()) {
    if (interrupted() || now() >= deadline)
      return false;
    poll(deadline);
  }
  return true;
}

void fleet::run(time_point deadline) {
  run_until(deadline, [this] { return living_ == 0; });
}

bool fleet::settle(duration limit, const std::function<bool()>& done) {
  auto began = now();
  while (!done()) {
    auto patience = interrupted() ? std::min<duration>(limit, patience_once_interrupted) : limit;
    if (living_ == 0 || now() - began >= patience)
      return false;
    poll(began + patience);
  }
  return true;
}

void fleet::flush(client& c) {
  if (c.fd < 0)
    return;
  std::size_t done = 0;
  while (done < c.out.size()) {
    auto left = c.out.size() - done;
    auto size = c.piece == 0 ? left : piece_of(c, left);
    auto sent = transmit(c, c.out.data() + done, size);
    c.blocked = sent.result == io_result::again ? static_cast<std::uint32_t>(size) : 0;
    if (sent.result == io_result::ended || sent.result == io_result::failed)
      return lose(c, why_lost(c, sent.result));
    done += sent.bytes;
    if (sent.result == io_result::again || c.piece != 0)
      break; // the next piece goes out in the next round
  }
  c.out.erase(0, done);
  if (c.out.empty()) {
    pongs_sent_ += c.unsent_pongs;
    c.unsent_pongs = 0;
    c.piece = 0;
  }
  if (c.waits_for_room == c.out.empty())
    wait_for_room(c, !c.out.empty());
}

std::size_t fleet::close_all() {
  constexpr std::chrono::seconds for_answers{30};
  // A server that has answered and leaves the end to us is not waited for.
  constexpr std::chrono::seconds for_its_end{2};
  for (auto& c : clients_) {
    if (c.state != client_state::open)
      continue;
    talk_.begin_close(c, 1000);
    flush(c);
  }
  auto unanswered = [this] {
    return std::count_if(clients_.begin(), clients_.end(),
                         [](const client& c) { return c.close_begun && !c.close_heard; });
  };
  settle(for_answers, [&] { return unanswered() == 0; });
  settle(for_its_end, [] { return false; });
  return static_cast<std::size_t>(unanswered());
}

void fleet::watch(int fd) {
  control(EPOLL_CTL_ADD, fd, EPOLLIN, watched);
}

std::size_t fleet::open_now() const {
  return static_cast<std::size_t>(
    std::count_if(clients_.begin(), clients_.end(),
                  [](const client& c) { return c.state == client_state::open; }));
}

void fleet::control(int operation, int fd, std::uint32_t interest, std::uint32_t index) {
  epoll_event event{};
  event.events = interest;
  event.data.u32 = index;
  if (::epoll_ctl(epoll_, operation, fd, &event) != 0)
    throw system_failure("epoll_ctl");
}

void fleet::wait_for_room(client& c, bool wait) {
  c.waits_for_room = wait;
  control(EPOLL_CTL_MOD, c.fd, wait ? EPOLLIN | EPOLLOUT : EPOLLIN, c.index);
}

void fleet::poll(time_point until) {
  std::array<epoll_event, 256> events{};
  if (rest_ > duration::zero())
    std::this_thread::sleep_for(rest_);
  auto n = wait(events.data(), events.size(), std::min(until, turn_at_) - now());
  clock_ = now();
  line_.tick(clock_);
  take_turn();
  for (int i = 0; i < n; ++i) {
    auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.u32 == watched)
      continue;
    handle(clients_[event.data.u32], event.events);
    take_turn(); // many events take longer than a turn is apart from the next
  }
}

// In nanoseconds: what is paced does not fall on whole milliseconds.
int fleet::wait(epoll_event* events, std::size_t size, duration limit) {
  limit = std::clamp<duration>(limit, duration::zero(), longest_wait);
  timespec time{};
  time.tv_nsec = limit.count();
  auto most = static_cast<int>(size);
  auto n = ::epoll_pwait2(epoll_, events, most, &time, nullptr);
  if (n < 0 && errno == ENOSYS) // before Linux 5.11
    n = ::epoll_wait(epoll_, events, most,
                     static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(limit).count()));
  if (n < 0 && errno != EINTR)
    throw system_failure("epoll_wait");
  return n;
}

void fleet::take_turn() {
  if (clock_ < turn_at_)
    return;
  turn_at_ = time_point::max();
  events_.turn(clock_);
}

void fleet::handle(client& c, std::uint32_t events) {
  if (c.fd < 0)
    return;
  if (c.state == client_state::connecting && !connected(c))
    return;
  if (c.state == client_state::securing && !secured(c))
    return;
  // TLS may have to read in order to write.
  if (c.tls || (events & ~std::uint32_t{EPOLLOUT}) != 0)
    read(c);
  if (c.fd >= 0 && (!c.out.empty() || c.waits_for_room))
    flush(c);
}

void fleet::read(client& c) {
  for (;;) {
    auto got = receive(c, buffer_.data(), buffer_.size());
    if (got.result == io_result::again)
      return;
    if (got.result != io_result::done)
      return lose(c, why_lost(c, got.result));
    clock_ = now();
    auto was_open = c.state != client_state::handshaking;
    auto fault = talk_.digest(c, {buffer_.data(), got.bytes}, clock_);
    if (!was_open && c.state != client_state::handshaking)
      ++opened_, ++settled_, ++living_;
    if (fault)
      return lose(c, *fault);
    if (!c.tls && got.bytes < buffer_.size())
      return;
  }
}

std::string fleet::why_lost(const client& c, io_result result) const {
  if (result == io_result::failed)
    return c.tls ? tls_error(*c.tls) : std::strerror(errno);
  auto why = talk_.refusal_at_end(c);
  return c.in.empty() && !c.tls ? why + " (if the server speaks TLS, use wss://)" : why;
}

// The socket is of no use any more, whoever is to blame.
void fleet::lose(client& c, const std::string& why) {
  c.tls.reset();
  ::close(c.fd);
  c.fd = -1;
  auto opened = c.state == client_state::open || c.state == client_state::closing;
  c.state = client_state::ended;
  if (!opened)
    return refuse(why);
  --living_;
  events_.ended(c, now());
}

} // namespace holdfast::bench
