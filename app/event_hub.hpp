// Passes the node's events on to whoever listens at the moment, beside the log.
#pragma once

#include "actors/events.hpp"
#include "protocol/time.hpp"

#include <asio/io_context.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast {

/// An event that has left the call that made it.
struct event_record {
  wall_time when{};
  log_level level = log_level::info;
  std::string name;
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>> fields;
};

/// Here events are missing that came faster than they were taken.
struct event_gap {
  std::uint64_t missed = 0; ///< of the subscriber's levels
};

using event_news = std::variant<event_record, event_gap>;
using event_callback = std::function<void(const event_news&)>;

/// An event_log in front of another one. Subscribers hear, on the loop of `io`, the events of their
/// levels in the order in which they were written, whatever the log's own level is. Between a
/// writer and the subscribers is a queue of bounded length; it is handed over as a whole, by one
/// post() for however many events have gathered.
///
/// Threads: write() and wants() any, as for every event_log; subscriptions the loop's.
class event_hub final : public event_log {
  struct subscriber;

public:
  /// Events that may wait for the loop.
  static constexpr std::size_t max_waiting = 4096;

  /// `log` and `io` outlive the hub; the hub outlives its subscriptions and the loop's last turn.
  event_hub(event_log& log, asio::io_context& io) : log_{log}, io_{io} {}

  /// Ends with its destruction, after which the callback is never called. It may be destroyed in
  /// the callback itself.
  class subscription {
  public:
    subscription() = default;
    subscription(subscription&&) = default;
    subscription& operator=(subscription&& other) noexcept {
      end();
      hub_ = other.hub_;
      who_ = std::move(other.who_);
      return *this;
    }
    ~subscription() { end(); }

    void end();

  private:
    friend class event_hub;
    subscription(event_hub* hub, std::shared_ptr<subscriber> who)
      : hub_{hub},
        who_{std::move(who)} {}

    event_hub* hub_ = nullptr;
    std::shared_ptr<subscriber> who_;
  };

  /// Calls `callback` with every event of `level` or above. A callback that writes such an event
  /// hears it in its next turn.
  [[nodiscard]] subscription subscribe(log_level level, event_callback callback);

  bool wants(log_level level) const override { return log_.wants(level) || is_heard(level); }

  void write(log_level level, std::string_view event,
             std::initializer_list<event_field> fields) override {
    log_.write(level, event, fields);
    if (is_heard(level))
      offer(level, event, fields);
  }

private:
  static constexpr std::size_t level_count = static_cast<std::size_t>(log_level::error) + 1;

  struct subscriber {
    log_level level = log_level::info;
    event_callback callback;
    bool ended = false;
  };

  using counts = std::array<std::uint64_t, level_count>; // by level

  /// The one thing that an event costs while nobody listens.
  bool is_heard(log_level level) const {
    return static_cast<std::uint8_t>(level) >= least_heard_.load(std::memory_order_relaxed);
  }

  void offer(log_level level, std::string_view event, std::initializer_list<event_field> fields);
  void hand_over();
  void tell(const event_news& news, log_level level);
  void tell_gap(const counts& dropped);
  void remove(const std::shared_ptr<subscriber>& who);
  void settle();

  event_log& log_;
  asio::io_context& io_;
  std::atomic<std::uint8_t> least_heard_{level_count};
  std::vector<std::shared_ptr<subscriber>> subscribers_; // the loop's thread only
  std::mutex mutex_;
  std::vector<event_record> waiting_; // guarded by mutex_
  counts dropped_{};                  // guarded by mutex_; after what waits
  bool posted_ = false;               // guarded by mutex_
};

} // namespace holdfast
