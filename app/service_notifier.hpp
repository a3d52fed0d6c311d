// Keeps the service manager informed for as long as the node lives.
#pragma once

#include "actors/interfaces.hpp"
#include "app/service_status.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace holdfast {

struct node_context;

/// An actor on the control thread that tells each phase of a drain, a status line every
/// `status_period`, and while everybody answers WATCHDOG=1, three times in each period of the
/// watchdog. "Everybody" are the pool, health, router and shutdown actors and on each shard its
/// pool member and its heartbeat: a loop that hangs, or an actor that does, is one that does not
/// answer, and the log names it. Who has died is the supervisor's business and is not waited for.
///
/// Threads: the control thread.
class service_notifier {
public:
  using send_function = std::function<void(std::string_view assignments)>;

  static constexpr duration status_period = std::chrono::seconds{10};
  static constexpr duration status_period_draining = std::chrono::seconds{1};

  /// What the end of a process may take beyond the longest drain.
  static constexpr duration drain_slack = std::chrono::seconds{10};

  /// `node` outlives it. `watchdog` is the time within which WATCHDOG=1 must come; unset: never.
  service_notifier(node_context& node, std::optional<duration> watchdog, send_function send);

  /// The node serves: says READY=1, and begins.
  void start();

  /// Around a reload, so that whoever has asked for it hears when it was done.
  void reloading();
  void reloaded();

  /// Ends the actor. Nothing is told any more.
  void stop();

private:
  node_context& node_;
  std::optional<duration> watchdog_;
  send_function send_;
  participant_actor actor_;
};

/// The node as it is now. Threads: the control thread.
service_view view_of(const node_context& node);

} // namespace holdfast
