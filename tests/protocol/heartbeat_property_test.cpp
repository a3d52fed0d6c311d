// A shard's heartbeat under peers that do anything, its loop stopped now and then. What it may and
// must do is told from outside: by what each peer has sent and what it was sent, on a clock that
// stands still while the loop does.
//
// Stalls that follow each other within a 64th of the longest deadline blur what lies between them,
// to the peer's advantage: a frame can come out as late as the ping it preceded, which then is no
// miss. So with stalls less is asked of what must be done in time.
#include "protocol/heartbeat.hpp"
#include "tests/protocol/property.hpp"

#include <algorithm>
#include <array>
#include <ostream>

using namespace holdfast;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};
constexpr slot_index slots = 4;

struct step {
  enum class kind : std::uint8_t {
    pass, ///< `much` ticks come in time
    connect,
    remove,
    hear,
    message,
    pong,
    pause,
    resume,
    stall, ///< the next tick comes `much` ticks late
  };

  kind what = kind::pass;
  slot_index slot = 0;
  int much = 0;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr std::array names{"pass", "connect", "remove", "hear", "message",
                             "pong", "pause",   "resume", "stall"};
  return out << names[static_cast<std::size_t>(x.what)] << '(' << x.slot << ", " << x.much << ')';
}

rc::Gen<step> any_step() {
  using kind = step::kind;
  auto what = rc::gen::weightedElement<kind>({{10, kind::pass},
                                              {4, kind::connect},
                                              {1, kind::remove},
                                              {2, kind::hear},
                                              {2, kind::message},
                                              {4, kind::pong},
                                              {2, kind::pause},
                                              {2, kind::resume},
                                              {1, kind::stall}});
  return rc::gen::map(
    rc::gen::tuple(what, rc::gen::inRange<slot_index>(0, slots), rc::gen::inRange(0, 40)),
    [](const auto& t) {
      return step{std::get<0>(t), std::get<1>(t), std::get<2>(t)};
    });
}

heartbeat_config make_config() {
  auto ms = [](int least, int most) { return *rc::gen::inRange(least, most) * 1ms; };
  heartbeat_config config;
  config.ping_interval = ms(200, 1000);
  config.pong_timeout = ms(50, 200);
  config.max_missed_pongs = *rc::gen::inRange(1u, 5u);
  config.zombie_detection_threshold = ms(300, 3000);
  config.connection_timeout = *rc::gen::arbitrary<bool>() ? ms(300, 2000) : 0ms;
  config.max_read_pause = ms(100, 800);
  return config;
}

class shard : public liveness {
public:
  shard(const heartbeat_config& config, bool may_stall)
    : config_{config},
      may_stall_{may_stall},
      core_{config, *this, 7, start},
      slack_{2 * core_.tick() + (may_stall ? 3s / 64 : 0ns)} {}
  virtual ~shard() = default;

  time_point last_heard(slot_index slot) const override { return rows_[slot].real_heard; }
  time_point last_activity(slot_index slot) const override { return rows_[slot].real_active; }
  bool reading_paused(slot_index slot) const override { return rows_[slot].paused; }
  time_point paused_since(slot_index slot) const override { return rows_[slot].real_since; }

  void perform(const step& x) {
    auto& row = rows_[x.slot];
    auto is_there = row.watched && !row.retired;
    switch (x.what) {
    case step::kind::pass:
      for (int i = 0; i < x.much; ++i)
        tick(core_.tick());
      break;
    case step::kind::stall: tick(may_stall_ ? (5 + x.much) * core_.tick() : core_.tick()); break;
    case step::kind::connect: connect(x.slot); break;
    case step::kind::remove:
      row = {};
      core_.remove(x.slot);
      break;
    case step::kind::hear:
    case step::kind::message:
    case step::kind::pong:
      if (is_there && !row.paused)
        hear(x);
      break;
    case step::kind::pause:
      if (is_there && !row.paused)
        pause(x.slot);
      break;
    case step::kind::resume:
      if (is_there && row.paused)
        resume(x.slot);
      break;
    }
  }

private:
  /// Times are on the clock of the loop, unless they are `real`.
  struct row {
    bool watched = false;
    bool retired = false; ///< the last command has come
    bool paused = false;
    time_point heard, active, since;
    time_point real_heard, real_active, real_since;
    time_point grace;       ///< since it was connected or resumed
    time_point resumed;     ///< time_point{} if never
    time_point pinged;      ///< connected, if never
    std::uint64_t ping = 0; ///< the last id
    unsigned misses = 0;
    bool told = false; ///< its first miss, by mark_suspect, of which the ping is to come

    /// The last ping, if nothing came since.
    bool is_unanswered() const { return ping != 0 && heard < pinged; }
    time_point waits_since() const { return std::max(pinged, resumed); }
  };

  void connect(slot_index slot) {
    auto& x = rows_[slot];
    x = {};
    x.watched = true;
    x.heard = x.active = x.grace = x.pinged = now_;
    x.real_heard = x.real_active = real_;
    core_.enrol(slot, real_);
  }

