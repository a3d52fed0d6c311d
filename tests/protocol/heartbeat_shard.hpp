// A shard for the tests of the heartbeat: its slot table, its clock, its peers.
#pragma once

#include "protocol/heartbeat.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace holdfast::heartbeat_test {

using namespace std::chrono_literals;

using lines = std::vector<std::string>;

inline time_point at(duration since) {
  return time_point{1h} + since;
}

/// A shard's slot table, its loop, and its peers. The clock begins at -50 ms; everything that
/// the core commands is written down as "<milliseconds> <what> <slot> ...".
class shard : public liveness {
public:
  explicit shard(heartbeat_config config = {}, std::uint64_t seed = 0)
    : core{config, *this, seed, at(-50ms)} {}
  virtual ~shard() = default;

  time_point last_heard(slot_index slot) const override { return rows.at(slot).heard; }
  time_point last_activity(slot_index slot) const override { return rows.at(slot).active; }
  bool reading_paused(slot_index slot) const override { return rows.at(slot).paused; }
  time_point paused_since(slot_index slot) const override { return rows.at(slot).since; }

  void connect(slot_index slot, duration t = -10ms) {
    rows[slot] = row{at(t), at(t), false, {}};
    core.enrol(slot, at(t));
  }
  void hear(slot_index slot, duration t) { rows.at(slot).heard = at(t); }
  void message(slot_index slot, duration t) { rows.at(slot).heard = rows.at(slot).active = at(t); }
  std::optional<duration> pong(slot_index slot, std::uint64_t id, duration t) {
    hear(slot, t);
    return core.pong(slot, id, at(t));
  }
  void pause(slot_index slot, duration t) {
    rows.at(slot).paused = true;
    rows.at(slot).since = at(t);
    core.pause(slot, at(t));
  }
  void resume(slot_index slot, duration t) {
    rows.at(slot).paused = false;
    core.resume(slot, at(t));
  }

  /// Ticks once, late or not.
  void tick(duration t) {
    std::vector<heartbeat_command> out;
    core.advance(at(t), out);
    for (auto& command : out)
      std::visit([&](auto& c) { note(t, c); }, command);
    now = t;
  }

  /// Ticks in time from the last tick on, to `until` inclusive; returns what was commanded.
  lines run(duration until) {
    log.clear();
    for (auto t = now + core.tick(); t <= until; t += core.tick()) {
      deliver(t);
      tick(t);
    }
    return log;
  }

  /// Reads what has arrived by `t`.
  void deliver(duration t) {
    for (auto& reply : std::exchange(replies, {}))
      if (reply.when <= t)
        pong(reply.slot, reply.id, reply.when);
      else
        replies.push_back(reply);
  }

  struct row {
    time_point heard, active;
    bool paused = false;
    time_point since;
  };
  struct reply {
    duration when;
    slot_index slot;
    std::uint64_t id;
  };

  std::map<slot_index, row> rows;
  std::set<slot_index> answering; ///< these send their pong 20 ms after a ping
  std::vector<reply> replies;
  std::map<slot_index, std::uint64_t> pinged; ///< the last id
  duration now = -50ms;
  lines log;
  heartbeat core;

private:
  template <class... Parts>
  void write(duration t, const char* what, slot_index slot, Parts... parts) {
    auto line = std::to_string(to_ms(t)) + ' ' + what + ' ' + std::to_string(slot);
    ((line += ' ', line += parts), ...);
    log.push_back(line);
  }
  void note(duration t, const send_ping& c) {
    pinged[c.slot] = c.ping_id;
    if (answering.count(c.slot))
      replies.push_back({t + 20ms, c.slot, c.ping_id});
    write(t, "ping", c.slot);
  }
  void note(duration t, const mark_suspect& c) {
    write(t, "suspect", c.slot, std::to_string(c.misses), std::to_string(to_ms(c.silence)));
  }
  void note(duration t, const mark_zombie& c) {
    write(t, "zombie", c.slot, std::string{to_string(c.cause)}, std::to_string(c.misses),
          std::to_string(to_ms(c.silence)));
  }
  void note(duration t, const close_idle& c) {
    write(t, "idle", c.slot, std::to_string(to_ms(c.idle_for)));
  }
  void note(duration t, const close_paused& c) {
    write(t, "paused", c.slot, std::to_string(to_ms(c.paused_for)));
  }
};

inline heartbeat_config without_idle() {
  heartbeat_config config;
  config.connection_timeout = 0s;
  return config;
}

/// Misses never make a zombie; silence does.
inline heartbeat_config silence_only() {
  auto config = without_idle();
  config.max_missed_pongs = 255;
  return config;
}

} // namespace holdfast::heartbeat_test

// By name, since BOOST_TEST with per_element() wants a sequence on both sides.
#define CHECK_LINES(seen, ...)                                                                     \
  do {                                                                                             \
    const lines seen_ = (seen), wanted_{__VA_ARGS__};                                              \
    BOOST_TEST(seen_ == wanted_, boost::test_tools::per_element());                                \
  } while (false)
