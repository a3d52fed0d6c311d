// The pool's member on one shard.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "actors/shard.hpp"
#include "actors/tracer.hpp"
#include "protocol/admission.hpp"

#include <utility>
#include <vector>

namespace holdfast {

/// Supervises its shard's connections, gives the verdict on the users of its partition, and paces
/// its shard's part of a drain. Users are partitioned over the members by a stable hash; questions
/// to the other members leave once a turn, so that a storm of handshakes wakes no other thread for
/// each of them. Threads: its shard's.
class pool_member final : public hosted<pool_member_actor::base> {
public:
  /// `again`: the predecessor has died, so the users are to be counted anew.
  pool_member(caf::actor_config& cfg, shard* home, probe_ptr probe, bool again);

  // ---- called by the shard
  void supervise(slot_index slot);
  void judge(slot_index slot);
  void pulse(time_point now);
  void flush();

protected:
  pool_member_actor::behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct asked {
    shard_index by;
    verdict_question question;
  };

  /// Had ended at a sweep, and was not released.
  struct overdue {
    connection_id id;
    time_point since;
  };

  void take_over();
  void wire(services& peers);
  void connection_down(const caf::down_msg& down);
  void release(connection& c);

  // the verdict
  void decide(const asked& x);
  void answer(const asked& x, bool admitted, std::size_t count, std::size_t limit);
  void apply(const verdict_answer& x);
  void evict(connection_id id);
  void close(connection_id id, const close_connection& command);
  void trim_excess();
  std::uint64_t deliver(const send_to_user& x);
  std::uint64_t deliver(const send_by_id& x);
  std::vector<connection_id> here(const std::string& user) const;
  std::size_t partition(const std::string& user) const;

  // rebuild and sweep
  void ask_for_snapshots();
  void refuse_the_forgotten(time_point now);
  std::vector<user_entry> entries_of(std::size_t member) const;
  std::vector<connection_id> waiting_of(std::size_t member) const;
  void take_snapshot(const snapshot_given& x);
  void sweep();

  // drain
  drain_population population() const;
  void stop(const stop_accepting& x);
  void leave(const begin_leaving& x);
  void force();
  void resume();
  void enter(phase_changed x);
  std::uint64_t clean();

  shard_status report() const;
  user_list users(std::size_t limit) const;
  errc watch(const start_trace& x);
  bool watcher_down(const caf::actor_addr& who);

  /// Calls `f(index, connection)` for every one on the shard; it may end the one it is given.
  template <class F>
  void each(F&& f) const {
    shard_->slots().for_each([&](slot_index index, slot& s) {
      auto keeper = s.keeper;
      f(index, *s.actor);
    });
  }

  shard* shard_;
  admission users_;
  tracer tracer_;
  std::vector<caf::actor_addr> watchers_; // who has started traces, until they end
  std::vector<asked> undecided_;
  std::vector<overdue> overdue_;
  std::vector<std::vector<verdict_question>> questions_; // by member, this turn's
  std::vector<std::vector<verdict_answer>> answers_;     // by shard, this turn's
  std::vector<std::vector<user_entry>> left_;            // by member, this turn's
  bool gathered_ = false;
  time_point next_report_{};
  bool again_;
};

} // namespace holdfast
