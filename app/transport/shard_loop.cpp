#include "app/transport/shard_loop.hpp"

#include "app/transport/listeners.hpp"
#include "app/transport/shard_unit.hpp"

#include <asio/executor_work_guard.hpp>

#include <atomic>
#include <future>
#include <pthread.h>
#include <thread>

namespace holdfast::transport {

struct shard_loop::parts {
  parts(caf::actor_system& system, const clock& time, const transport_config& settings,
        shard_index index)
    : config{settings},
      shard{index},
      loop{io, time, config},
      unit{system, time, io, loop},
      connections{loop},
      listening{std::make_shared<listeners>(loop, connections)},
      thread{[this] { run(); }} {
    bound.get_future().wait();
  }

  /// The thread exists from the beginning, because whoever spawns an actor on the unit asks which
  /// thread it is.
  void run() {
    unit.bind_to_this_thread();
    ::pthread_setname_np(::pthread_self(), ("shard-" + std::to_string(shard)).c_str());
    bound.set_value();
    auto* events = started.get_future().get();
    if (events == nullptr)
      return;
    loop.start(*events);
    listening->start();
    io.run();
    // What was posted before the end: actors that heard of their connection's.
    io.restart();
    constexpr int most_rounds = 1000;
    for (int i = 0; i < most_rounds && io.poll() > 0; ++i) {
    }
  }

  void end() {
    listening->close_all();
    loop.stop();
    unit.stop();
    io.stop();
  }

  transport_config config;
  shard_index shard;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  event_loop loop;
  shard_unit unit;
  websocket_factory connections;
  std::shared_ptr<listeners> listening;
  std::promise<void> bound;
  std::promise<transport_events*> started;
  std::atomic<bool> released{false}; // from waiting for start()
  std::atomic<bool> stopped{false};
  std::thread thread; // last: it uses all of the above
};

shard_loop::shard_loop(caf::actor_system& system, const clock& time, const transport_config& config,
                       shard_index shard)
  : parts_{std::make_unique<parts>(system, time, config, shard)} {}

shard_loop::~shard_loop() {
  stop();
  join();
}

host_unit& shard_loop::unit() {
  return parts_->unit;
}

void shard_loop::listen(const std::vector<endpoint>& where) {
  parts_->listening->bind(where);
}

std::uint16_t shard_loop::local_port(std::size_t index) const {
  return parts_->listening->local_port(index);
}

void shard_loop::start(transport_events& events) {
  if (!parts_->released.exchange(true))
    parts_->started.set_value(&events);
}

void shard_loop::stop() {
  if (!parts_->released.exchange(true))
    parts_->started.set_value(nullptr);
  if (!parts_->stopped.exchange(true))
    asio::post(parts_->io, [parts = parts_.get()] { parts->end(); });
}

void shard_loop::join() {
  if (parts_->thread.joinable())
    parts_->thread.join();
}

void shard_loop::post(std::function<void()> f) {
  asio::post(parts_->io, [parts = parts_.get(), f = std::move(f)] {
    f();
    parts->loop.end_turn();
  });
}

void shard_loop::stop_accepting() {
  parts_->listening->stop_accepting();
}

std::string shard_loop::resume_accepting() {
  return parts_->listening->resume_accepting();
}

} // namespace holdfast::transport
