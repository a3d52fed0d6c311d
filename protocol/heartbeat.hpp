// Whom to ping, who is suspect, who is a zombie, who is idle: the rules of a shard's heartbeat.
#pragma once

#include "protocol/ids.hpp"
#include "protocol/rtt.hpp"
#include "protocol/stall_guard.hpp"
#include "protocol/time.hpp"
#include "protocol/timing_wheel.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

struct heartbeat_config {
  /// From one ping to the next while the peer answers, whatever else is sent meanwhile: the round
  /// trip is wanted of busy connections too.
  duration ping_interval = std::chrono::seconds{30};
  /// No frame within this time of a ping is a miss; the ping is repeated at once.
  duration pong_timeout = std::chrono::seconds{10};
  /// So many misses in a row make a zombie. 1 to 255; 0 is taken as 1, more as 255.
  unsigned max_missed_pongs = 3;
  /// So long without any frame makes a zombie, however few the misses. It should be more than
  /// ping_interval + pong_timeout, or healthy peers that have nothing to say are among them.
  duration zombie_detection_threshold = std::chrono::seconds{120};
  /// So long without an application message either way is idle. Zero turns it off.
  duration connection_timeout = std::chrono::seconds{300};
  /// We may leave a connection unread for so long.
  duration max_read_pause = std::chrono::seconds{30};
};

/// How often a heartbeat with these settings is to be advanced: an eighth of its shortest deadline,
/// 5 to 50 ms.
duration heartbeat_tick(const heartbeat_config& config);

/// What the shard's slot table knows of its connections. It is asked when a deadline comes, so
/// that a frame costs the heartbeat nothing. Times are those of the monotonic clock.
class liveness {
public:
  /// When the last frame of any kind came from the peer; at first, when it connected.
  virtual time_point last_heard(slot_index slot) const = 0;
  /// When the last application message went either way; at first, when the peer connected.
  virtual time_point last_activity(slot_index slot) const = 0;
  /// Whether we have stopped reading from the peer, and since when.
  virtual bool reading_paused(slot_index slot) const = 0;
  virtual time_point paused_since(slot_index slot) const = 0;

protected:
  ~liveness() = default;
};

enum class zombie_cause : std::uint8_t {
  by_count,   ///< max_missed_pongs in a row
  by_silence, ///< zombie_detection_threshold without a frame
};

std::string_view to_string(zombie_cause cause);

/// Send a ping frame whose payload is the id. Ids ascend and are never repeated by a core.
struct send_ping {
  slot_index slot;
  std::uint64_t ping_id;
};

/// The first miss after a time in which the peer was heard.
struct mark_suspect {
  slot_index slot;
  unsigned misses;
  duration silence;
};

/// Comes once. A zombie by count has been marked suspect before, if by the command just before
/// this one; a zombie by silence may never have been.
struct mark_zombie {
  slot_index slot;
  zombie_cause cause;
  unsigned misses;
  duration silence;
};

struct close_idle {
  slot_index slot;
  duration idle_for;
};

/// Reading was paused for longer than max_read_pause.
struct close_paused {
  slot_index slot;
  duration paused_for;
};

using heartbeat_command
  = std::variant<send_ping, mark_suspect, mark_zombie, close_idle, close_paused>;

/// One connection, for people to look at. Of a slot that is not enrolled: all zero and false.
struct heartbeat_view {
  unsigned misses = 0;
  duration srtt{};   ///< zero without a sample
  duration rttvar{}; ///< zero without a sample
  bool frozen = false;
  bool ping_outstanding = false;
};

/// Since the core was made.
struct heartbeat_counters {
  std::uint64_t pings_sent = 0;
  std::uint64_t pongs = 0; ///< pings that were answered by their own pong
  std::uint64_t missed = 0;
  std::uint64_t suspects = 0;
  std::uint64_t zombies_by_count = 0;
  std::uint64_t zombies_by_silence = 0;
  std::uint64_t idle = 0;
  std::uint64_t paused_too_long = 0;
  std::uint64_t stalls = 0;
  duration stalled_for{}; ///< by how much deadlines were moved in all
};

/// The heartbeat of one shard. A connection has one entry in the wheel, for the earliest of its
/// deadlines; when that comes the slot table is asked what has happened since.
///
/// Once a zombie, idle, or paused for too long, a slot gets no further command until it is removed
/// and enrolled again. All deadlines stand on the awake clock (see stall_guard). The spans in
/// commands are those that were judged: without stalls, and without what came before enrol() or
/// resume() where these start the count anew. Unknown slots are ignored. Not thread-safe.
class heartbeat {
public:
  /// `table` must outlive the core. `seed` shifts the spread of the first pings, so that the shards
  /// of a node do not ping in step. `now`: the first tick is expected one tick after it.
  heartbeat(const heartbeat_config& config, const liveness& table, std::uint64_t seed,
            time_point now);

