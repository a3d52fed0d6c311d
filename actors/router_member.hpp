// Who is in which group on one shard.
#pragma once

#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "protocol/presence.hpp"
#include "protocol/shared_frame.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast {

class connection;
class shard;

/// Hosted on its shard. Its table can be rebuilt from the connections, which know their groups.
/// Threads: its shard's.
class router_member final : public hosted<router_member_actor::base> {
public:
  router_member(caf::actor_config& cfg, shard* home, probe_ptr probe);

  // ---- called by connections
  void join(slot_index slot, const std::string& group);
  void leave(slot_index slot, const std::string& group);

  /// Who is in a topic already is present there from now on, and is told who else is.
  void appear(connection& c, const std::string& group);
  void disappear(const connection& c, const std::string& group);

protected:
  router_member_actor::behavior_type make_behavior() override;
  void on_exit() override;

private:
  void deliver(const publication& x);
  void tell(const presence_news& x);
  void tell(const presence_state& x);
  static shared_frame encode(const publication& x, bool for_v1);
  void announce_all();

  shard* shard_;
  router_actor router_; // the shard's own word may be older, and what it was told is lost
  std::unordered_map<std::string, std::vector<slot_index>> groups_; // none without a member
  presence_roll present_;
  std::vector<slot_index> receivers_; // of the publication at hand; a delivery may end members
};

} // namespace holdfast
