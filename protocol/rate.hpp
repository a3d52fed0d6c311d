// Rates: token buckets whose burst is one second's worth.
#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <unordered_map>

namespace holdfast {

/// A shard's share of a number that holds for the node, rounded up, so that the shares add up to
/// at least the whole. 0 (off) stays 0.
constexpr unsigned share_of(unsigned whole, unsigned shards) {
  return shards < 2 ? whole : whole / shards + (whole % shards != 0 ? 1 : 0);
}

/// A rate per second with a burst of as much as a second brings (at least one). 0 is off:
/// everything is granted. Rates above 10^9 count as 10^9.
///
/// The level of a bucket is one time point, the moment at which it is full again (the generic
/// cell rate algorithm), so that one `token_rate` serves any number of buckets of 8 bytes each.
class token_rate {
public:
  /// A bucket that is full whatever the time is.
  static constexpr time_point full = time_point::min();

  explicit constexpr token_rate(unsigned per_second = 0)
    : per_second_{std::min(per_second, 1'000'000'000u)} {}

  constexpr unsigned per_second() const { return per_second_; }
  constexpr bool off() const { return per_second_ == 0; }

  /// Takes one token from the bucket `full_at`, if it has one. Time that runs backwards brings
  /// none and costs none.
  constexpr bool take(time_point& full_at, time_point now) const {
    if (wait(full_at, now) > duration::zero())
      return false;
    if (!off())
      full_at = std::max(full_at, now) + interval();
    return true;
  }

  /// How long until take() succeeds; zero when it would now.
  constexpr duration wait(time_point full_at, time_point now) const {
    if (off())
      return duration::zero();
    auto after = std::max(full_at, now) + interval() - now;
    return std::max(after - interval() * per_second_, duration::zero());
  }

private:
  constexpr duration interval() const { return duration{std::chrono::seconds{1}} / per_second_; }

  unsigned per_second_;
};

/// One bucket with its rate; starts full.
class token_bucket {
public:
  explicit constexpr token_bucket(unsigned per_second = 0) : rate_{per_second} {}

  constexpr bool take(time_point now) { return rate_.take(full_at_, now); }
  constexpr duration wait(time_point now) const { return rate_.wait(full_at_, now); }
  constexpr unsigned per_second() const { return rate_.per_second(); }

  /// Goes on at another rate; what was spent at the old one is forgotten within a second.
  constexpr void set_rate(unsigned per_second) { rate_ = token_rate{per_second}; }

private:
  token_rate rate_;
  time_point full_at_ = token_rate::full;
};

/// A bucket for each key, in bounded memory. A bucket that is full again is forgotten, which is
/// within a second of its last token; when `max_keys` are not enough for one second, the key that
/// has been silent for longest is forgotten, that is, it is granted a new burst.
template <class Key, class Hash = std::hash<Key>>
class keyed_buckets {
public:
  /// About 90 bytes a key.
  keyed_buckets(unsigned per_second, std::size_t max_keys)
    : rate_{per_second},
      max_keys_{std::max<std::size_t>(max_keys, 1)} {}

  /// Takes one token of `key`. Off: granted, nothing is remembered.
  bool take(const Key& key, time_point now) {
    if (rate_.off())
      return true;
    forget_full(now);
    auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      if (by_key_.size() == max_keys_)
        forget_stalest();
      buckets_.push_back({key, token_rate::full});
      by_key_.emplace(key, std::prev(buckets_.end()));
      return rate_.take(buckets_.back().full_at, now);
    }
    buckets_.splice(buckets_.end(), buckets_, found->second);
    return rate_.take(found->second->full_at, now);
  }

  /// Keys that are remembered.
  std::size_t size() const { return by_key_.size(); }

private:
  struct bucket {
    Key key;
    time_point full_at;
  };

  // More than one, so that the table shrinks; few, so that no call pays for many others.
  static constexpr int forgotten_per_call = 4;

  void forget_full(time_point now) {
    for (int i = 0; i < forgotten_per_call; ++i) {
      if (buckets_.empty() || buckets_.front().full_at > now)
        return;
      forget_stalest();
    }
  }

  void forget_stalest() {
    by_key_.erase(buckets_.front().key);
    buckets_.pop_front();
  }

  token_rate rate_;
  std::size_t max_keys_;
  std::list<bucket> buckets_; // least recently asked for first
  std::unordered_map<Key, typename std::list<bucket>::iterator, Hash> by_key_;
};

} // namespace holdfast
