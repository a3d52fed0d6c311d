#include "tests/simulation/scenario.hpp"

#include "tests/simulation/credentials.hpp"

namespace holdfast::simulation {

namespace {

using std::chrono::milliseconds;

duration ms(dice& from, std::int64_t low, std::int64_t high) {
  return milliseconds{from.between(low, high)};
}

void draw_limits(dice& from, node_settings& s) {
  s.max_total_connections = static_cast<std::size_t>(from.between(2, 16));
  s.reserve = from.chance(20) ? 1 : 0;
  s.admission.max_connections_per_user
    = from.chance(10) ? 0 : static_cast<std::size_t>(from.between(1, 3));
  s.admission.on_user_limit
    = from.chance(50) ? user_limit_policy::reject_newest : user_limit_policy::evict_oldest;
  s.gate.half_open = static_cast<unsigned>(from.chance(50) ? from.between(1, 4) : 0);
  s.gate.half_open_per_address = static_cast<unsigned>(from.chance(30) ? from.between(1, 4) : 0);
  s.gate.handshakes_per_address = static_cast<unsigned>(from.chance(30) ? from.between(2, 8) : 0);
  s.gate.refuse_close_rate = static_cast<unsigned>(from.between(1, 20));
  s.gate.refuse = static_cast<refuse_mode>(from.below(3));
  s.gate.remembered_addresses = 8;
  s.gate.origins = {"https://example.org"};
}

void draw_heartbeat(dice& from, node_settings& s) {
  auto& h = s.heartbeat;
  h.ping_interval = ms(from, 900, 3000);
  h.pong_timeout = ms(from, 400, 800);
  h.max_missed_pongs = static_cast<unsigned>(from.between(1, 3));
  h.zombie_detection_threshold
    = from.chance(30) ? ms(from, 1500, 3000) : h.ping_interval + ms(from, 3000, 8000);
  h.connection_timeout = from.chance(50) ? duration::zero() : ms(from, 3000, 9000);
  h.max_read_pause = ms(from, 800, 4000);
  s.on_zombie = from.chance(50) ? zombie_policy::close : zombie_policy::mark;
}

void draw_shutdown(dice& from, node_settings& s) {
  auto& d = s.shutdown;
  d.lb_grace = from.chance(50) ? duration::zero() : ms(from, 50, 600);
  d.notify_clients = from.chance(75);
  d.drain_timeout = ms(from, 1500, 6000);
  d.reconnect_rate = static_cast<unsigned>(from.between(1, 20));
  d.restart_allowance = ms(from, 0, 2000);
  d.message_flush_timeout = ms(from, 200, 800);
  d.force_close_timeout
    = from.chance(80) ? d.drain_timeout + ms(from, 500, 3000) : ms(from, 1000, 3000);
  d.cleanup_timeout = ms(from, 300, 1500);
  s.close_timeout = ms(from, 300, 1000);
}

void draw_routes(dice& from, node_settings& s) {
  for (auto* path : {"/a", "/b", "/own", "/shared"}) {
    route_config route;
    route.path = path;
    route.handler = "scripted";
    s.routes.push_back(route);
  }
  s.routes[2].mode = handler_mode::per_connection;
  auto& shared = s.routes[3];
  shared.mode = handler_mode::shared;
  shared.restarts.max_restarts = static_cast<unsigned>(from.chance(15) ? from.between(0, 1) : 50);
  shared.on_give_up = from.chance(50) ? give_up_policy::drain : give_up_policy::close;
}

} // namespace

scenario draw_scenario(dice& from) {
  scenario x;
  auto& s = x.settings;
  static const credentials shown;
  s.name = "simulated";
  s.authentication = &shown;
  s.life = {7};
  s.shards = static_cast<std::size_t>(from.between(1, 4));
  draw_limits(from, s);
  draw_heartbeat(from, s);
  draw_shutdown(from, s);
  s.pool_cleanup_interval = ms(from, 800, 4000);
  s.supervision.max_restarts = static_cast<unsigned>(from.chance(15) ? from.between(0, 1) : 5);
  s.supervision.within = std::chrono::seconds{from.between(5, 60)};
  s.max_message_size = 4096;
  draw_routes(from, s);
  x.users = static_cast<std::size_t>(from.between(1, 5));
  x.max_queued_messages = static_cast<std::size_t>(from.between(1, 6));
  x.on_slow_consumer = static_cast<send_queue_config::slow_consumer>(from.below(3));
  x.answers_pings = static_cast<unsigned>(from.between(20, 100));
  x.answers_closes = static_cast<unsigned>(from.between(20, 100));
  x.how = draw_weights(from);
  return x;
}

std::string summary(const scenario& x) {
  auto& s = x.settings;
  return std::to_string(s.shards) + " shards, " + std::to_string(s.max_total_connections)
         + " in all, " + std::to_string(s.admission.max_connections_per_user) + " a user, "
         + std::string{to_string(s.admission.on_user_limit)} + ", zombies "
         + std::string{to_string(s.on_zombie)} + ", ping "
         + std::to_string(to_ms(s.heartbeat.ping_interval)) + " ms, drain "
         + std::to_string(to_ms(s.shutdown.drain_timeout)) + " ms, force "
         + std::to_string(to_ms(s.shutdown.force_close_timeout)) + " ms, "
         + std::to_string(s.supervision.max_restarts) + " restarts";
}

} // namespace holdfast::simulation
