#include "protocol/admission.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace holdfast {

namespace {

bool less_id(connection_id a, connection_id b) {
  return a.node == b.node ? a.counter < b.counter : a.node.value < b.node.value;
}

template <class Connections>
auto find_id(Connections& held, connection_id id) {
  return std::find_if(held.begin(), held.end(), [id](const auto& x) { return x.id == id; });
}

} // namespace

std::string_view to_string(user_limit_policy policy) {
  switch (policy) {
  case user_limit_policy::reject_newest: return "reject_newest";
  case user_limit_policy::evict_oldest: return "evict_oldest";
  }
  return "?";
}

std::size_t partition_of(std::string_view user, std::size_t partitions) {
  // FNV's low bits mix worse than its high ones.
  auto hash = stable_hash(user);
  return static_cast<std::size_t>((hash ^ (hash >> 32)) % std::max<std::size_t>(partitions, 1));
}

verdict admission::decide(const std::string& user, connection_id id, time_point now) {
  if (user.empty())
    return admitted{0, 0};
  if (departed_.erase(id) != 0)
    return departed{};
  if (rebuilding()) {
    undecided_.insert(id);
    return undecided{};
  }
  undecided_.erase(id);
  if (evicted_.count(id) != 0)
    return rejected{count(user), limit()};
  auto& held = users_[user];
  auto before = held.size();
  if (find_id(held, id) != held.end())
    return admitted{before, limit()};
  std::vector<connection_id> evicted;
  if (above_limit(before + 1)) {
    if (config_.on_user_limit == user_limit_policy::reject_newest)
      return rejected{before, limit()};
    evicted = evict(held);
  }
  held.push_back({id, now});
  recount(before, held.size());
  if (evicted.empty())
    return admitted{held.size(), limit()};
  return admitted_evicting{std::move(evicted), held.size(), limit()};
}

// Makes room for one more.
std::vector<connection_id> admission::evict(connections_of_user& held) {
  auto last = held.begin() + static_cast<std::ptrdiff_t>(held.size() + 1 - limit());
  std::vector<connection_id> evicted;
  std::transform(held.begin(), last, std::back_inserter(evicted),
                 [](const counted& x) { return x.id; });
  held.erase(held.begin(), last);
  evicted_.insert(evicted.begin(), evicted.end());
  return evicted;
}

bool admission::left(const std::string& user, connection_id id) {
  if (undecided_.erase(id) != 0)
    departed_.insert(id);
  evicted_.erase(id);
  auto found = users_.find(user);
  if (found == users_.end())
    return false;
  auto& held = found->second;
  auto gone = find_id(held, id);
  if (gone == held.end())
    return false;
  held.erase(gone);
  recount(held.size() + 1, held.size());
  if (held.empty())
    users_.erase(found);
  return true;
}

bool admission::restore(const std::string& user, connection_id id, time_point opened) {
  if (user.empty())
    return false;
  auto& held = users_[user];
  if (find_id(held, id) != held.end())
    return false;
  auto newer = std::find_if(held.begin(), held.end(),
                            [opened](const counted& x) { return x.opened > opened; });
  held.insert(newer, {id, opened});
  recount(held.size() - 1, held.size());
  return true;
}

std::vector<user_connection> admission::excess() const {
  std::vector<user_connection> result;
  if (rebuilding() || users_over(100) == 0)
    return result;
  for (const auto& [user, held] : users_) {
    for (auto n = held.size(); above_limit(n); --n)
      result.push_back({user, held[n - 1].id, held[n - 1].opened});
  }
  return result;
}

void admission::begin_rebuild(std::size_t shards) {
  users_.clear();
  users_by_count_.clear();
  connections_ = 0;
  // Their shards still have the evicted ones or not, and will say so. undecided_ and departed_
  // stay: their requests are still kept by the caller.
  evicted_.clear();
  awaited_.reset();
  for (std::size_t i = 0; i < std::min(shards, max_shards); ++i)
    awaited_.set(i);
}

void admission::snapshot(shard_index shard, const std::vector<user_connection>& live) {
  if (!awaited_.test(shard))
    return;
  for (const auto& x : live)
    restore(x.user, x.id, x.opened);
}

