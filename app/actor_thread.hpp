// A thread for actors that may be slow, for nobody waits for them: of those who look into the node,
// and of what users have added to it.
#pragma once

#include "actors/hosting_asio.hpp"
#include "actors/interfaces.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace holdfast {

/// A loop with a thread and actors of its own, which reach the node's by messages.
///
/// Life: construct; start(); stop() before the actor system ends, which waits for every actor. What
/// stands on the loop ends by at_stop() and is destroyed after stop().
class actor_thread {
public:
  enum class manners : std::uint8_t {
    equal, ///< to the shards, where there are fewer cores than threads
    yields ///< to the shards
  };

  /// `name` is what `ps -L` shows, of at most 15 bytes.
  actor_thread(caf::actor_system& system, const clock& time, std::string name,
               manners how = manners::equal)
    : unit_{system, time, io_},
      name_{std::move(name)},
      manners_{how} {}

  ~actor_thread() { stop(); }

  actor_thread(const actor_thread&) = delete;
  actor_thread& operator=(const actor_thread&) = delete;

  asio::io_context& io() { return io_; }
  host_unit& unit() { return unit_; }

  /// Throws std::system_error when there is no thread to be had. Signals stay those of the control
  /// thread: none is delivered here.
  void start();

  /// Calls what was given to at_stop(), latest first, ends the actors that spawn() has made,
  /// carries out what can be done at once, and joins the thread. What still waits for a time or a
  /// peer never happens. Twice is as good as once. Threads: the one that has called start().
  void stop();

  /// `f` is called on the loop when it stops. Threads: the loop's, or before start().
  void at_stop(std::function<void()> f) { closing_.push_back(std::move(f)); }

  /// Spawns a function-based actor on the loop. It ends with the loop if not before. Threads: the
  /// loop's, or before start().
  template <class F, class... Ts>
  caf::infer_handle_from_fun_t<F> spawn(F fun, Ts&&... xs) {
    auto handle = spawn_on(unit_, probe_ptr{}, std::move(fun), std::forward<Ts>(xs)...);
    remember(caf::actor_cast<caf::actor_addr>(handle));
    return handle;
  }

  /// An actor of this loop that somebody else has spawned ends with the loop, too. Threads: the
  /// loop's.
  void adopt(const caf::actor& actor) { remember(caf::actor_cast<caf::actor_addr>(actor)); }

  /// A copy of the handles for this thread. Threads: any.
  void set_peers(const services& peers);

  /// As last set; empty before that and after stop(). Threads: the loop's.
  const services& peers() const { return peers_; }

private:
  void run();
  void close();
  void finish();
  void remember(caf::actor_addr actor);

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> until_stopped_{io_.get_executor()};
  asio_unit unit_;
  std::string name_;
  manners manners_;
  std::promise<void> bound_;
  services peers_;
  std::vector<std::function<void()>> closing_;
  std::vector<caf::actor_addr> actors_;
  std::size_t sweep_at_ = 64; // as many actors are remembered before the dead are forgotten
  bool closed_ = false;
  std::thread thread_;
};

} // namespace holdfast
