#include "actors/handlers/handler_host.hpp"

#include <stdexcept>

namespace holdfast {

void host_context::behavior(caf::message_handler) {
  throw std::logic_error{"an inline handler has no actor that could understand messages"};
}

void host_context::after(duration delay, std::function<void()> f) {
  unit_.call_at(holdfast::after(unit_.time().now(), delay), [me = while_alive(), f = std::move(f)] {
    auto alive = me.lock();
    if (!alive)
      return;
    auto& self = **alive;
    try {
      self.run(f);
    } catch (...) {
      self.log_.write(
        log_level::warn, "handler_crashed",
        {{"handler", self.route_.handler}, {"error", what_was_thrown(std::current_exception())}});
    }
  });
}

void host_context::at_cleanup(std::string name, std::function<void()> f) {
  node_.at_cleanup(unit_, {route_.path, std::move(name)}, [me = while_alive(), f = std::move(f)] {
    if (auto alive = me.lock())
      (*alive)->run(f);
  });
}

std::weak_ptr<host_context*> host_context::while_alive() {
  if (!alive_)
    alive_ = std::make_shared<host_context*>(this);
  return alive_;
}

std::unique_ptr<handler> make_handler(const handler_type& type, handler_context& around) {
  if (!type.make)
    throw std::logic_error{"the handler \"" + around.route().handler + "\" has no factory"};
  auto made = type.make(around);
  if (!made)
    throw std::logic_error{"the factory of the handler \"" + around.route().handler
                           + "\" has made none"};
  return made;
}

namespace {

/// A factory wants what is there only in a node.
struct tried_enough {};

/// Of a handler that is made to see whether it can be.
class trial final : public handler_context {
public:
  explicit trial(const route_config& route) : route_{route} {}

  const route_config& route() const override { return route_; }
  node_gateway& node() override { return node_; }
  caf::event_based_actor* self() override {
    if (route_.mode == handler_mode::inlined)
      return nullptr;
    throw tried_enough{};
  }
  void behavior(caf::message_handler) override {}
  void after(duration, std::function<void()>) override {}
  void at_cleanup(std::string, std::function<void()>) override {}
  void show(std::string_view, std::string_view) override {}

private:
  /// There is no node yet.
  class nobody final : public node_gateway {
  public:
    void publish(std::string_view, payload_kind, std::string_view, std::string_view) override {}
    void send_to_user(std::string_view, payload_kind, std::string_view) override {}
    void send_to(connection_id, payload_kind, std::string_view) override {}
    void send_to_everyone(payload_kind, std::string_view) override {}
    void close(connection_id, close_code, std::string_view) override {}
    counter& count(std::string_view, std::string_view) override { return number_; }
    counter& gauge(std::string_view, std::string_view) override { return number_; }
    caf::actor_system& system() override { throw tried_enough{}; }

  private:
    counter number_{0};
  };

  const route_config& route_;
  nobody node_;
};

} // namespace

void try_handler(const handler_type& type, const route_config& route) {
  trial context{route};
  try {
    make_handler(type, context);
  } catch (const tried_enough&) {
    return;
  } catch (const std::exception&) {
    throw;
  } catch (...) {
    throw std::runtime_error{what_was_thrown(std::current_exception())};
  }
}

} // namespace holdfast