  /// Begins to watch a slot, with no misses. Its first ping comes within ping_interval, at a point
  /// that is spread evenly over all that enrol. Silence counts from here, since nobody pinged
  /// before; idleness counts from the last activity. Frozen if the table says reading is paused.
  /// A slot that is enrolled already, a zombie that spoke again for one, starts over.
  void enrol(slot_index slot, time_point now);

  /// Forgets the slot, which may then be used for another connection.
  void remove(slot_index slot);

  /// Reading was paused: the slot is frozen, nothing counts but max_read_pause.
  void pause(slot_index slot, time_point now);

  /// Reading goes on: misses are kept, all deadlines start anew. A ping still open is not sent
  /// again, as its pong may be waiting unread (and a peer paused often would be flooded), but it
  /// gives no RTT sample any more. A peer heard between the ping and the pause has answered.
  void resume(slot_index slot, time_point now);

  /// A pong came. Returns the round trip if it answers the slot's last ping, unless a pause or a
  /// stall has spoilt it. A pong to an older ping is but a frame.
  std::optional<duration> pong(slot_index slot, std::uint64_t ping_id, time_point now);

  /// A frame came from a suspect: no misses any more, the next ping an interval after the last.
  /// Nothing happens to any other slot, so it may be called for every frame but need not be.
  void recovered(slot_index slot);

  /// To be called every tick(), after sockets were read. Appends what is to be done now to `out`.
  void advance(time_point now, std::vector<heartbeat_command>& out);

  heartbeat_view view(slot_index slot) const;
  const heartbeat_counters& counters() const { return counters_; }

  /// How often advance() is to be called: an eighth of the shortest deadline, 5 to 50 ms.
  duration tick() const { return wheel_.tick(); }

  static constexpr std::size_t bytes_per_slot() {
    return sizeof(entry) + sizeof(time_point) + timing_wheel::bytes_per_slot();
  }

private:
  enum class phase : std::uint8_t {
    absent,
    resting,        ///< next: a ping
    waiting,        ///< next: the verdict on the last ping
    resting_frozen, ///< the two while reading is paused
    waiting_frozen,
    retired, ///< the last command was given
  };

  /// What counts from `grace_tick` on, if that is later than what the table says.
  enum class grace : std::uint8_t { none, silence, silence_and_idleness };

  struct entry {
    std::uint32_t ping = 0; ///< low half of the id that has no pong yet, 0 if there is none
    std::uint32_t grace_tick = 0;
    rtt_estimator rtt;
    std::uint8_t misses = 0;
    phase at = phase::absent;
    grace from = grace::none;
    bool timed = false; ///< whether the pong to `ping` gives an RTT sample
  };

  using commands = std::vector<heartbeat_command>;

  // Times are on the awake clock from here on.
  void come_due(slot_index slot, time_point now, commands& out);
  void judge(slot_index slot, time_point now, commands& out);
  void judge_pause(slot_index slot, time_point now, commands& out);
  bool miss(slot_index slot, time_point now, commands& out);
  bool too_silent(slot_index slot, time_point now, commands& out);
  bool too_idle(slot_index slot, time_point now, commands& out);
  void ping(slot_index slot, time_point now, commands& out);
  void retire(slot_index slot);
  void arm(slot_index slot);
  time_point next_deadline(slot_index slot) const;
  bool heard_since_ping(slot_index slot) const;
  time_point silent_since(slot_index slot) const;
  time_point idle_since(slot_index slot) const;
  void start_grace(entry& e, grace what, time_point now) const;
  time_point grace_start(const entry& e) const;

  bool knows(slot_index slot) const { return slot < entries_.size(); }
  void make_room(slot_index slot);
  std::uint64_t next_ping_id();
  std::uint64_t outstanding(const entry& e) const;
  duration next_phase();

  heartbeat_config config_;
  const liveness& table_;
  duration horizon_; ///< no deadline is further away
  std::uint64_t spread_;
  std::uint64_t issued_ = 0; ///< the last ping id
  stall_guard guard_;
  timing_wheel wheel_;
  std::vector<entry> entries_;
  /// When the last ping was sent (before the first: an interval before it is due), or reading was
  /// resumed while waiting. Apart from the entries, as alignment would cost 4 bytes a slot.
  std::vector<time_point> pinged_at_;
  heartbeat_counters counters_;
};

} // namespace holdfast
