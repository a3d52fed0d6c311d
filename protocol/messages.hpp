// What crosses actors, and later nodes: plain structs. Past-tense names are facts, imperative ones
// are commands. The rules' own commands (drain.hpp) are sent as they are.
#pragma once

#include "protocol/counters.hpp"
#include "protocol/drain.hpp"
#include "protocol/gate.hpp"
#include "protocol/lifecycle.hpp"
#include "protocol/named_texts.hpp"
#include "protocol/presence.hpp"
#include "protocol/selector.hpp"
#include "protocol/vitals.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

// ---- to a connection

/// A ping went unanswered.
struct suspected {
  std::uint32_t misses = 0;
  duration silence{};
};

/// The heartbeat has given the peer up.
struct declared_zombie {
  cause why = cause::zombie_count;
  std::uint32_t misses = 0;
  duration silence{};
};

/// Close with this code. The first close of a connection counts, later ones are ignored.
struct close_connection {
  close_code code = close_code::normal;
  cause why = cause::none;
  std::string detail; ///< the reason for the peer; empty: the code's own
};

/// A drain has begun, and this is the client's way back.
struct drain_notice {
  drain_reason reason = drain_reason::signal;
  std::uint64_t lease = 0; ///< number of the lease, unique on its shard
  std::string target;      ///< name of the node; empty: the same address
  duration after{};        ///< from receipt: not before this
  duration expires{};      ///< from receipt: not later
};

/// The drain was cancelled: what drain_notice said is void.
struct drain_voided {};

/// The phase of shutdown has changed. Sent to every actor that registered for it.
struct phase_changed {
  drain_phase phase = drain_phase::serving;
};

enum class payload_kind : std::uint8_t {
  text,
  binary,
  json, ///< text that is a JSON value; embedded as it is for holdfast.v1 clients
};

/// Send a message to the client.
struct send_message {
  payload_kind kind = payload_kind::text;
  std::string data;
};

/// The same to every connection of a user. Asked of the pool member of the user's partition, it
/// answers how many there are.
struct send_to_user {
  std::string user;
  send_message message;
  bool here = false; ///< INTERNAL to those on this shard, whoever counts the user
};

/// The same to some connections of one shard, asked of its pool member: how many are there.
struct send_by_id {
  std::vector<connection_id> ids;
  send_message message;
};

struct get_connection {};

/// What can be seen of one connection.
struct connection_view {
  connection_id id;
  std::string user;
  std::string route;
  std::string handler;
  std::string address;
  connection_state state = connection_state::handshaking;
  bool speaks_v1 = false;
  bool draining = false;
  duration age{};
  duration idle{};
  duration silence{};
  traffic in;
  traffic out;
  std::uint64_t queued_bytes = 0;
  std::uint64_t queued_messages = 0;
  std::uint32_t missed_pongs = 0;
  duration rtt{};     ///< smoothed; zero while there is no sample
  duration rtt_var{}; ///< its variation
  bool reading_paused = false;
  duration paused_for{};             ///< zero when reading is not paused
  duration state_age{};              ///< since it came into its state
  std::vector<flight_entry> history; ///< only where one connection is looked at
  std::vector<std::string> topics;   ///< the same
  std::vector<std::string> groups;   ///< the same; without those of topics
  named_texts attributes;            ///< the same; of its token, or set by its handler
  named_texts shown;                 ///< the same; by its handler's own actor
};

/// Of a connection wherever it is: asked of its shard's pool member, as the id tells.
struct find_connection {
  connection_id id;
};

// ---- between the members of the pool: who may come in

/// The next two travel in batches, one message for each turn of a shard's loop.
struct verdict_question {
  std::string user;
  connection_id id;
  slot_index slot = 0;
};

struct verdict_answer {
  connection_id id;
  slot_index slot = 0;
  bool admitted = false;
  std::uint32_t count = 0; ///< of the user's connections, with this one if it was admitted
  std::uint32_t limit = 0;
};

struct verdicts_wanted {
  shard_index shard = 0; ///< who asks
  std::vector<verdict_question> questions;
};

struct verdicts_given {
  std::vector<verdict_answer> answers;
};

struct user_entry {
  std::string user;
  connection_id id;
  duration age{}; ///< since it was admitted
};

/// Connections that have ended, or left before their verdict.
struct users_left {
  std::vector<user_entry> entries;
};

/// A newer connection of the same user takes this one's place.
struct evict_connection {
  connection_id id;
};

