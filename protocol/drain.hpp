// The phases of a shutdown: what to do at time t, with how many connections open.
#pragma once

#include "protocol/drain_plan.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

/// The phases, in the order in which a drain enters them. `force_close` is left out when nobody is
/// left to be forced; force() leaves out `notify` and `draining` when it comes before them.
enum class drain_phase : std::uint8_t {
  serving,
  unready,
  stop_accepting,
  notify,
  draining,
  stop_heartbeats,
  force_close,
  cleanup,
  finished,
};

std::string_view to_string(drain_phase x);

/// Who wanted the drain.
enum class drain_reason : std::uint8_t {
  signal,
  admin,
  rollout,
  failure, ///< a supervisor has given up on an actor
};

std::string_view to_string(drain_reason x);

/// How long shards may take to stop accepting, from t; the drain goes on without those that have
/// not answered by then. "At once" in the plan: two seconds are a loop that hangs.
inline constexpr duration stop_accepting_limit = std::chrono::seconds{2};

/// What a drain begins with.
struct drain_request {
  drain_reason reason = drain_reason::signal;
  drain_config config;
  std::size_t shards = 1;            ///< that will answer `stop_accepting`
  std::vector<drain_target> targets; ///< nodes that can take over
  std::uint64_t seed = 0;            ///< any random number
};

/// A shard's answer to `stop_accepting`: its listener is closed, and nobody joins those counted.
struct accepting_stopped {
  std::uint64_t drain = 0; ///< from the command
  shard_index shard = 0;
  drain_population population;
};

/// Tell every actor that registered for it.
struct enter_phase {
  drain_phase phase = drain_phase::serving;
};

/// To every shard: accept what the kernel has queued, close the listener, refuse handshakes in
/// progress, and answer with accepting_stopped.
struct stop_accepting {
  std::uint64_t drain = 0;
};

/// To every shard: send the leases and close clients as planned. `shares[s]` is shard s's.
struct begin_leaving {
  drain_plan plan;
  std::vector<drain_share> shares;
};

/// To every shard: ping nobody any more.
struct stop_heartbeats {};

/// To every shard: close whoever is left, 1012, without regard to the plan.
struct force_close_all {};

/// To every shard: abort the TCP connections that are still there.
struct abort_all {};

/// Run the registered callbacks, all at the same time, each bounded by `cleanup_timeout`.
struct run_cleanup {};

/// Undo whatever was done: readiness, listeners and heartbeats are back, the remaining clients get
/// `drain_cancelled`, and their leases and planned closes are void. May come before
/// `stop_accepting` did.
struct resume_serving {};

/// The node may end.
struct finish {};

using drain_command = std::variant<enter_phase, stop_accepting, begin_leaving, stop_heartbeats,
                                   force_close_all, abort_all, run_cleanup, resume_serving, finish>;

/// To be carried out in their order.
using drain_commands = std::vector<drain_command>;

/// What can be seen of a drain at any moment.
struct drain_status {
  std::uint64_t drain = 0; ///< number of the last drain of this process, from 1; 0: none yet
  drain_reason reason = drain_reason::signal;
  drain_phase phase = drain_phase::serving;
  duration age{};          ///< of the phase; zero before the first drain
  duration t{};            ///< since the node stopped accepting; zero before
  duration left{};         ///< until the phase ends by itself; zero when it waits for nothing
  duration planned_end{};  ///< on the scale of t; zero before the plan is made
  std::string waiting_for; ///< for people; empty when it waits for nothing
};

/// Where the connections of a drain went; counted by the actor that owns it.
struct drain_ledger {
  std::uint64_t drain = 0;           ///< whose it is; 0: no drain's, as none has come to t
  std::uint64_t connections = 0;     ///< open at t
  std::uint64_t left = 0;            ///< the peer closed, or vanished
  std::uint64_t closed_in_slot = 0;  ///< by the plan
  std::uint64_t forced = 0;          ///< by force_close_all
  std::uint64_t aborted = 0;         ///< by abort_all, or at the end of a closing handshake
  std::uint64_t otherwise = 0;       ///< closed by the node for other causes, such as a zombie
  std::uint64_t cleanups = 0;        ///< callbacks run
  std::uint64_t cleanups_failed = 0; ///< of these, failed or late
  duration planned{};                ///< from t to the last slot's end
  duration actual{};                 ///< from t to the last receipt

  /// Connections without a receipt; negative: some have two.
  std::int64_t unaccounted() const;
};

/// The machine of one node's drains. Belongs to one thread.
///
/// Every phase has a deadline, so a drain ends within longest_drain() of its start even if nobody
/// ever answers, provided that tick() is called when next_deadline() has come. A tick that comes
/// late finds all that is due done at once. `open` is always the number of connections that have no
/// receipt yet, on all shards; call tick() when it changes too.
class drain {
public:
  /// `close_timeout`: how long a close handshake may take, from the limits.
  explicit drain(duration close_timeout) : close_timeout_{close_timeout} {}

  /// Begins a drain. Nothing, if one is running or has finished.
  drain_commands start(time_point now, drain_request request);

  /// A shard has stopped; after the last one's answer clients begin to leave. Answers that come
  /// twice, late, or for an earlier drain change nothing.
  drain_commands stopped_accepting(time_point now, const accepting_stopped& answer,
                                   std::size_t open);

  /// Time has passed or `open` has changed.
  drain_commands tick(time_point now, std::size_t open);

  /// A second signal: closes by force at once. Nothing, if no drain runs or it is past that.
  drain_commands force(time_point now, std::size_t open);

  /// Serves again. Nothing, if no drain runs or it has come to `force_close`: then it is too late.
  drain_commands cancel(time_point now);

  /// All callbacks have ended, well or not.
  drain_commands cleanup_done(time_point now);

  /// When tick() is due; nothing while no drain runs.
  std::optional<time_point> next_deadline() const { return run_.deadline; }

  drain_phase phase() const { return phase_; }

  /// Of the drain in progress, or the last one.
  const drain_config& config() const { return run_.request.config; }

  drain_status status(time_point now) const;

private:
  // What one drain knows; a new one begins with a new one of these.
  struct attempt {
    drain_request request;
    std::vector<std::optional<drain_population>> answers; // by shard
    std::optional<time_point> t;
    std::optional<time_point> deadline; // of the phase
    duration planned_end{};             // from t
    std::size_t open = 0;               // as last heard
    bool aborted = false;
  };

  std::size_t missing_answers() const;
  std::string waiting_for() const;
  void enter(time_point now, drain_phase phase, drain_commands& out);
  void enter_stop_accepting(time_point now, drain_commands& out);
  void enter_draining(time_point now, drain_commands& out);
  void enter_stop_heartbeats(time_point now, drain_commands& out);
  void enter_force_close(time_point now, drain_commands& out);
  void abort_stragglers(time_point now, drain_commands& out);
  void enter_cleanup(time_point now, drain_commands& out);
  void enter_finished(time_point now, drain_commands& out);
  bool step(time_point now, drain_commands& out);

  duration close_timeout_;
  drain_phase phase_ = drain_phase::serving;
  time_point entered_{};
  std::uint64_t number_ = 0;
  attempt run_;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, accepting_stopped& x) {
  return f(x.drain, x.shard, x.population);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_status& x) {
  return f(x.drain, x.reason, x.phase, x.age, x.t, x.left, x.planned_end, x.waiting_for);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_ledger& x) {
  return f(x.drain, x.connections, x.left, x.closed_in_slot, x.forced, x.aborted, x.otherwise,
           x.cleanups, x.cleanups_failed, x.planned, x.actual);
}

} // namespace holdfast
