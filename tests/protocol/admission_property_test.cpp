// What the pool member does with the rules of admission, at random, against a list of all
// connections with what is known of each. The shards of the test are what the member asks when it
// is rebuilt or sweeps.
#include "protocol/admission.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <ostream>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr incarnation life{7};
constexpr shard_index shards = 3;

struct step {
  enum class kind : std::uint8_t {
    connect,       ///< user `who` asks on shard `where`
    ask_again,     ///< for connection `which`
    leave,         ///< connection `which` ends
    set_limit,     ///< to `which`
    begin_rebuild, ///< the member has died
    snapshot,      ///< shard `where` says whom it has
    sweep,         ///< shard `where` is compared
    lose_leave,    ///< connection `which` ends, and nobody hears of it
    lose_restore,  ///< a connection of user `who` is known to its shard `where` only
  };

  kind what = kind::connect;
  unsigned who = 0, where = 0, which = 0;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr std::array names{"connect",  "ask_again", "leave",      "set_limit",   "begin_rebuild",
                             "snapshot", "sweep",     "lose_leave", "lose_restore"};
  return out << names[static_cast<std::size_t>(x.what)] << '(' << x.who << ", " << x.where << ", "
             << x.which << ')';
}

rc::Gen<step> any_step() {
  using kind = step::kind;
  auto what = rc::gen::weightedElement<kind>({{16, kind::connect},
                                              {2, kind::ask_again},
                                              {6, kind::leave},
                                              {1, kind::set_limit},
                                              {1, kind::begin_rebuild},
                                              {4, kind::snapshot},
                                              {2, kind::sweep},
                                              {1, kind::lose_leave},
                                              {1, kind::lose_restore}});
  return rc::gen::map(rc::gen::tuple(what, rc::gen::inRange(0u, 4u), rc::gen::inRange(0u, 3u),
                                     rc::gen::inRange(0u, 40u)),
                      [](const auto& t) {
                        return step{std::get<0>(t), std::get<1>(t), std::get<2>(t), std::get<3>(t)};
                      });
}

/// User 0 is anonymous.
std::string name_of(unsigned who) {
  return who == 0 ? "" : std::string(1, static_cast<char>('a' + who));
}

class pool {
public:
  pool(std::size_t limit, user_limit_policy policy)
    : policy_{policy},
      limit_{limit},
      rules_{admission_config{limit, policy}} {}

  void perform(const step& x) {
    now_ += 1s;
    switch (x.what) {
    case step::kind::connect: connect(name_of(x.who), shard_index(x.where)); break;
    case step::kind::ask_again: ask_again(x.which); break;
    case step::kind::leave: leave(x.which, true); break;
    case step::kind::set_limit: set_limit(x.which % 6); break;
    case step::kind::begin_rebuild: begin_rebuild(); break;
    case step::kind::snapshot: snapshot(shard_index(x.where)); break;
    case step::kind::sweep: sweep(shard_index(x.where)); break;
    case step::kind::lose_leave: leave(x.which, false); break;
    case step::kind::lose_restore: lose_restore(name_of(x.who), shard_index(x.where)); break;
    }
    check_counts();
  }

  /// Every question that was put off is answered once.
  void finish() {
    for (shard_index shard = 0; shard < shards; ++shard)
      snapshot(shard);
    RC_ASSERT(!rules_.rebuilding());
    RC_ASSERT(kept_.empty());
    check_counts();
    for (shard_index shard = 0; shard < shards; ++shard)
      sweep(shard);
    for (shard_index shard = 0; shard < shards; ++shard)
      check_mended(rules_.reconcile(life, shard, list_of(shard), now_ + 1s), 0, 0);
    check_counts();
    while (!all_.empty())
      leave(0, true);
    RC_ASSERT(rules_.users() == 0u);
    RC_ASSERT(rules_.connections() == 0u);
  }

private:
  /// What is true of a connection that has not ended.
  struct connection {
    std::string user;
    connection_id id;
    time_point opened;
    bool live = false;    ///< admitted, as its shard knows it
    bool counted = false; ///< by the rules
    bool evicted = false; ///< its shard is closing it
  };

  using list = std::vector<connection>;

  list::iterator find(connection_id id) {
    return std::find_if(all_.begin(), all_.end(), [id](auto& x) { return x.id == id; });
  }