/// A member has been restarted and asks everyone for the users of its partition.
struct snapshot_wanted {
  shard_index member = 0;
};

/// All of a shard's admitted connections whose users belong to one member: the answer to
/// snapshot_wanted, or a part of the sweep.
struct snapshot_given {
  shard_index shard = 0;
  bool sweep = false;
  std::vector<user_entry> entries;
  std::vector<connection_id> waiting; ///< in a sweep: the verdict on these may be on its way
};

// ---- to the pool and its members

struct close_by_id {
  connection_id id;
  close_connection command;
};

struct get_shard {};

struct shard_status {
  shard_index shard = 0;
  std::uint64_t connections = 0; ///< places of the node's total in use here
  std::uint64_t users = 0;       ///< of this member's partition
  std::uint64_t users_at_limit = 0;
  bool rebuilding = false;
  shard_counters counters;
};

struct get_pool {};

struct pool_status {
  std::uint64_t connections = 0;
  std::uint64_t limit = 0;
  std::uint64_t reserve = 0;
  std::uint64_t users = 0;
  std::uint64_t users_at_limit = 0;
  std::uint64_t sweeps = 0;
  std::vector<shard_status> shards; ///< those that have reported
};

/// Compare the counts with the slot table and mend them.
struct sweep_shard {};

struct list_connections {
  std::uint32_t limit = 1000; ///< a shard
};

struct clean_zombies {};

/// Look at some slots of a shard, and hand out what the selector matches. A whole shard is looked
/// at in several steps, so that its connections never wait for one.
struct scan_connections {
  selector which;
  connection_order order;
  bool behind = false; ///< only those that come behind `after`
  connection_place after;
  slot_index from = 0;       ///< the first slot
  std::uint32_t slots = 512; ///< how many of them
  /// Rows that are wanted of these slots, the first ones of the order: a page needs no more.
  std::uint32_t rows = UINT32_MAX;
};

struct scanned_connection {
  connection_place place;
  connection_view view;
};

struct connection_page {
  std::vector<scanned_connection> rows; ///< in no order
  std::uint64_t scanned = 0;            ///< connections that were looked at
  std::uint64_t matched = 0;            ///< also those that do not come behind `after`
  slot_index next = 0;                  ///< where to go on
  bool done = false;                    ///< there are no more slots
};

/// Whether a shard's counts agree with its slot table.
struct check_books {};

struct book_check {
  std::string check;
  bool ok = true;
  std::string detail;
};

struct shard_books {
  shard_index shard = 0;
  std::uint64_t places = 0; ///< of the node's total, in use here
  std::vector<book_check> checks;
};

/// Who has the most connections.
struct list_users {
  std::uint32_t limit = 100;
};

struct user_count {
  std::string user;
  std::uint64_t connections = 0;
};

struct user_list {
  std::vector<user_count> top; ///< most connections first
  std::uint64_t users = 0;
  std::uint64_t limit = 0; ///< of each user; 0: none
};

// ---- heartbeat

struct get_heartbeat {};

struct heartbeat_status {
  shard_index shard = 0;
  std::uint64_t watched = 0;
  bool pinging = true;
};

// ---- topics

/// Counts a publication as under way, until its last copy is gone.
class publication_ticket {
public:
  publication_ticket(std::shared_ptr<std::atomic<std::size_t>> backlog, std::size_t cost)
    : backlog_{std::move(backlog)},
      cost_{cost} {
    backlog_->fetch_add(cost_, std::memory_order_relaxed);
  }

  ~publication_ticket() { backlog_->fetch_sub(cost_, std::memory_order_relaxed); }

  publication_ticket(const publication_ticket&) = delete;
  publication_ticket& operator=(const publication_ticket&) = delete;

private:
  std::shared_ptr<std::atomic<std::size_t>> backlog_; // bytes, of one shard's publishers
  std::size_t cost_;
};

/// A message for everyone in a group: the subscribers of a topic, or of a route.
struct publication {
  std::string group;
  std::string topic; ///< as the subscribers see it; empty for a route's broadcast
  std::string from;  ///< the sender's user; empty when anonymous
  payload_kind kind = payload_kind::text;
  std::string data;
  std::shared_ptr<publication_ticket> ticket; ///< stays in this process
};

/// The first subscriber of a group on a shard, or no more any.
struct group_joined {
  shard_index shard = 0;
  std::string group;
};

