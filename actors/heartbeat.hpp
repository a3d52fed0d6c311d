// The heartbeat of one shard: carries out what protocol/heartbeat.hpp decides.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/heartbeat.hpp"

#include <vector>

namespace holdfast {

class shard;

/// Hosted on its shard. The shard calls it directly with its pulse and with what connections do;
/// pings and findings go to the connections by message. Threads: its shard's.
class heartbeat_host final : public hosted<heartbeat_actor::base> {
public:
  heartbeat_host(caf::actor_config& cfg, shard* home, probe_ptr probe);

  // ---- called by the shard
  void beat(time_point now);
  void enrol(slot_index slot, time_point now) { rules_.enrol(slot, now); }
  void remove(slot_index slot) { rules_.remove(slot); }
  void pause(slot_index slot, time_point now) { rules_.pause(slot, now); }
  void resume(slot_index slot, time_point now) { rules_.resume(slot, now); }
  void pong(slot_index slot, std::uint64_t id, time_point now);
  void recovered(slot_index slot) { rules_.recovered(slot); }
  heartbeat_view look(slot_index slot) const { return rules_.view(slot); }

protected:
  heartbeat_actor::behavior_type make_behavior() override;
  void on_exit() override;

private:
  void carry_out(const heartbeat_command& command);
  template <class Message>
  void tell(slot_index slot, Message message);
  void enrol_everyone();
  void count();

  shard* shard_;
  heartbeat rules_;
  heartbeat_counters counted_; // of the rules' counters, what the shard's have in them
  std::vector<heartbeat_command> due_;
  bool pinging_ = true;
};

} // namespace holdfast
