#include "app/actor_thread.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace holdfast {

namespace {

/// sched_setattr(2), of which the C library has nothing.
struct scheduling {
  std::uint32_t size = sizeof(scheduling);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};

/// Where there are fewer cores than threads, a shard waits for a slice of whoever looks: 3 ms
/// usually. This one has a tenth of a busy core, in slices of 0.2 ms. A kernel before 6.12 knows no
/// slices, and one that refuses is asked no further: it is a courtesy.
void let_others_go_first() {
  scheduling wanted;
  wanted.nice = 10;
  wanted.slice_ns = 200'000;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0U);
}

/// While it lives, threads that this one starts have every signal blocked.
class all_signals_blocked {
public:
  all_signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  all_signals_blocked(const all_signals_blocked&) = delete;
  all_signals_blocked& operator=(const all_signals_blocked&) = delete;

private:
  sigset_t before_;
};

} // namespace

void actor_thread::start() {
  all_signals_blocked inherited;
  thread_ = std::thread{[this] { run(); }};
  bound_.get_future().wait(); // whoever sends to the unit's actors asks which thread it is
}

void actor_thread::run() {
  unit_.bind_to_this_thread();
  bound_.set_value();
  ::pthread_setname_np(::pthread_self(), name_.c_str());
  if (manners_ == manners::yields)
    let_others_go_first();
  io_.run();
  finish();
}

/// What was posted before the end: actors that hear of theirs, sockets that were closed.
void actor_thread::finish() {
  io_.restart();
  constexpr int most_rounds = 1000;
  for (int i = 0; i < most_rounds && io_.poll() > 0; ++i) {
  }
}

void actor_thread::stop() {
  if (thread_.joinable()) {
    asio::post(io_, [this] { close(); });
    thread_.join();
  } else if (!closed_) { // there is no thread: what was made for it ends on this one
    unit_.bind_to_this_thread();
    close();
    finish();
  }
}

void actor_thread::close() {
  closed_ = true;
  while (!closing_.empty()) {
    auto last = std::move(closing_.back());
    closing_.pop_back();
    last();
  }
  for (auto& actor : actors_)
    if (auto handle = caf::actor_cast<caf::actor>(actor))
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  actors_.clear();
  peers_ = services{};
  io_.stop();
}

void actor_thread::remember(caf::actor_addr actor) {
  if (actors_.size() >= sweep_at_) {
    auto dead = [](const caf::actor_addr& x) { return !caf::actor_cast<caf::actor>(x); };
    actors_.erase(std::remove_if(actors_.begin(), actors_.end(), dead), actors_.end());
    sweep_at_ = std::max<std::size_t>(64, 2 * actors_.size());
  }
  actors_.push_back(std::move(actor));
}

void actor_thread::set_peers(const services& peers) {
  asio::post(io_, [this, peers] { peers_ = peers; });
}

} // namespace holdfast