struct group_left {
  shard_index shard = 0;
  std::string group;
};

/// All groups in which somebody is on a shard. What was said before of that shard is void.
struct groups_announced {
  shard_index shard = 0;
  std::vector<std::string> groups;
  std::vector<group_presence> present;
};

/// A connection wants to know who is in a topic, and its user may be the first one of it there.
struct presence_wanted {
  shard_index shard = 0;
  std::string group;
  slot_index slot = 0;
  connection_id id;
  std::string user; ///< empty: was there already, or is anonymous
};

/// A user's last connection of a shard has left a topic.
struct presence_left {
  shard_index shard = 0;
  std::string group;
  std::string user;
};

/// To whoever watches a topic on a shard.
struct presence_news {
  presence_change change;
};

/// All who are there, in place of what was said before.
struct presence_state {
  std::string group;
  std::vector<std::string> users; ///< max_present of them at most
  std::uint64_t count = 0;        ///< of all
  slot_index slot = 0;            ///< for this connection alone,
  connection_id id;               ///< if this is one
};

inline constexpr std::size_t max_present = 1000;

struct get_router {};

struct router_status {
  std::uint64_t groups = 0;
  std::uint64_t publications = 0;
};

// ---- health

/// Receipts of one turn of a shard's loop. Sent again, with the same number, until receipts_kept
/// says that they are safe: so no death of an actor loses one.
struct connections_closed {
  shard_index shard = 0;
  std::uint64_t batch = 0; ///< ascending on each shard, from 1
  std::vector<close_receipt> receipts;
};

struct receipts_kept {
  std::uint64_t batch = 0;
};

struct get_receipts {
  std::string user; ///< empty: everyone's
  std::uint32_t limit = 100;
};

/// Receipts by more than their user. What is empty or unset does not count.
struct find_receipts {
  std::optional<connection_id> id;
  std::optional<std::string> user;
  std::optional<cause> why;
  std::optional<std::uint16_t> code;
  std::string route;
  std::optional<cidr_block> from;
  std::uint64_t before = 0; ///< only those with a lower number, to go on behind a page; 0: all
  std::uint32_t limit = 100;
};

struct receipt_page {
  std::vector<close_receipt> receipts; ///< newest first
  std::uint64_t next = 0;              ///< `before` of the next page; 0: there is none
  std::uint64_t kept = 0;              ///< in the ring
  std::uint64_t ever = 0;
};

struct get_health {};

/// Everything that is measured, for the console and for metrics.
struct get_vitals {};

/// All alerts, active or not.
struct get_alerts {};

struct health_status {
  std::uint64_t receipts = 0; ///< ever written
  std::array<std::uint64_t, cause_count> closed_by_cause{};
  shard_counters totals;
};

// ---- shutdown

struct start_drain {
  drain_reason reason = drain_reason::signal;
  drain_wishes wishes{};
};

struct force_drain {};

struct cancel_drain {};

struct get_drain {};

struct plan_a_drain {
  drain_wishes wishes{};
};

/// Where the connections of the drain in progress, or the last one, have gone so far.
struct get_ledger {};

/// The answer of a shard to plan_a_drain's question, counted as for stop_accepting.
struct count_population {};

/// A shard has a new pool member, which has not heard what its predecessor was told.
struct member_restarted {
  shard_index shard = 0;
};

/// Asked of an actor in the last phase of a shutdown: do what you registered for, then answer.
struct cleanup_wanted {
  std::string name;
};

// ---- inspector

/// Asks the supervisor for an actor of a type that is known to it.
struct spawn_actor_request {
  std::string type;
  std::string name;
  named_texts arguments;
};

struct stop_actor_request {
  std::string name;
};

/// What became of it.
struct actor_answer {
  enum class outcome : std::uint8_t { done, invalid, taken, unknown, not_yours };

  outcome result = outcome::done;
  std::string text; ///< what is wrong, in a sentence
};

struct list_actors {};

struct actor_view {
  std::string name; ///< "pool/0"
  std::string kind; ///< "pool_member"
  std::string parent;
  bool alive = true;
  std::uint64_t messages = 0;
  std::uint64_t mailbox = 0;
  duration busy{};
  duration uptime{};
  std::uint64_t restarts = 0;
  std::string last_failure; ///< empty: none
  named_texts shown;        ///< what it publishes of itself, if it is a user's
};

} // namespace holdfast

#include "protocol/messages_inspect.hpp" // a message without its inspect() is no message
