// Writes the node's events as lines, without ever making an event loop wait for a disk or a pipe.
#pragma once

#include "actors/events.hpp"
#include "app/config.hpp"
#include "protocol/time.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace holdfast {

/// One line for an event, with its newline. `when` is the wall clock.
std::string format_event(log_format format, wall_time when, log_level level, std::string_view event,
                         std::initializer_list<event_field> fields);

/// A queue in front of one descriptor, with a thread that empties it. What finds the queue full,
/// and what the descriptor does not take, is dropped and counted, and a line that gets through says
/// how much it was.
class log_writer final : public event_log {
public:
  /// Does not own `descriptor`.
  log_writer(int descriptor, log_format format, log_level threshold);

  /// Writes what is queued. A reader that takes nothing for a second is given up.
  ~log_writer() override;

  bool wants(log_level level) const override {
    return level >= threshold_.load(std::memory_order_relaxed);
  }

  /// Threads: any.
  void set_threshold(log_level threshold) {
    threshold_.store(threshold, std::memory_order_relaxed);
  }

  void write(log_level level, std::string_view event,
             std::initializer_list<event_field> fields) override;

  /// Calls `done` on the writer's thread when everything that is queued now was written.
  void when_written(std::function<void()> done);

  /// Lines that were dropped so far. Threads: any.
  std::uint64_t lost() const { return lost_; }

private:
  void run();
  void put_all(const std::vector<std::string>& lines);
  bool put(std::string_view text);
  bool takes_some();
  void report_dropped(std::uint64_t count);
  void lose(std::uint64_t count);

  static constexpr std::size_t max_lines = 65536;

  int descriptor_;
  log_format format_;
  std::atomic<log_level> threshold_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<std::string> lines_;             // guarded by mutex_
  std::vector<std::function<void()>> waiting_; // guarded by mutex_
  std::uint64_t dropped_ = 0;                  // guarded by mutex_; not said yet
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> ending_{false};
  bool gave_up_ = false; // the writer's thread only
  std::thread thread_;
};

} // namespace holdfast
