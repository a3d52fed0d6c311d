#include "protocol/presence.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace holdfast {

// ---- a shard's

bool presence_roll::appear(const std::string& group, slot_index slot, const std::string& user) {
  auto& [watchers, users] = groups_[group];
  watchers.push_back(slot);
  return !user.empty() && ++users[user] == 1;
}

bool presence_roll::leave(const std::string& group, slot_index slot, const std::string& user) {
  auto found = groups_.find(group);
  if (found == groups_.end())
    return false;
  auto& [watchers, users] = found->second;
  auto at = std::find(watchers.begin(), watchers.end(), slot);
  if (at == watchers.end())
    return false;
  *at = watchers.back();
  watchers.pop_back();
  auto last = false;
  if (auto counted = users.find(user); counted != users.end() && --counted->second == 0) {
    users.erase(counted);
    last = true;
  }
  if (watchers.empty())
    groups_.erase(found);
  return last;
}

const std::vector<slot_index>& presence_roll::watchers(const std::string& group) const {
  static const std::vector<slot_index> nobody;
  auto found = groups_.find(group);
  return found == groups_.end() ? nobody : found->second.watchers;
}

std::vector<group_presence> presence_roll::all() const {
  std::vector<group_presence> result;
  for (auto& [group, roll] : groups_) {
    group_presence x{group, {}};
    for (auto& [user, connections] : roll.users)
      x.users.push_back(user);
    result.push_back(std::move(x));
  }
  return result;
}

// ---- the node's

bool presence_table::came(shard_index shard, const std::string& group, const std::string& user) {
  auto& on = groups_[group][user];
  auto first = on.none();
  on.set(shard);
  return first;
}

bool presence_table::left(shard_index shard, const std::string& group, const std::string& user) {
  auto found = groups_.find(group);
  if (found == groups_.end())
    return false;
  auto there = found->second.find(user);
  if (there == found->second.end() || !there->second.test(shard))
    return false;
  if (there->second.reset(shard).any())
    return false;
  found->second.erase(there);
  if (found->second.empty())
    groups_.erase(found);
  return true;
}

std::vector<presence_change> presence_table::announced(shard_index shard,
                                                       const std::vector<group_presence>& all) {
  std::set<std::pair<std::string, std::string>> now;
  for (auto& x : all)
    for (auto& user : x.users)
      now.emplace(x.group, user);
  std::vector<presence_change> gone;
  for (auto& [group, users] : groups_)
    for (auto& [user, on] : users)
      if (on.test(shard) && now.count({group, user}) == 0)
        gone.push_back({group, user, false});
  std::vector<presence_change> changes;
  for (auto& x : gone)
    if (left(shard, x.group, x.user))
      changes.push_back(x);
  for (auto& [group, user] : now)
    if (came(shard, group, user))
      changes.push_back({group, user, true});
  return changes;
}

std::vector<std::string> presence_table::users(const std::string& group, std::size_t limit) const {
  std::vector<std::string> result;
  auto found = groups_.find(group);
  if (found == groups_.end())
    return result;
  for (auto& [user, on] : found->second) {
    if (result.size() == limit)
      break;
    result.push_back(user);
  }
  return result;
}

std::size_t presence_table::count(const std::string& group) const {
  auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.size();
}

} // namespace holdfast
