// Who is present in a topic: counted on each shard, and over all of them.
#pragma once

#include "protocol/ids.hpp"

#include <bitset>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast {

/// Somebody has come or gone.
struct presence_change {
  std::string group;
  std::string user;
  bool came = false;
};

inline bool operator==(const presence_change& x, const presence_change& y) {
  return x.group == y.group && x.user == y.user && x.came == y.came;
}

/// Who is present in a group on one shard, each once.
struct group_presence {
  std::string group;
  std::vector<std::string> users;
};

/// One shard's own: a user with three connections is present once. Anonymous ones (an empty user)
/// are not counted, but look on. Threads: one.
class presence_roll {
public:
  /// A connection appears in a group; once until it leaves. Whether its user was not there before.
  bool appear(const std::string& group, slot_index slot, const std::string& user);

  /// Whether its user is not there any more.
  bool leave(const std::string& group, slot_index slot, const std::string& user);

  /// The connections that are told of a group. Valid until the next change.
  const std::vector<slot_index>& watchers(const std::string& group) const;

  /// Everything, of groups that somebody watches.
  std::vector<group_presence> all() const;

private:
  struct roll {
    std::vector<slot_index> watchers;
    std::map<std::string, std::size_t, std::less<>> users; // connections of each
  };

  std::unordered_map<std::string, roll> groups_; // none without a watcher
};

/// The node's: who is present on any shard. Threads: one.
class presence_table {
public:
  /// Whether the user has come to the group, or has left it, on all shards together. Repeating
  /// oneself changes nothing.
  bool came(shard_index shard, const std::string& group, const std::string& user);
  bool left(shard_index shard, const std::string& group, const std::string& user);

  /// Everything of one shard, in place of what it has said before: what that changes.
  std::vector<presence_change> announced(shard_index shard, const std::vector<group_presence>& all);

  /// Of a group, at most `limit` of them, in the order of their names.
  std::vector<std::string> users(const std::string& group, std::size_t limit) const;
  std::size_t count(const std::string& group) const;

  std::size_t groups() const { return groups_.size(); }

private:
  using shards = std::bitset<max_shards>;

  std::unordered_map<std::string, std::map<std::string, shards, std::less<>>> groups_;
};

} // namespace holdfast