  /// In the order of admission.
  std::vector<connection_id> counted_of(const std::string& user) const {
    std::vector<const connection*> held;
    for (auto& x : all_)
      if (x.counted && x.user == user)
        held.push_back(&x);
    std::stable_sort(held.begin(), held.end(),
                     [](auto* a, auto* b) { return a->opened < b->opened; });
    std::vector<connection_id> ids;
    for (auto* x : held)
      ids.push_back(x->id);
    return ids;
  }

  void connect(const std::string& user, shard_index shard) {
    auto id = connection_id{life, ++issued_ << 8 | shard};
    all_.push_back({user, id, now_});
    decide(user, id);
  }

  void decide(const std::string& user, connection_id id) {
    now_ += 1ns; // those of one moment would change places in a rebuild
    auto given = rules_.decide(user, id, now_);
    if (user.empty()) {
      RC_ASSERT(std::holds_alternative<admitted>(given));
      return;
    }
    if (std::any_of(awaited_.begin(), awaited_.end(), [](bool x) { return x; })) {
      RC_ASSERT(std::holds_alternative<undecided>(given));
      kept_.push_back({user, id});
      return;
    }
    auto held = counted_of(user);
    auto over = limit_ == 0 || held.size() < limit_ ? 0 : held.size() + 1 - limit_;
    if (over > 0 && policy_ == user_limit_policy::reject_newest) {
      RC_ASSERT(std::get<rejected>(given).count == held.size());
      all_.erase(find(id));
      return;
    }
    held.resize(over);
    for (auto oldest : held) {
      find(oldest)->counted = false;
      find(oldest)->evicted = true;
    }
    auto it = find(id);
    it->live = it->counted = true;
    it->opened = now_;
    if (over > 0)
      RC_ASSERT(std::get<admitted_evicting>(given).evicted == held);
    else
      RC_ASSERT(std::get<admitted>(given).count == counted_of(user).size());
    RC_ASSERT((limit_ == 0 || rules_.count(user) <= limit_));
  }

  void ask_again(unsigned which) {
    if (all_.empty() || rules_.rebuilding())
      return;
    auto& x = all_[which % all_.size()];
    if (x.user.empty() || x.counted == x.evicted)
      return;
    auto given = rules_.decide(x.user, x.id, now_);
    RC_ASSERT(std::holds_alternative<admitted>(given) == x.counted);
    RC_ASSERT(std::holds_alternative<rejected>(given) == x.evicted);
  }

  void leave(unsigned which, bool is_heard) {
    if (all_.empty())
      return;
    auto it = all_.begin() + which % all_.size();
    if (!is_heard) {
      // Only what was counted leaves a trace; the sweep is to find it.
      if (it->counted)
        it->live = false;
      return;
    }
    RC_ASSERT(rules_.left(it->user, it->id) == it->counted);
    auto kept = std::find_if(kept_.begin(), kept_.end(), [&](auto& x) { return x.id == it->id; });
    if (kept != kept_.end())
      kept->has_left = true;
    all_.erase(it);
  }

  void set_limit(std::size_t limit) {
    limit_ = limit;
    rules_.set_limit(limit);
  }

  void begin_rebuild() {
    rules_.begin_rebuild(shards);
    awaited_.fill(true);
    for (auto& x : all_)
      x.counted = x.evicted = false;
    // Nobody will tell of those whose end was not heard.
    auto has_ended = [&](auto& x) { return !x.user.empty() && !x.live && !is_kept(x.id); };
    all_.erase(std::remove_if(all_.begin(), all_.end(), has_ended), all_.end());
  }

  bool is_kept(connection_id id) const {
    return std::any_of(kept_.begin(), kept_.end(), [id](auto& x) { return x.id == id; });
  }

  std::vector<user_connection> list_of(shard_index shard) const {
    std::vector<user_connection> live;
    for (auto& x : all_)
      if (x.live && x.id.shard() == shard)
        live.push_back({x.user, x.id, x.opened});
    return live;
  }

  void snapshot(shard_index shard) {
    rules_.snapshot(shard, list_of(shard));
    if (!awaited_[shard]) {
      RC_ASSERT(!rules_.shard_done(shard));
      return;
    }
    for (auto& x : all_)
      if (x.live && x.id.shard() == shard)
        x.counted = true;
    awaited_[shard] = false;
    auto was_last = awaited_ == std::array<bool, shards>{};
    RC_ASSERT(rules_.shard_done(shard) == was_last);
    while (was_last && !kept_.empty()) {
      auto question = kept_.front();
      kept_.pop_front();
      if (question.has_left)
        RC_ASSERT(
          std::holds_alternative<departed>(rules_.decide(question.user, question.id, now_)));
      else
        decide(question.user, question.id);
    }
  }

