// The node's side of node_gateway: what handlers, custom actors and the admin API say to clients.
#pragma once

#include "actors/events.hpp"
#include "actors/handler.hpp"
#include "actors/hosting.hpp"
#include "actors/interfaces.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace holdfast {

/// A counter or gauge that somebody has asked for.
struct named_number {
  std::string name;
  std::string help;
  bool is_gauge = false;
  std::int64_t value = 0;
};

/// What a cleanup is called, and whose it is: two routes may each have one "save".
struct cleanup_name {
  std::string owner;
  std::string name;
};

/// Threads: any.
class gateway final : public node_gateway {
public:
  explicit gateway(caf::actor_system& system) : system_{system} {}

  /// The permanent actors, after the start and whenever one of them was restarted.
  void set_peers(const services& peers);

  void publish(std::string_view topic, payload_kind kind, std::string_view payload,
               std::string_view from) override;
  void send_to_user(std::string_view user, payload_kind kind, std::string_view payload) override;
  void send_to(connection_id id, payload_kind kind, std::string_view payload) override;
  void send_to_everyone(payload_kind kind, std::string_view payload) override;
  void close(connection_id id, close_code code, std::string_view reason) override;
  counter& count(std::string_view name, std::string_view help) override;
  counter& gauge(std::string_view name, std::string_view help) override;
  caf::actor_system& system() override { return system_; }

  /// Lets go of everybody.
  void stop();

  /// `f` is called on `unit` in the last phase of shutdown, under `name.name`. Replaces one of the
  /// same owner and name on the same unit: the predecessor's, where an actor was made anew.
  void at_cleanup(host_unit& unit, cleanup_name name, std::function<void()> f);

  /// Counters and gauges by their names.
  std::vector<named_number> numbers() const;

private:
  struct number {
    number(std::string_view what, bool gauge) : help{what}, is_gauge{gauge} {}

    std::string help;
    bool is_gauge;
    counter value{0};
  };

  struct cleanup {
    host_unit* unit;
    cleanup_name name;
    std::shared_ptr<std::function<void()>> call; ///< touched on the unit's thread alone
    cleanup_actor who;
    bool registered = false;
  };

  counter& number_of(std::string_view name, std::string_view help, bool is_gauge);
  void register_cleanups();

  caf::actor_system& system_;
  mutable std::mutex mutex_; // guards all below
  services peers_;
  std::map<std::string, number, std::less<>> numbers_;
  std::deque<cleanup> cleanups_;
};

} // namespace holdfast