bool admission::shard_done(shard_index shard) {
  if (!awaited_.test(shard))
    return false;
  awaited_.reset(shard);
  return awaited_.none();
}

std::vector<shard_index> admission::missing_shards() const {
  std::vector<shard_index> result;
  for (std::size_t i = 0; i < max_shards; ++i) {
    if (awaited_.test(i))
      result.push_back(static_cast<shard_index>(i));
  }
  return result;
}

admission::mended admission::reconcile(incarnation node, shard_index shard,
                                       const std::vector<user_connection>& live, time_point since,
                                       const std::vector<connection_id>& waiting) {
  mended result;
  if (rebuilding())
    return result;
  std::vector<connection_id> ids{waiting};
  ids.reserve(waiting.size() + live.size());
  for (const auto& x : live)
    ids.push_back(x.id);
  std::sort(ids.begin(), ids.end(), less_id);
  forget_missing(node, shard, ids, since, result);
  for (const auto& x : live) {
    if (evicted_.count(x.id) != 0)
      result.lingering.push_back(x.id);
    else if (restore(x.user, x.id, x.opened))
      ++result.registered;
  }
  return result;
}

void admission::forget_missing(incarnation node, shard_index shard,
                               const std::vector<connection_id>& live, time_point since,
                               mended& result) {
  auto missing = [&](connection_id id) {
    return id.node == node && id.shard() == shard
           && !std::binary_search(live.begin(), live.end(), id, less_id);
  };
  for (auto user = users_.begin(); user != users_.end();) {
    auto& held = user->second;
    auto before = held.size();
    auto end = std::remove_if(held.begin(), held.end(),
                              [&](const counted& x) { return x.opened < since && missing(x.id); });
    held.erase(end, held.end());
    recount(before, held.size());
    result.forgotten += before - held.size();
    user = held.empty() ? users_.erase(user) : std::next(user);
  }
  for (auto id = evicted_.begin(); id != evicted_.end();)
    id = missing(*id) ? evicted_.erase(id) : std::next(id);
}

void admission::set_limit(std::size_t max_connections_per_user) {
  config_.max_connections_per_user = max_connections_per_user;
}

std::vector<connection_id> admission::connections_of(const std::string& user) const {
  std::vector<connection_id> result;
  auto found = users_.find(user);
  if (found != users_.end())
    for (auto& each : found->second)
      result.push_back(each.id);
  return result;
}

std::size_t admission::count(const std::string& user) const {
  auto found = users_.find(user);
  return found == users_.end() ? 0 : found->second.size();
}

std::size_t admission::users_at_limit() const {
  if (limit() >= users_by_count_.size() || limit() == 0)
    return 0;
  auto first = users_by_count_.begin() + static_cast<std::ptrdiff_t>(limit());
  return std::accumulate(first, users_by_count_.end(), std::size_t{0});
}

std::size_t admission::users_over(unsigned percent) const {
  std::size_t result = 0;
  for (std::size_t n = 1; limit() != 0 && n < users_by_count_.size(); ++n) {
    if (n * 100 > percent * limit())
      result += users_by_count_[n];
  }
  return result;
}

std::vector<std::pair<std::string_view, std::size_t>>
admission::most_connected(std::size_t limit) const {
  std::vector<std::pair<std::string_view, std::size_t>> result;
  result.reserve(users_.size());
  for (auto& [user, held] : users_)
    result.emplace_back(user, held.size());
  auto end = result.begin() + static_cast<std::ptrdiff_t>(std::min(limit, result.size()));
  std::partial_sort(result.begin(), end, result.end(), [](auto& a, auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  result.erase(end, result.end());
  return result;
}

void admission::recount(std::size_t before, std::size_t after) {
  if (after >= users_by_count_.size())
    users_by_count_.resize(after + 1);
  // [0] counts nobody: a user without connections is not kept.
  if (before != 0)
    --users_by_count_[before];
  if (after != 0)
    ++users_by_count_[after];
  connections_ = connections_ - before + after;
}

} // namespace holdfast