  void check_mended(const admission::mended& mended, std::size_t forgotten,
                    std::size_t registered) {
    RC_ASSERT(mended.forgotten == forgotten);
    RC_ASSERT(mended.registered == registered);
  }

  void sweep(shard_index shard) {
    std::size_t forgotten = 0, registered = 0;
    auto here = [&](auto& x) { return x.id.shard() == shard; };
    auto live = list_of(shard);
    if (rules_.rebuilding())
      return check_mended(rules_.reconcile(life, shard, live, now_), 0, 0);
    for (auto& x : all_) {
      if (!here(x) || x.user.empty() || x.evicted || x.live == x.counted)
        continue;
      ++(x.live ? registered : forgotten);
      x.counted = x.live;
    }
    check_mended(rules_.reconcile(life, shard, live, now_ + 1s), forgotten, registered);
    // Its shard no longer has them, and so they are gone.
    auto gone = [&](auto& x) { return here(x) && !x.user.empty() && !x.live && !x.counted; };
    all_.erase(std::remove_if(all_.begin(), all_.end(), gone), all_.end());
  }

  void lose_restore(const std::string& user, shard_index shard) {
    if (user.empty() || rules_.rebuilding())
      return;
    all_.push_back({user, connection_id{life, ++issued_ << 8 | shard}, now_, true, false, false});
  }

  void check_counts() const {
    std::map<std::string, std::size_t> counts;
    std::size_t connections = 0, at_limit = 0, over = 0, excess = 0;
    for (auto& x : all_)
      if (x.counted)
        ++counts[x.user];
    for (auto& [user, count] : counts) {
      RC_ASSERT(rules_.count(user) == count);
      connections += count;
      at_limit += limit_ != 0 && count >= limit_ ? 1 : 0;
      over += limit_ != 0 && count * 100 > 80 * limit_ ? 1 : 0;
      excess += limit_ != 0 && count > limit_ ? count - limit_ : 0;
    }
    RC_ASSERT(rules_.users() == counts.size());
    RC_ASSERT(rules_.connections() == connections);
    RC_ASSERT(rules_.users_at_limit() == at_limit);
    RC_ASSERT(rules_.users_over(80) == over);
    check_excess(rules_.rebuilding() ? 0 : excess);
  }

  void check_excess(std::size_t expected) const {
    auto excess = rules_.excess();
    RC_ASSERT(excess.size() == expected);
    for (auto& x : excess) {
      auto held = counted_of(x.user);
      auto newest = std::find(held.begin() + static_cast<std::ptrdiff_t>(limit_), held.end(), x.id);
      RC_ASSERT(newest != held.end());
    }
  }

  struct question {
    std::string user;
    connection_id id;
    bool has_left = false;
  };

  user_limit_policy policy_;
  std::size_t limit_;
  admission rules_;
  time_point now_{1h};
  std::uint64_t issued_ = 0;
  list all_;
  std::deque<question> kept_; ///< until the users are known again
  std::array<bool, shards> awaited_{};
};

boost::test_tools::predicate_result counts_hold(user_limit_policy policy) {
  return holds([policy] {
    pool both{*rc::gen::inRange<std::size_t>(0, 6), policy};
    for (const auto& each : *rc::gen::container<std::vector<step>>(any_step()))
      both.perform(each);
    both.finish();
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_admission)

BOOST_AUTO_TEST_CASE(whatever_comes_and_goes_counts_are_right_and_no_newcomer_passes_the_limit) {
  BOOST_TEST(counts_hold(user_limit_policy::reject_newest));
}

BOOST_AUTO_TEST_CASE(the_same_with_the_oldest_evicted) {
  BOOST_TEST(counts_hold(user_limit_policy::evict_oldest));
}

BOOST_AUTO_TEST_CASE(a_user_is_always_of_one_partition) {
  BOOST_TEST(holds([](const std::string& user) {
    auto partitions = *rc::gen::inRange<std::size_t>(1, 256);
    auto mine = partition_of(user, partitions);
    RC_ASSERT(mine < partitions);
    RC_ASSERT(mine == partition_of(std::string{user}, partitions));
  }));
}

BOOST_AUTO_TEST_SUITE_END()
