#include "app/transport/event_loop.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <system_error>

namespace holdfast::transport {

namespace {

constexpr int batch_size = 256;

int make_epoll() {
  auto fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0)
    throw std::system_error{errno, std::system_category(), "epoll_create1"};
  return fd;
}

} // namespace

event_loop::event_loop(asio::io_context& io, const clock& time, const transport_config& config)
  : clock_{time},
    config_{config},
    io_{io},
    ready_{io, make_epoll()},
    ticker_{io},
    wheel_{time.now(), config.tick} {}

event_loop::~event_loop() = default;

void event_loop::start(transport_events& events) {
  events_ = &events;
  next_tick_ = now();
  wait_ready();
  wait_tick();
}

void event_loop::stop() {
  stopped_ = true;
  ready_.cancel();
  ticker_.cancel();
  auto ending = live_;
  for (auto& who : ending)
    who->on_stop();
  end_turn();
}

bool event_loop::watch(int fd, std::uint32_t bits, watcher& who) {
  epoll_event event{};
  event.events = bits;
  event.data.ptr = &who;
  return ::epoll_ctl(ready_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void event_loop::unwatch(int fd) {
  ::epoll_ctl(ready_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void event_loop::adopt(const std::shared_ptr<watcher>& who) {
  who->live_at_ = live_.size();
  live_.push_back(who);
}

void event_loop::release(watcher& who) {
  who.disarm();
  auto at = who.live_at_;
  released_.push_back(std::move(live_[at]));
  if (at + 1 != live_.size()) {
    live_[at] = std::move(live_.back());
    live_[at]->live_at_ = at;
  }
  live_.pop_back();
}

void event_loop::wait_ready() {
  ready_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& ec) {
    if (ec || stopped_)
      return;
    handle_batch();
    end_turn();
    wait_ready();
  });
}

std::size_t event_loop::handle_batch() {
  epoll_event events[batch_size];
  auto n = ::epoll_wait(ready_.native_handle(), events, batch_size, 0);
  for (int i = 0; i < n; ++i) {
    static_cast<watcher*>(events[i].data.ptr)->on_ready(events[i].events);
    run_later();
  }
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

/// One pass over whatever is ready now. Sockets are edge triggered, so that each is met once
/// unless more arrives meanwhile; the bound holds against those that never fall silent.
void event_loop::read_ready() {
  run_turns();
  for (auto rounds = live_.size() / batch_size + 1; rounds > 0; --rounds) {
    if (handle_batch() < batch_size)
      break;
  }
}

void event_loop::wait_tick() {
  next_tick_ += config_.tick;
  ticker_.expires_at(next_tick_);
  ticker_.async_wait([this](const asio::error_code& ec) {
    if (!ec && !stopped_)
      tick();
  });
}

void event_loop::tick() {
  auto time = now();
  events_->measured({std::max(time - next_tick_, duration::zero()), queued_bytes_});
  if (time - next_tick_ > config_.stall) {
    // Nobody may be judged by what was waiting to be read while this thread did not run.
    read_ready();
    time = now();
  }
  if (time > next_tick_ + config_.tick)
    next_tick_ = time;
  wheel_.advance(time, [this](wheel_entry& entry) {
    static_cast<watcher&>(entry).on_deadline();
    run_later();
  });
  events_->tick(time);
  end_turn();
  wait_tick();
}

void event_loop::run_later() {
  while (!later_.empty()) {
    running_.swap(later_);
    for (auto& who : running_)
      who->on_later();
    running_.clear();
  }
}

void event_loop::run_turns() {
  auto turns = std::move(turns_);
  turns_.clear();
  for (auto& who : turns) {
    who->on_turn();
    run_later();
  }
}

void event_loop::end_turn() {
  if (events_ == nullptr)
    return;
  run_later();
  events_->turn_ended();
  run_later();
  released_.clear();
  if (turns_.empty() || turns_posted_ || stopped_)
    return;
  turns_posted_ = true;
  asio::post(io_, [this] {
    turns_posted_ = false;
    run_turns();
    end_turn();
  });
}

} // namespace holdfast::transport
