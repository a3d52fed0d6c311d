#include "actors/shard.hpp"

#include "actors/handlers/own_actor.hpp"
#include "actors/handlers/shared_port.hpp"
#include "actors/heartbeat.hpp"
#include "actors/pool_member.hpp"
#include "actors/router_member.hpp"
#include "actors/tracer.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace holdfast {

namespace {

/// A zombie is expected to answer nothing; it gets this long to prove otherwise.
constexpr duration zombie_patience = std::chrono::seconds{1};

gate_config gate_of(const node_settings& settings) {
  auto config = settings.gate;
  config.shards = static_cast<unsigned>(settings.shards);
  return config;
}

std::vector<std::string> paths_of(const std::vector<route_config>& routes) {
  std::vector<std::string> paths;
  for (auto& r : routes)
    paths.push_back(r.path);
  return paths;
}

} // namespace

void shard::make_routes(const handler_registry& handlers, gateway& outside) {
  routes_.reserve(settings_.routes.size()); // hosts refer to their route's configuration
  for (auto& config : settings_.routes) {
    auto found = handlers.find(config.handler);
    if (found == handlers.end())
      throw std::invalid_argument("route " + config.path + ": there is no handler \""
                                  + config.handler + "\"");
    auto& type = found->second;
    auto& made = routes_.emplace_back();
    made.config = config;
    made.headers = type.headers;
    switch (config.mode) {
    case handler_mode::inlined:
      made.host = std::make_unique<inline_host>(type, made.config, outside, unit_, log_);
      break;
    case handler_mode::per_connection: {
      auto host = std::make_unique<own_actor_host>(type, made.config, outside, *this);
      made.own = [host = host.get()](connection& of) { return host->make(of); };
      made.host = std::move(host);
      break;
    }
    case handler_mode::shared: made.host = std::make_unique<shared_host>(*this); break;
    }
    made.app = &made.host->app();
  }
}

shard::shard(shard_index index, const node_settings& settings, const handler_registry& handlers,
             capacity& total, std::atomic<std::uint64_t>& admitted, gateway& outside,
             host_unit& unit, event_log& log)
  : index_{index},
    settings_{settings},
    total_{total},
    admitted_{admitted},
    unit_{unit},
    log_{log},
    gate_{gate_of(settings), paths_of(settings.routes), total},
    ids_{settings.life, index},
    recent_{now()} {
  make_routes(handlers, outside);
}

shard::~shard() = default;

// ---- frames

/// The slot table keeps the actor through its own end, until the turn is over.
template <class F>
void shard::tell(slot_index index, F&& f) {
  if (auto* actor = slots_[index].actor)
    actor->call([&] { f(*actor); });
}

void shard::message(slot_index index, frame_opcode opcode, std::string_view payload) {
  slots_[index].last_heard = recent_;
  tell(index, [&](connection& c) { c.on_message(opcode, payload); });
}

void shard::heard(slot_index index) {
  auto& place = slots_[index];
  place.last_heard = recent_;
  if (place.doubted) // else there is nothing to tell its actor, whose memory may be cold
    tell(index, [](connection& c) { c.on_heard(); });
}

void shard::ping(slot_index index) {
  heard(index);
}

void shard::pong(slot_index index, std::string_view payload) {
  if (pulse && payload.size() == sizeof(std::uint64_t)) {
    std::uint64_t id = 0;
    for (char byte : payload)
      id = id << 8 | static_cast<unsigned char>(byte);
    pulse->pong(index, id, recent_);
  }
  heard(index);
}

void shard::closing(slot_index index, close_code code, cause why) {
  tell(index, [&](connection& c) { c.on_closing(code, why); });
}

void shard::ended(slot_index index, const transport_end& end) {
  slots_[index].socket = nullptr;
  tell(index, [&](connection& c) { c.on_ended(end); });
  settle(index);
}

void shard::measured(const loop_figures& figures) {
  counters_.lag.add(figures.late);
  counters_.queued_bytes = figures.queued_bytes;
}

