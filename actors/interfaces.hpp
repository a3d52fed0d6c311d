// Every actor's interface, one line a message.
//
// INTERNAL marks what only Holdfast's own actors send; everything else is for anybody.
#pragma once

#include "actors/probe.hpp"
#include "actors/type_ids.hpp"

#include <vector>

namespace holdfast {

// Verbs without arguments.
using tick_atom = caf::atom_constant<caf::atom("tick")>;
using cleaned_atom = caf::atom_constant<caf::atom("cleaned")>;

/// One socket, one state machine, one flight recorder. Hosted on its shard; frames reach it by a
/// direct call and not through these messages.
using connection_actor
  = caf::typed_actor<caf::reacts_to<suspected>,        // INTERNAL a ping went unanswered
                     caf::reacts_to<declared_zombie>,  // INTERNAL the heartbeat has given it up
                     caf::reacts_to<close_connection>, // close with a code and a cause
                     caf::reacts_to<drain_notice>,     // INTERNAL tell a holdfast.v1 client its
                                                       // reconnect lease
                     caf::reacts_to<drain_voided>,     // INTERNAL the lease is void
                     caf::reacts_to<phase_changed>,    // INTERNAL tell the handler
                     caf::reacts_to<send_message>,     // send to the client
                     caf::replies_to<get_connection>::with<connection_view>>; // look inside

/// One on each shard: supervises the shard's connections, counts the users of its partition, and
/// carries out on its shard what the node's pool and shutdown ask for.
using pool_member_actor = caf::typed_actor<
  caf::reacts_to<services>,         // INTERNAL handles, again after a restart
  caf::reacts_to<verdicts_wanted>,  // INTERNAL another member asks about users of this partition
  caf::reacts_to<verdicts_given>,   // INTERNAL the answers
  caf::reacts_to<users_left>,       // INTERNAL connections of this partition's users have ended
  caf::reacts_to<evict_connection>, // INTERNAL close it 4502
  caf::reacts_to<snapshot_wanted>,  // INTERNAL a restarted member asks for its users
  caf::reacts_to<snapshot_given>,   // INTERNAL the answer
  caf::reacts_to<receipts_kept>,    // INTERNAL health has a batch of receipts
  caf::reacts_to<close_by_id>,      // close one connection of this shard
  caf::reacts_to<sweep_shard>,      // INTERNAL reconcile the counts with the slot table
  caf::reacts_to<stop_accepting>,   // INTERNAL phase 1; answered by accepting_stopped
  caf::reacts_to<begin_leaving>,    // INTERNAL phases 2 and 3
  caf::reacts_to<force_close_all>,  // INTERNAL phase 5
  caf::reacts_to<abort_all>,        // INTERNAL the end of phase 5
  caf::reacts_to<resume_serving>,   // INTERNAL the drain was cancelled
  caf::reacts_to<phase_changed>,    // INTERNAL readiness, and every connection's handler
  caf::replies_to<count_population>::with<drain_population>, // who would have to leave
  caf::replies_to<get_shard>::with<shard_status>,            // look inside
  caf::replies_to<clean_zombies>::with<std::uint64_t>,       // close what is marked; how many
  caf::replies_to<list_connections>::with<std::vector<connection_view>>,
  caf::replies_to<scan_connections>::with<connection_page>, // a part of the shard at a time
  caf::replies_to<find_connection>::with<std::vector<connection_view>>, // it, or nobody
  caf::replies_to<validate_connections>::with<validated_connections>,   // the same
  caf::replies_to<check_books>::with<shard_books>,
  caf::replies_to<list_users>::with<user_list>,       // of its partition
  caf::replies_to<send_to_user>::with<std::uint64_t>, // of its partition; to how many
  caf::replies_to<send_by_id>::with<std::uint64_t>,   // of this shard; to how many
  caf::replies_to<start_trace>::with<errc>,           // tells the sender: trace_events, trace_over
  caf::reacts_to<stop_trace>, caf::reacts_to<trace_taken>>;

/// The node's limits; adds up what the members report; sweeps.
using pool_actor
  = caf::typed_actor<caf::reacts_to<tick_atom>,    // INTERNAL the next sweep is due
                     caf::reacts_to<shard_status>, // INTERNAL a member's report, every second
                     caf::replies_to<get_pool>::with<pool_status>,
                     caf::replies_to<clean_zombies>::with<std::uint64_t>>; // asks every member

/// One on each shard: pings, suspects, zombies, idle connections. The shard's pulse reaches it by
/// a direct call.
using heartbeat_actor
  = caf::typed_actor<caf::reacts_to<stop_heartbeats>, // INTERNAL phase 4
                     caf::reacts_to<resume_serving>,  // INTERNAL the drain was cancelled
                     caf::replies_to<get_heartbeat>::with<heartbeat_status>>;

/// One on each shard: who is in which group here; delivers publications, each encoded once.
using router_member_actor
  = caf::typed_actor<caf::reacts_to<services>,        // INTERNAL handles, again after a restart
                     caf::reacts_to<publication>,     // INTERNAL deliver to this shard's part of
                                                      // the group
                     caf::reacts_to<presence_news>,   // INTERNAL the same to who watches a topic
                     caf::reacts_to<presence_state>>; // INTERNAL the same, or to one of them

/// Which shards have somebody in a group; gives all publications of a group one order.
using router_actor = caf::typed_actor<caf::reacts_to<group_joined>,     // INTERNAL
                                      caf::reacts_to<group_left>,       // INTERNAL
                                      caf::reacts_to<groups_announced>, // INTERNAL after a restart
                                      caf::reacts_to<presence_wanted>,  // INTERNAL
                                      caf::reacts_to<presence_left>,    // INTERNAL
                                      caf::reacts_to<publication>, // send to everyone in the group
                                      caf::replies_to<get_router>::with<router_status>>;

/// Keeps the receipts of closed connections, adds up counters, judges alerts.
using health_actor = caf::typed_actor<
  caf::reacts_to<tick_atom>,          // INTERNAL time to look, every second
  caf::reacts_to<connections_closed>, // INTERNAL receipts; answered by receipts_kept
  caf::reacts_to<shard_status>,       // INTERNAL a member's report, every second
  caf::replies_to<get_receipts>::with<std::vector<close_receipt>>, // newest first
  caf::replies_to<find_receipts>::with<receipt_page>,
  caf::replies_to<get_health>::with<health_status>,
  caf::replies_to<get_vitals>::with<vitals_status>,
  caf::replies_to<get_alerts>::with<std::vector<alert_status>>>;

/// Wants to hear of every phase of a shutdown.
using participant_actor = caf::typed_actor<caf::reacts_to<phase_changed>>;

/// Has something to do in the last phase; answers when it is done, or with an error.
using cleanup_actor = caf::typed_actor<caf::replies_to<cleanup_wanted>::with<cleaned_atom>>;

/// Runs the drain. There is one, and it survives as long as the node.
using shutdown_actor
  = caf::typed_actor<caf::reacts_to<start_drain>,
                     caf::reacts_to<force_drain>,               // close by force at once
                     caf::replies_to<cancel_drain>::with<errc>, // `none`: the node serves again
                     caf::replies_to<get_drain>::with<drain_status>,
                     caf::replies_to<plan_a_drain>::with<drain_forecast>, // nothing is changed
                     caf::replies_to<get_ledger>::with<drain_ledger>,
                     caf::reacts_to<participant_registration>, caf::reacts_to<cleanup_registration>,
                     caf::reacts_to<accepting_stopped>, // INTERNAL a shard's answer
                     caf::reacts_to<member_restarted>,  // INTERNAL a pool member was restarted
                     caf::reacts_to<cleaned_atom>,      // INTERNAL one callback has ended
                     caf::reacts_to<tick_atom>>;        // INTERNAL something may be due

/// The registry of live actors.
using inspector_actor
  = caf::typed_actor<caf::reacts_to<actor_registration>, // INTERNAL
                     caf::replies_to<list_actors>::with<std::vector<actor_view>>>;

/// Where to find the permanent actors. Sent anew whenever one of them was restarted.
struct services {
  caf::actor supervisor; // answers spawn_actor_request and stop_actor_request with an actor_answer
  pool_actor pool;
  health_actor health;
  shutdown_actor shutdown;
  router_actor router;
  inspector_actor inspector;
  std::vector<pool_member_actor> members;          // by shard
  std::vector<heartbeat_actor> heartbeats;         // by shard
  std::vector<router_member_actor> router_members; // by shard
};

/// An actor that can be looked at by name.
struct actor_registration {
  std::string name;
  std::string kind;
  std::string parent;
  caf::actor_addr address;
  probe_ptr probe;
};

struct participant_registration {
  participant_actor who;
};

struct cleanup_registration {
  std::string name; ///< for the ledger
  cleanup_actor who;
};

} // namespace holdfast

// They hold handles, pointers or questions of the node to itself, and never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::services)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actor_registration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::participant_registration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::cleanup_registration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::scan_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::connection_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::shard_books)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::validate_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::validated_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::user_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::find_receipts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::receipt_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::start_trace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::stop_trace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::trace_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::trace_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::trace_over)
