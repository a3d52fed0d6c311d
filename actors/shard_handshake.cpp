// The way in: a shard's side of each handshake, from the socket to the upgrade.
#include "actors/pool_member.hpp"
#include "actors/shard.hpp"
#include "actors/tracer.hpp"
#include "protocol/bearer_token.hpp"
#include "protocol/query.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

constexpr std::string_view subprotocol_v1 = "holdfast.v1";

/// Where nothing else is asked for.
const claimed_user anyone;

} // namespace

const authenticator& shard::authentication() const {
  return settings_.authentication ? *settings_.authentication : anyone;
}

bool shard::socket_accepted(const client_address& from) {
  ++counters_.sockets;
  auto refused = gate_.admit_socket(from, now());
  if (refused) {
    count(*refused);
    if (traced)
      traced->refused({*refused, {}, {}, to_string(from), {}});
  }
  return !refused;
}

void shard::socket_settled(const client_address& from) {
  if (!gate_.handshake_done(from))
    ++counters_.mended;
}

void shard::refused(refusal why) {
  count(why);
  log_.write(log_level::debug, "refused", {{"reason", to_string(why)}});
}

handshake_reply shard::deny(const denial& no, const handshake_request& request) {
  if (traced)
    traced->refused({no.why, no.detail, no.user, no.address, request.path()});
  if (no.detail.empty()) {
    refused(no.why);
  } else {
    count(no.why);
    log_.write(log_level::debug, "refused", {{"reason", to_string(no.why)}, {"detail", no.detail}});
  }
  auto how = gate_.refuse(no.why, now());
  handshake_reply reply;
  if (how.style == refusal_style::upgrade_then_close) {
    reply.close = static_cast<close_code>(how.close_code);
    // A browser that offered some and sees none selected fails before it reads the code.
    reply.subprotocol = choose_subprotocol(request.header("Sec-WebSocket-Protocol"));
  } else {
    reply.status = how.http_status;
    reply.retry_after_s = static_cast<unsigned>(how.retry_after.count());
  }
  return reply;
}

const route* shard::find_route(std::string_view path) const {
  auto found = std::find_if(routes_.begin(), routes_.end(),
                            [path](const route& r) { return r.config.path == path; });
  return found == routes_.end() ? nullptr : &*found;
}

std::variant<std::string, shard::denial> shard::locate(const handshake_request& request) {
  if (!gate_.accepting() || !gate_.trusts(request.address()))
    return std::string{request.address_text()};
  auto client = forwarded_client(request.header("X-Forwarded-For"), settings_.gate.trusted_proxies);
  if (auto* fault = std::get_if<forwarding_fault>(&client)) {
    switch (*fault) {
    case forwarding_fault::absent: return std::string{request.address_text()};
    case forwarding_fault::malformed:
      return denial{refusal::bad_request,
                    "a proxy's X-Forwarded-For has something that is no address",
                    {},
                    request.address_text()};
    }
  }
  const auto& address = std::get<client_address>(client);
  if (auto no = gate_.admit_address(address, now()))
    return denial{*no, {}, {}, request.address_text()};
  return to_string(address);
}

handshake_reply shard::handshake(const handshake_request& request,
                                 transport_connection& connection) {
  gate_request asked;
  asked.path = request.path();
  if (auto origin = request.header("Origin"); !origin.empty())
    asked.origin = origin;
  auto located = locate(request);
  if (auto* no = std::get_if<denial>(&located))
    return deny(*no, request);
  auto& address = std::get<std::string>(located);
  if (auto why = gate_.screen(asked))
    return deny({*why, {}, {}, address}, request);
  auto who
    = authentication().identify(request, gate_.trusts(request.address()), unit_.time().wall());
  auto* known = std::get_if<identity>(&who);
  asked.authenticated = known != nullptr;
  asked.priority = known && known->priority;
  if (auto why = gate_.admit_request(asked))
    return deny({*why, known ? std::string_view{} : std::get<unidentified>(who).fault,
                 known ? std::string_view{known->user} : std::string_view{}, address},
                request);
  return accept(request, connection, std::move(*known), std::move(address));
}

handshake_reply shard::accept(const handshake_request& request, transport_connection& socket,
                              identity who, std::string address) {
  handshake_reply reply;
  reply.subprotocol = choose_subprotocol(request.header("Sec-WebSocket-Protocol"));
  auto since = request.accepted_at();
  auto opening = since == time_point{} ? duration::zero() : now() - since;
  reply.slot = slots_.take(now());
  auto* where = find_route(request.path());
  named_texts headers;
  for (auto& name : where->headers)
    set_value(headers, name, request.header(name), where->headers.size());
  auto actor = spawn_on<connection, caf::lazy_init + caf::hidden>(
    unit_, this,
    connection_seed{ids_.next(), reply.slot, &socket, where, std::move(who.user),
                    std::move(address), query_without(request.query(), token_parameter),
                    std::move(headers), std::move(who.attributes), who.priority,
                    reply.subprotocol == subprotocol_v1, opening});
  auto& place = slots_[reply.slot];
  place.keeper = caf::actor_cast<caf::strong_actor_ptr>(actor);
  place.actor = static_cast<holdfast::connection*>(place.keeper->get());
  place.socket = &socket;
  if (who.valid_for)
    expiries_.set(reply.slot, now() + *who.valid_for);
  ++counters_.in_state[static_cast<std::size_t>(connection_state::handshaking)];
  if (pool)
    pool->supervise(reply.slot);
  return reply;
}

void shard::established(slot_index index) {
  if (pool)
    pool->judge(index);
  // Without a pool member it waits: a restarted one judges everyone who does.
}

} // namespace holdfast
