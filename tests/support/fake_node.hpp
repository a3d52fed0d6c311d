// A whole node in virtual time: every actor on loops that the test steps, every socket a fake.
#pragma once

#include "actors/node.hpp"
#include "tests/support/fake_socket.hpp"
#include "tests/support/stepped_unit.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

struct logged_event {
  log_level level;
  std::string name;
  std::string text; ///< "key=value key=value"
};

class event_memory final : public event_log {
public:
  bool wants(log_level) const override { return true; }
  void write(log_level level, std::string_view event,
             std::initializer_list<event_field> fields) override;

  std::size_t count(std::string_view name) const;

  std::vector<logged_event> events;
};

class fake_listener final : public transport_listener {
public:
  void stop_accepting() override { accepting = false; }
  std::string resume_accepting() override {
    accepting = true;
    return {};
  }

  bool accepting = true;
};

/// A request's fields by name, in this very spelling, each once.
using header_fields = std::map<std::string, std::string, std::less<>>;

/// One client, from its handshake on.
struct client {
  std::size_t shard = 0;
  handshake_reply reply;
  fake_socket socket;
  time_point close_due = time_point::max(); ///< when the transport gives a silent peer up
  bool gone = false;

  bool accepted() const { return reply.status == 101 && reply.close == close_code::none; }
};

class fake_node {
public:
  explicit fake_node(node_settings settings, handler_registry handlers = built_in_handlers(),
                     actor_registry actors = built_in_actors());
  ~fake_node();

  /// A handshake on one shard. `target` is path and query; `protocol` the subprotocols offered.
  client& connect(std::size_t shard, const std::string& target, const std::string& protocol = {},
                  const std::string& address = "192.0.2.1");

  /// The same with whatever fields.
  client& connect_with(std::size_t shard, const std::string& target, header_fields fields,
                       const std::string& address = "192.0.2.1");

  /// The same without the turn's end: what it gathered for other shards is still here.
  client& connect_within_turn(std::size_t shard, const std::string& target,
                              const std::string& protocol = {});

  void text(client& c, const std::string& payload);
  void pong(client& c); ///< to the last ping
  void peer_closes(client& c, close_code code = close_code::normal);
  void peer_vanishes(client& c);

  /// Runs actors and sockets until nothing is left to do.
  void run();

  /// Lets time pass in ticks, running what comes due.
  void advance(duration by);

  /// Lets time pass at once, as when the process was stopped.
  void stall(duration by);

  /// Asks an actor and waits, in virtual time. Fails the test when it does not answer.
  template <class Answer, class Handle, class Question>
  Answer ask(const Handle& who, Question question);

  template <class Message>
  void tell_shutdown(Message message) {
    whole->tell_shutdown(std::move(message));
    run();
  }

  /// Ends an actor as a crash would.
  template <class Handle>
  void kill(const Handle& who) {
    caf::anon_send_exit(who, caf::exit_reason::kill);
    run();
  }

  /// Has an actor's next message throw an exception, and sends it one.
  void make_throw(const std::string& actor, const std::string& text);

  node_context& context() { return whole->context(); }
  shard& at(std::size_t index) { return whole->shard_at(index); }
  services& peers() { return whole->context().peers; }
  std::vector<close_receipt> receipts(const std::string& user = {});
  std::size_t open() { return whole->context().total.taken(); }

  node_settings settings;
  manual_clock time;
  duration opening{}; ///< from the accepts of connect() and connect_with() to their requests
  event_memory log;
  std::optional<drain_ledger> ledger;
  std::string broken;
  std::vector<std::unique_ptr<client>> clients;
  std::vector<fake_listener> listeners;

private:
  void tick();
  bool settle_sockets();
  void end(client& c, const transport_end& how);

  struct config : caf::actor_system_config {
    config();
  };

  config system_config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& coordinator_;
  stepped_unit control_;
  stepped_unit extensions_;
  std::vector<std::unique_ptr<stepped_unit>> units_;

public:
  std::unique_ptr<node> whole;
};

template <class Answer, class Handle, class Question>
Answer fake_node::ask(const Handle& who, Question question) {
  std::optional<Answer> answer;
  auto asker = spawn_on(control_, probe_ptr{}, [&](caf::event_based_actor* self) {
    self->request(who, caf::infinite, std::move(question)).then([&answer](Answer& x) {
      answer = std::move(x);
    });
  });
  run();
  if (!answer)
    throw std::runtime_error{"an actor did not answer"};
  return std::move(*answer);
}

/// Settings for tests: one shard, round numbers, routes /echo, /broadcast, / and those of the test.
node_settings test_settings();

} // namespace holdfast::test
