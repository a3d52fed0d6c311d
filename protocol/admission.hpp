// How many connections a user has, how many he may have, and the verdict on one more.
#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast {

/// What happens to a user at his limit who opens one more.
enum class user_limit_policy : std::uint8_t {
  reject_newest, ///< the new connection is closed 4500
  evict_oldest,  ///< his oldest one is closed 4502
};

/// As in the configuration ("reject_newest").
std::string_view to_string(user_limit_policy policy);

struct admission_config {
  /// 0: no limit, users are counted only.
  std::size_t max_connections_per_user = 5;
  user_limit_policy on_user_limit = user_limit_policy::reject_newest;
};

/// The connection stays. `count` includes it; both are 0 for an anonymous one.
struct admitted {
  std::size_t count;
  std::size_t limit;
};

/// The connection is to be closed 4500; it is not counted.
struct rejected {
  std::size_t count;
  std::size_t limit;
};

/// The connection stays, and `evicted` (oldest first; more than one only after the limit was
/// lowered) are to be closed 4502. They are counted out already.
struct admitted_evicting {
  std::vector<connection_id> evicted;
  std::size_t count;
  std::size_t limit;
};

/// The users are being rebuilt: keep the request and ask again, once, when they are.
struct undecided {};

/// The connection left while its request was kept: nothing is counted, nothing is to be done.
struct departed {};

using verdict = std::variant<admitted, rejected, admitted_evicting, undecided, departed>;

/// A connection that was admitted, as its shard knows it.
struct user_connection {
  std::string user;
  connection_id id;
  time_point opened{}; ///< the `now` of its decide(), so that its place in the order survives
};

/// FNV-1a, 64 bits: the same in every process and on every node, which std::hash need not be.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

/// Which of `partitions` (at least 1) counts this user. Stable across processes and versions.
std::size_t partition_of(std::string_view user, std::size_t partitions);

/// The users of one partition.
///
/// For each connection that is not rejected: decide(), then left() once it has ended, in this
/// order (they come from one sender). left() is idempotent and harmless for a connection that is
/// not counted: rejected, evicted, never seen. An empty user is anonymous: always admitted, never
/// counted.
///
/// Costs: about 130 bytes for a user with one connection and a name of at most 15 bytes; time is
/// constant in the users and linear in the connections of the one concerned, unless said otherwise.
/// Threads: one.
class admission {
public:
  explicit admission(admission_config config) : config_{config} {}

  /// The verdict on `id`. Asked again for a connection that is counted, it answers `admitted`, for
  /// one that was evicted and has not left yet, `rejected`; either changes nothing.
  verdict decide(const std::string& user, connection_id id, time_point now);

  /// The connection has ended. Whether it was counted until now.
  bool left(const std::string& user, connection_id id);

  /// Counts a connection that was admitted before, whatever the limit. Whether it is new here.
  bool restore(const std::string& user, connection_id id, time_point opened);

  /// Connections above their user's limit, the newest of each user first: to be closed 4500. They
  /// are counted until they have left. Empty during a rebuild. Linear in the users.
  std::vector<user_connection> excess() const;

  /// Forgets everyone; shards 0 to `shards` - 1 are to say whom they have. Until all of them are
  /// done, decide() answers `undecided`, while left() and restore() work as always.
  void begin_rebuild(std::size_t shards);

  /// Some of a shard's admitted connections; those whose verdict is out are not among them.
  /// Ignored unless that shard is awaited: after its shard_done() this would be old news.
  void snapshot(shard_index shard, const std::vector<user_connection>& live);

  /// The shard has said everything. `true` when it was the last one: ask again now for whatever
  /// was undecided, in the order in which it came, and then see to excess().
  bool shard_done(shard_index shard);

  bool rebuilding() const { return awaited_.any(); }

  /// Shards that are not done.
  std::vector<shard_index> missing_shards() const;

  /// What a sweep had to mend; if it is counted, it is a defect somewhere.
  struct mended {
    std::size_t forgotten = 0;  ///< counted, but their shard does not have them
    std::size_t registered = 0; ///< their shard has them, but they were not counted
    /// Evicted, and their shard does not close them: it may not have heard of it. No defect as long
    /// as the word is on its way.
    std::vector<connection_id> lingering;
  };

  /// Compares with all of one shard's admitted connections (of this partition) and mends; excess()
  /// may have grown. `live` takes its turn among the shard's decide() and left(), or what left in
  /// between comes back. Spared are `waiting`, on whom the shard has no verdict yet, and those
  /// admitted at or after `since`. Also spared are evicted ones that the shard has not closed yet.
  /// Nothing is done during a rebuild. Linear in everything.
  mended reconcile(incarnation node, shard_index shard, const std::vector<user_connection>& live,
                   time_point since, const std::vector<connection_id>& waiting = {});

  /// Takes effect at the next decide(). Whoever is above a lowered limit stays until he leaves or
  /// the caller closes excess().
  void set_limit(std::size_t max_connections_per_user);
  std::size_t limit() const { return config_.max_connections_per_user; }

  std::size_t count(const std::string& user) const;

  /// Of a user, in the order of their admission.
  std::vector<connection_id> connections_of(const std::string& user) const;
  std::size_t users() const { return users_.size(); }
  std::size_t connections() const { return connections_; }

  /// Users who have their limit, or more.
  std::size_t users_at_limit() const;

  /// Users who have more than `percent` of their limit. 0 without a limit.
  std::size_t users_over(unsigned percent) const;

  /// Users with the most connections, and how many they have; most first, then by name. Linear in
  /// the users. Views hold until the next change.
  std::vector<std::pair<std::string_view, std::size_t>> most_connected(std::size_t limit) const;

private:
  struct counted {
    connection_id id;
    time_point opened;
  };
  using connections_of_user = std::vector<counted>; // in the order of admission
  using users_map = std::unordered_map<std::string, connections_of_user>;

  bool above_limit(std::size_t count) const { return limit() != 0 && count > limit(); }
  std::vector<connection_id> evict(connections_of_user& held);
  void forget_missing(incarnation node, shard_index shard, const std::vector<connection_id>& live,
                      time_point since, mended& result);
  void recount(std::size_t before, std::size_t after);

  admission_config config_;
  users_map users_; // nobody without a connection
  std::size_t connections_ = 0;
  std::vector<std::size_t> users_by_count_; // [n]: users who have n connections

  std::bitset<max_shards> awaited_;
  std::unordered_set<connection_id> undecided_; // told to ask again
  std::unordered_set<connection_id> departed_;  // left since, and will be asked about
  std::unordered_set<connection_id> evicted_;   // counted out, but not gone yet
};

} // namespace holdfast
