// How many connections the node holds, and how many it and each of its users may: one place for
// all its shards.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace holdfast {

/// The node's total limit, exact to the connection: no shard refuses while another still has room,
/// and all of them together never hold more than `limit`.
///
/// Threads: any function from any thread. It counts and publishes nothing else, so its operations
/// are relaxed.
class capacity {
public:
  /// `reserve` of the `limit` places are kept for priority users; see set_limits(). `per_user` is
  /// only kept here: the members of the pool count each user's connections.
  explicit capacity(std::size_t limit, std::size_t reserve = 0, std::size_t per_user = 0);

  capacity(const capacity&) = delete;
  capacity& operator=(const capacity&) = delete;

  /// Takes one place: for a priority user while fewer than limit() are taken, for others while
  /// fewer than limit() - reserve() are. Whoever got `true` calls give() once.
  bool take(bool priority);

  /// Gives one place back. `false` when none was taken: a defect of the caller, counted by him;
  /// the count stays at zero.
  bool give();

  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }
  std::size_t limit() const { return limits_.load(std::memory_order_relaxed).total; }
  std::size_t reserve() const { return limits_.load(std::memory_order_relaxed).reserve; }

  /// Changes both at once. Below taken() nobody is closed: new ones are refused until the count
  /// has sunk. A reserve above the limit is the whole limit; either is cut to 2^32 - 1. A take()
  /// under way on another thread may still go by the limits it has read.
  void set_limits(std::size_t limit, std::size_t reserve);

  /// Connections that one user may have; 0: no limit.
  std::size_t per_user() const { return per_user_.load(std::memory_order_relaxed); }
  void set_per_user(std::size_t limit) { per_user_.store(limit, std::memory_order_relaxed); }

private:
  // In one word, so that nobody sees the limit of one setting with the reserve of another.
  struct limits {
    std::uint32_t total;
    std::uint32_t reserve;
  };
  static_assert(std::atomic<limits>::is_always_lock_free);

  static limits clamped(std::size_t limit, std::size_t reserve);

  // Apart: limits_ is read by every shard at every handshake and hardly ever written.
  alignas(64) std::atomic<limits> limits_;
  std::atomic<std::size_t> per_user_;
  alignas(64) std::atomic<std::size_t> taken_{0};
};

} // namespace holdfast
