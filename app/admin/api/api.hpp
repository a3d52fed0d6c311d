// The admin API: which path is answered by what.
#pragma once

#include "actors/events.hpp"
#include "actors/gateway.hpp"
#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"
#include "actors/shard.hpp"
#include "app/admin/api/json.hpp"
#include "app/admin/http/exchange.hpp"
#include "app/event_hub.hpp"
#include "app/reload.hpp"
#include "protocol/capacity.hpp"
#include "protocol/connection_health.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::admin {

/// What is done on the control thread; the answer is given back on the admin thread.
struct control_calls {
  /// Reads the configuration and the keys again.
  std::function<void(std::function<void(const reload_result&)>)> reload;
  /// Each key with its value and origin.
  std::function<void(std::function<void(const std::vector<config_item>&)>)> items;
  std::function<void(log_level)> set_log_level; ///< at once; any thread
};

/// What the endpoints stand on. Everything but `peers` is set before the first request.
struct api_context {
  using actor_function = std::function<caf::behavior(caf::event_based_actor*)>;

  host_unit& unit; ///< the admin thread's
  /// Runs a function as an actor of the admin thread, which ends with it.
  std::function<caf::actor(actor_function)> spawn;
  /// Has an actor that was made on `unit` end with the admin thread as well.
  std::function<void(const caf::actor&)> adopt;
  const node_settings& settings; ///< never changes; any thread
  health_limits limits;          ///< what a connection is held against
  const capacity& total;         ///< any thread
  gateway& outside;              ///< any thread
  event_log& log;                ///< any thread
  event_hub& events;             ///< what the log hears
  const services& peers;         ///< the actors as last heard of; the admin thread's copy
  std::string version;
  std::vector<std::string> addresses;            ///< where it listens
  wall_time started{};                           ///< the wall clock at the start
  time_point started_at{};                       ///< and the monotonic one
  std::function<std::uint64_t()> log_lines_lost; ///< so far
  control_calls control;
};

using exchange_ptr = std::shared_ptr<exchange>;

/// Answers with a JSON value.
void reply(exchange& to, const json& value, int status = 200);

/// Answers with an error. `code` is one of those in openapi.json; `hint` says what to do.
void fail(exchange& to, int status, std::string_view code, std::string_view message,
          std::string_view hint = {});

/// The fields of the request's body, which may be empty where nothing is needed. Answers 400 and
/// returns nothing when the body is no JSON object, or has a field that is not in `known`.
std::optional<json> fields_of(exchange& from, const std::vector<std::string>& known);

/// Whether all query parameters are in `known`; answers 400 when one is not.
bool knows_parameters(exchange& from, const std::vector<std::string>& known);

/// One way in. `rest` is what the request's path has in the place of `{}` in the pattern.
struct endpoint {
  std::string_view method;
  std::string_view pattern; ///< "/v1/actors/{}"; the braces take any text that is not empty
  std::function<void(const exchange_ptr&, const std::string& rest)> answer;
};

/// Finds the endpoint and lets it answer; says 404 with the nearest path, or 405 with `Allow`.
/// Threads: the admin thread.
class api {
public:
  explicit api(std::vector<endpoint> endpoints) : endpoints_{std::move(endpoints)} {}

  void answer(const exchange_ptr& asked) const;

private:
  void not_found(exchange& asked) const;

  std::vector<endpoint> endpoints_;
};

} // namespace holdfast::admin
