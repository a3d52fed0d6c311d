// A node in virtual time with a part of the admin API before it.
#pragma once

#include "app/admin/api/api.hpp"
#include "tests/app/admin/fake_exchange.hpp"
#include "tests/support/fake_node.hpp"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::admin::test {

struct api_node {
  using room = std::vector<endpoint> (*)(api_context&);

  explicit api_node(const node_settings& settings, room endpoints, control_calls control = {})
    : node{settings},
      peers{node.peers()},
      context{node.context().unit,
              [this](auto f) { return spawn_on(node.context().unit, probe_ptr{}, std::move(f)); },
              [](const caf::actor&) {},
              node.context().settings,
              limits_of(settings.heartbeat, {}, settings.close_timeout),
              node.context().total,
              node.context().outside,
              node.context().log,
              events,
              peers,
              "1.2.3",
              {},
              {},
              node.context().unit.time().now(),
              [] { return std::uint64_t{0}; },
              control},
      served{endpoints(context)} {}

  /// Asks, and lets time pass until there is an answer; three seconds at most.
  std::shared_ptr<fake_exchange> ask(const std::string& method, const std::string& path,
                                     const std::string& body = {},
                                     std::vector<std::pair<std::string, std::string>> query = {}) {
    auto exchange = asked(method, path, body, std::move(query));
    served.answer(exchange);
    node.run();
    for (int i = 0; i < 30 && exchange->answers == 0; ++i)
      node.advance(std::chrono::milliseconds{100});
    return exchange;
  }

  /// An actor of this interface that never answers.
  template <class Handle>
  Handle silent() {
    mute_ = spawn_on(node.context().unit, probe_ptr{}, [](caf::event_based_actor* self) {
      self->set_default_handler(caf::skip);
      return caf::behavior{[](int) {}};
    });
    return caf::actor_cast<Handle>(mute_);
  }

  holdfast::test::fake_node node;
  asio::io_context io;
  event_hub events{node.context().log, io};
  services peers; ///< what the API knows of; a test may put others there
  api_context context;
  api served;

private:
  caf::actor mute_;
};

} // namespace holdfast::admin::test
