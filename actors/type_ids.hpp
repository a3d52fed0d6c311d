// The type ids of everything that crosses actors. Append-only: an id is part of the wire format
// between nodes.
#pragma once

#include "protocol/connection_health.hpp"
#include "protocol/error.hpp"
#include "protocol/messages.hpp"
#include "protocol/trace.hpp"

#include <caf/all.hpp>

namespace holdfast {

struct services;
struct actor_registration;
struct participant_registration;
struct cleanup_registration;
struct handler_batch;
struct session_orders;
struct handler_up;
struct handler_given_up;

} // namespace holdfast

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(holdfast, first_custom_type_id)

  CAF_ADD_TYPE_ID(holdfast, (holdfast::suspected))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::declared_zombie))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::close_connection))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_notice))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_voided))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::phase_changed))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::send_message))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_connection))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::connection_view))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::verdicts_wanted))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::verdicts_given))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::users_left))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::evict_connection))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::snapshot_wanted))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::snapshot_given))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::close_by_id))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_shard))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::shard_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_pool))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::pool_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::sweep_shard))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::list_connections))
  CAF_ADD_TYPE_ID(holdfast, (std::vector<holdfast::connection_view>))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::clean_zombies))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_heartbeat))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::heartbeat_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::publication))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::group_joined))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::group_left))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_router))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::router_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::connections_closed))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::receipts_kept))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_receipts))
  CAF_ADD_TYPE_ID(holdfast, (std::vector<holdfast::close_receipt>))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_health))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::health_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::start_drain))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::force_drain))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::cancel_drain))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_drain))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::plan_a_drain))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_forecast))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_ledger))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::count_population))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::drain_population))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::accepting_stopped))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::stop_accepting))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::begin_leaving))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::stop_heartbeats))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::force_close_all))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::abort_all))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::resume_serving))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::member_restarted))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::cleanup_wanted))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::list_actors))
  CAF_ADD_TYPE_ID(holdfast, (std::vector<holdfast::actor_view>))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::errc))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::services))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::actor_registration))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::participant_registration))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::cleanup_registration))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::groups_announced))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_ledger))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::find_connection))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::scan_connections))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::connection_page))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::check_books))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::shard_books))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::list_users))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::user_list))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::find_receipts))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::receipt_page))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::start_trace))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::stop_trace))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::trace_events))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::trace_taken))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::trace_over))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::validate_connections))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::validated_connections))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_vitals))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::vitals_status))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::get_alerts))
  CAF_ADD_TYPE_ID(holdfast, (std::vector<holdfast::alert_status>))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::spawn_actor_request))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::stop_actor_request))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::actor_answer))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::send_to_user))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::send_by_id))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::handler_batch))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::session_orders))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::handler_up))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::handler_given_up))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::presence_wanted))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::presence_left))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::presence_news))
  CAF_ADD_TYPE_ID(holdfast, (holdfast::presence_state))

CAF_END_TYPE_ID_BLOCK(holdfast)
// clang-format on