void shard::tick(time_point at) {
  recent_ = at;
  if (pulse)
    pulse->beat(at);
  if (pool)
    pool->pulse(at);
  close_expired(at);
}

void shard::close_expired(time_point at) {
  while (auto slot = expiries_.next(at))
    tell(*slot,
         [](connection& c) { c.begin_close(close_code::token_expired, cause::token_expired, {}); });
}

void shard::turn_ended() {
  relieve();
  for (auto& each : routes_)
    each.host->turn_ended();
  parting_.clear();
  if (pool)
    pool->flush();
  if (traced)
    traced->flush();
  slots_.let_go();
  if (receipts_.empty())
    return;
  unsafe_.push_back({index_, ++batches_, std::move(receipts_)});
  receipts_.clear();
  if (peers_.health)
    caf::anon_send(peers_.health, unsafe_.back());
}

// ---- publications

std::shared_ptr<publication_ticket> shard::ticket_for(std::size_t bytes) {
  constexpr std::size_t overhead = 256; // of a message on its way, whatever it says
  return std::make_shared<publication_ticket>(backlog_, bytes + overhead);
}

void shard::throttle(const connection& publisher) {
  throttled_.push_back({publisher.slot_at(), publisher.id()});
}

void shard::relieve() {
  if (throttled_.empty() || *backlog_ > max_backlog / 2)
    return;
  for (auto& one : std::exchange(throttled_, {}))
    if (auto* place = slots_.find(one.slot, one.id))
      place->actor->read_on();
}

void shard::send_receipts_again() {
  for (auto& batch : unsafe_)
    caf::anon_send(peers_.health, batch);
}

void shard::receipts_are_safe(std::uint64_t batch) {
  while (!unsafe_.empty() && unsafe_.front().batch <= batch)
    unsafe_.pop_front();
}

// ---- bookkeeping

void shard::opened(connection& c) {
  ++counters_.admitted;
  admitted_.fetch_add(1, std::memory_order_relaxed);
  if (pulse)
    pulse->enrol(c.slot_at(), now());
}

void shard::moved(connection_state from, connection_state to) {
  --counters_.in_state[static_cast<std::size_t>(from)];
  ++counters_.in_state[static_cast<std::size_t>(to)];
}

void shard::keep(close_receipt r) {
  ++counters_.ended;
  counters_.closed.add(r.why, r.code);
  counters_.forced += is_forced(r.why) ? 1 : 0;
  log_.write(log_level::debug, "closed",
             {{"id", to_string(r.id)},
              {"user", r.user},
              {"code", static_cast<std::int64_t>(r.code)},
              {"cause", to_string(r.why)},
              {"who", to_string(r.who)},
              {"age_ms", to_ms(r.age)},
              {"in", static_cast<std::int64_t>(r.in.messages)},
              {"out", static_cast<std::int64_t>(r.out.messages)},
              {"never_written", static_cast<std::int64_t>(r.never_written.messages)},
              {"detail", r.detail}});
  receipts_.push_back(std::move(r));
}

void shard::pause(slot_index index) {
  slots_[index].paused_since = now();
  if (pulse)
    pulse->pause(index, now());
}

void shard::resume(slot_index index) {
  slots_[index].paused_since = slot::not_paused;
  if (pulse)
    pulse->resume(index, now());
}

close_patience shard::patience(cause why) const {
  bool hopeless = why == cause::zombie_count || why == cause::zombie_silent;
  if (hopeless)
    return {zombie_patience, zombie_patience};
  // Who reads too slowly to take messages gets no longer to take the rest of them.
  return {why == cause::slow_consumer ? settings_.close_timeout
                                      : settings_.shutdown.message_flush_timeout,
          settings_.close_timeout};
}

void shard::settle(slot_index index) {
  auto& place = slots_[index];
  if (!place.actor || place.socket || !place.actor->ended() || !place.actor->released())
    return;
  --counters_.in_state[static_cast<std::size_t>(connection_state::closed)];
  expiries_.clear(index);
  slots_.release(index);
  if (!total_.give())
    ++counters_.mended;
}

} // namespace holdfast
