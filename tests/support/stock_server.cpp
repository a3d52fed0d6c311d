#include "tests/support/stock_server.hpp"

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include <atomic>
#include <set>
#include <thread>

namespace holdfast::test {

namespace {

using server = websocketpp::server<websocketpp::config::asio>;
using websocketpp::connection_hdl;
using connection_set = std::set<connection_hdl, std::owner_less<connection_hdl>>;

constexpr long tick_ms = 20;
constexpr long pong_timeout_ms = 2000;

} // namespace

struct stock_server::implementation {
  explicit implementation(const options& settings);

  void opened(connection_hdl connection);
  void closed(connection_hdl connection);
  void echo(connection_hdl connection, const server::message_ptr& message);
  void broadcast(const server::message_ptr& message);
  void give_up(connection_hdl connection);
  void arm_ticks();
  void tick();

  server endpoint;
  connection_set everyone;
  connection_set subscribers; ///< of /broadcast
  duration ping_interval;
  double pings_due = 0;
  connection_hdl last_pinged;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> messages{0};
  std::thread thread;
};

stock_server::implementation::implementation(const options& settings)
  : ping_interval{settings.ping_interval} {
  endpoint.clear_access_channels(websocketpp::log::alevel::all);
  endpoint.clear_error_channels(websocketpp::log::elevel::all);
  endpoint.init_asio();
  endpoint.set_reuse_addr(true);
  if (settings.max_message_size > 0)
    endpoint.set_max_message_size(settings.max_message_size);
  endpoint.set_open_handler([this](connection_hdl c) { opened(c); });
  endpoint.set_close_handler([this](connection_hdl c) { closed(c); });
  endpoint.set_message_handler(
    [this](connection_hdl c, const server::message_ptr& message) { echo(c, message); });
  endpoint.listen("127.0.0.1", std::to_string(settings.port));
  endpoint.start_accept();
  if (ping_interval > duration::zero()) {
    endpoint.set_pong_timeout(pong_timeout_ms);
    endpoint.set_pong_timeout_handler([this](connection_hdl c, const std::string&) { give_up(c); });
    arm_ticks();
  }
}

void stock_server::implementation::opened(connection_hdl connection) {
  everyone.insert(connection);
  connections.fetch_add(1, std::memory_order_relaxed);
  auto opened = endpoint.get_con_from_hdl(connection);
  const auto& target = opened->get_resource();
  if (target.substr(0, target.find('?')) != "/broadcast")
    return;
  subscribers.insert(connection);
  opened->set_message_handler(
    [this](connection_hdl, const server::message_ptr& message) { broadcast(message); });
}

void stock_server::implementation::closed(connection_hdl connection) {
  everyone.erase(connection);
  subscribers.erase(connection);
  connections.fetch_sub(1, std::memory_order_relaxed);
}

void stock_server::implementation::echo(connection_hdl connection,
                                        const server::message_ptr& message) {
  messages.fetch_add(1, std::memory_order_relaxed);
  websocketpp::lib::error_code failed; // somebody who leaves meanwhile is no news
  endpoint.send(connection, message->get_payload(), message->get_opcode(), failed);
}

void stock_server::implementation::broadcast(const server::message_ptr& message) {
  messages.fetch_add(1, std::memory_order_relaxed);
  websocketpp::lib::error_code failed;
  for (const auto& subscriber : subscribers)
    endpoint.send(subscriber, message, failed);
}

/// The library's own way to find out that a peer is gone.
void stock_server::implementation::give_up(connection_hdl connection) {
  websocketpp::lib::error_code failed;
  endpoint.close(connection, websocketpp::close::status::policy_violation, "no pong", failed);
}

void stock_server::implementation::arm_ticks() {
  endpoint.set_timer(tick_ms, [this](const websocketpp::lib::error_code& cancelled) {
    if (!cancelled) {
      arm_ticks();
      tick();
    }
  });
}

/// Pings this tick's share of the connections, each in its turn.
void stock_server::implementation::tick() {
  auto share = std::chrono::duration<double>{std::chrono::milliseconds{tick_ms}} / ping_interval;
  pings_due += static_cast<double>(everyone.size()) * share;
  websocketpp::lib::error_code failed;
  for (; pings_due >= 1 && !everyone.empty(); pings_due -= 1) {
    auto next = everyone.upper_bound(last_pinged);
    if (next == everyone.end())
      next = everyone.begin();
    last_pinged = *next;
    endpoint.ping(last_pinged, "", failed);
  }
}

stock_server::stock_server(options settings) : inner_{std::make_unique<implementation>(settings)} {}

stock_server::~stock_server() {
  stop();
  if (inner_->thread.joinable())
    inner_->thread.join();
}

std::uint16_t stock_server::port() const {
  websocketpp::lib::asio::error_code failed;
  return inner_->endpoint.get_local_endpoint(failed).port();
}

void stock_server::run() {
  inner_->endpoint.run();
}

void stock_server::start() {
  inner_->thread = std::thread{[this] { run(); }};
}

void stock_server::stop() {
  inner_->endpoint.stop();
}

std::size_t stock_server::connections() const {
  return inner_->connections.load(std::memory_order_relaxed);
}

std::size_t stock_server::messages() const {
  return inner_->messages.load(std::memory_order_relaxed);
}

} // namespace holdfast::test
