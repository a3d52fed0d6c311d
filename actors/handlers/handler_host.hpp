// What a route's handler lives in: one on each shard, whatever the mode.
#pragma once

#include "actors/gateway.hpp"
#include "actors/handler.hpp"
#include "actors/hosting.hpp"

#include <functional>
#include <memory>
#include <string>

namespace holdfast {

class shard;
class connection;

/// Threads: its shard's, but for construction.
class handler_host {
public:
  virtual ~handler_host() = default;

  /// What the connections of the route call.
  virtual handler& app() = 0;

  /// The shard has seen to everything that was there: time to pass on what was gathered.
  virtual void turn_ended() {}
};

/// What the contexts of all modes have in common.
class host_context : public handler_context {
public:
  host_context(const route_config& route, gateway& node, host_unit& unit, event_log& log)
    : route_{route},
      node_{node},
      unit_{unit},
      log_{log} {}

  host_context(const host_context&) = delete;
  host_context& operator=(const host_context&) = delete;

  const route_config& route() const override { return route_; }
  node_gateway& node() override { return node_; }
  caf::event_based_actor* self() override { return nullptr; }
  void behavior(caf::message_handler) override;
  void after(duration delay, std::function<void()> f) override;
  void at_cleanup(std::string name, std::function<void()> f) override;
  void show(std::string_view, std::string_view) override {}

protected:
  /// Calls what after() and at_cleanup() were given.
  virtual void run(const std::function<void()>& f) { f(); }

  host_unit& home() const { return unit_; }
  event_log& log() const { return log_; }

private:
  std::weak_ptr<host_context*> while_alive();

  const route_config& route_;
  gateway& node_;
  host_unit& unit_;
  event_log& log_;
  std::shared_ptr<host_context*> alive_; // once somebody has asked: most never do
};

/// What its factory makes; throws what that throws, and std::logic_error when that is nothing.
std::unique_ptr<handler> make_handler(const handler_type& type, handler_context& around);

/// A route's handler on one shard: called directly.
class inline_host final : public handler_host, private host_context {
public:
  inline_host(const handler_type& type, const route_config& route, gateway& node, host_unit& unit,
              event_log& log)
    : host_context{route, node, unit, log},
      app_{make_handler(type, *this)} {}

  handler& app() override { return *app_; }

private:
  std::unique_ptr<handler> app_;
};

/// Whether a handler can be made for the route, as far as that can be seen without a node. Throws
/// std::exception, with a sentence for the user, when it cannot.
void try_handler(const handler_type& type, const route_config& route);

} // namespace holdfast