  void hear(const step& step) {
    auto& x = rows_[step.slot];
    x.heard = now_;
    x.real_heard = real_;
    x.misses = 0;
    if (step.what == step::kind::message) {
      x.active = now_;
      x.real_active = real_;
    }
    if (step.what == step::kind::pong)
      core_.pong(step.slot, x.ping, real_);
    core_.recovered(step.slot);
  }

  void pause(slot_index slot) {
    auto& x = rows_[slot];
    x.paused = true;
    x.since = now_;
    x.real_since = real_;
    core_.pause(slot, real_);
  }

  void resume(slot_index slot) {
    auto& x = rows_[slot];
    x.paused = false;
    x.grace = x.resumed = now_;
    core_.resume(slot, real_);
  }

  void tick(duration late) {
    real_ += late;
    now_ += core_.tick();
    std::vector<heartbeat_command> out;
    core_.advance(real_, out);
    for (auto& command : out)
      std::visit(
        [&](auto& c) {
          auto& x = rows_[c.slot];
          RC_ASSERT(x.watched);
          RC_ASSERT(!x.retired);
          judge(x, c);
        },
        command);
    for (slot_index slot = 0; slot < slots; ++slot) {
      if (may_stall_)
        rows_[slot].misses = core_.view(slot).misses;
      check_owed(slot);
    }
  }

  // What it may do.

  void judge(row& x, const send_ping& c) {
    RC_ASSERT(!x.paused);
    RC_ASSERT(c.ping_id > last_id_);
    last_id_ = c.ping_id;
    if (x.is_unanswered()) {
      RC_ASSERT(now_ - x.waits_since() >= config_.pong_timeout);
      // Its first miss was told by mark_suspect.
      x.misses += x.told ? 0 : 1;
    } else {
      RC_ASSERT((x.ping == 0 || now_ - x.pinged >= config_.ping_interval));
    }
    x.told = false;
    x.ping = c.ping_id;
    x.pinged = now_;
  }

  void judge(row& x, const mark_suspect& c) {
    RC_ASSERT(!x.paused);
    RC_ASSERT(x.is_unanswered());
    RC_ASSERT(now_ - x.waits_since() >= config_.pong_timeout);
    RC_ASSERT(x.misses == 0u);
    RC_ASSERT(c.misses == 1u);
    x.misses = 1;
    x.told = true;
  }

  void judge(row& x, const mark_zombie& c) {
    RC_ASSERT(!x.paused);
    if (c.cause == zombie_cause::by_count) {
      RC_ASSERT(c.misses == config_.max_missed_pongs);
      RC_ASSERT(now_ - x.heard >= config_.max_missed_pongs * config_.pong_timeout);
    } else {
      RC_ASSERT(now_ - std::max(x.heard, x.grace) >= config_.zombie_detection_threshold);
    }
    x.retired = true;
  }

  void judge(row& x, const close_idle&) {
    RC_ASSERT(!x.paused);
    RC_ASSERT(config_.connection_timeout > 0ns);
    RC_ASSERT(now_ - std::max(x.active, x.resumed) >= config_.connection_timeout);
    x.retired = true;
  }

  void judge(row& x, const close_paused&) {
    RC_ASSERT(x.paused);
    RC_ASSERT(now_ - x.since >= config_.max_read_pause);
    x.retired = true;
  }

  // What it must have done by now.
  void check_owed(slot_index slot) const {
    auto& x = rows_[slot];
    if (!x.watched || x.retired)
      return;
    RC_ASSERT(core_.view(slot).frozen == x.paused);
    RC_ASSERT(core_.view(slot).misses == x.misses);
    if (x.paused) {
      RC_ASSERT(now_ - x.since < config_.max_read_pause + slack_);
      return;
    }
    RC_ASSERT(now_ - std::max(x.heard, x.grace) < config_.zombie_detection_threshold + slack_);
    RC_ASSERT(now_ - x.waits_since() < config_.ping_interval + slack_);
    if (x.is_unanswered() && !may_stall_)
      RC_ASSERT(now_ - x.waits_since() < config_.pong_timeout + slack_);
    if (config_.connection_timeout > 0ns)
      RC_ASSERT(now_ - std::max(x.active, x.resumed) < config_.connection_timeout + slack_);
    RC_ASSERT(x.misses < config_.max_missed_pongs);
  }

  heartbeat_config config_;
  bool may_stall_;
  std::array<row, slots> rows_;
  time_point now_ = start, real_ = start;
  std::uint64_t last_id_ = 0;
  heartbeat core_;
  duration slack_;
};

boost::test_tools::predicate_result holds_for_any_peers(bool may_stall) {
  return holds([may_stall] {
    shard one{make_config(), may_stall};
    for (const auto& each : *rc::gen::container<std::vector<step>>(any_step()))
      one.perform(each);
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(properties_of_the_heartbeat)

BOOST_AUTO_TEST_CASE(whatever_peers_do_nobody_is_judged_before_his_time_and_everybody_in_it) {
  BOOST_TEST(holds_for_any_peers(false));
}

BOOST_AUTO_TEST_CASE(the_time_in_which_the_loop_stood_still_is_held_against_nobody) {
  BOOST_TEST(holds_for_any_peers(true));
}

BOOST_AUTO_TEST_SUITE_END()
