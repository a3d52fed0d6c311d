#include "tests/support/fake_node.hpp"

namespace holdfast::test {

namespace {

class fake_request final : public handshake_request {
public:
  fake_request(const std::string& target, header_fields fields, const std::string& address,
               time_point accepted = {})
    : fields_{std::move(fields)},
      accepted_{accepted},
      address_{*parse_client_address(address)},
      address_text_{address + ":50000"} {
    auto mark = target.find('?');
    path_ = target.substr(0, mark);
    if (mark != std::string::npos)
      query_ = target.substr(mark + 1);
  }

  std::string_view path() const override { return path_; }
  std::string_view query() const override { return query_; }
  std::string_view header(std::string_view name) const override {
    auto found = fields_.find(name);
    return found == fields_.end() ? std::string_view{} : std::string_view{found->second};
  }
  std::size_t count(std::string_view name) const override { return fields_.count(name); }
  const client_address& address() const override { return address_; }
  std::string_view address_text() const override { return address_text_; }
  time_point accepted_at() const override { return accepted_; }

private:
  std::string path_;
  std::string query_;
  header_fields fields_;
  time_point accepted_;
  client_address address_;
  std::string address_text_;
};

constexpr duration tick_length = std::chrono::milliseconds{20};

} // namespace

void event_memory::write(log_level level, std::string_view event,
                         std::initializer_list<event_field> fields) {
  std::string text;
  for (auto& field : fields) {
    text += text.empty() ? "" : " ";
    text += field.key;
    text += '=';
    if (auto* number = std::get_if<std::int64_t>(&field.value))
      text += std::to_string(*number);
    else
      text += std::get<std::string_view>(field.value);
  }
  events.push_back({level, std::string{event}, text});
}

std::size_t event_memory::count(std::string_view name) const {
  std::size_t result = 0;
  for (auto& event : events)
    result += event.name == name ? 1 : 0;
  return result;
}

fake_node::config::config() {
  set("scheduler.policy", caf::atom("testing"));
}

fake_node::fake_node(node_settings wanted, handler_registry handlers, actor_registry actors)
  : settings{std::move(wanted)},
    listeners(settings.shards),
    system_{system_config_},
    coordinator_{static_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
    control_{system_, time},
    extensions_{system_, time} {
  settings.life = {7};
  std::vector<host_unit*> units;
  for (std::size_t i = 0; i < settings.shards; ++i) {
    units_.push_back(std::make_unique<stepped_unit>(system_, time));
    units.push_back(units_.back().get());
  }
  whole = std::make_unique<node>(settings, node_extensions{std::move(handlers), std::move(actors)},
                                 control_, extensions_, units, log);
  whole->context().on_drained = [this](const drain_ledger& x) { ledger = x; };
  whole->context().on_broken = [this](const std::string& why) { broken = why; };
  for (std::size_t i = 0; i < settings.shards; ++i)
    whole->shard_at(i).set_listener(&listeners[i]);
  whole->start();
  run();
}

fake_node::~fake_node() {
  for (auto& c : clients)
    if (c->accepted() && !c->gone)
      peer_vanishes(*c);
  whole->stop();
  run();
}

client& fake_node::connect_within_turn(std::size_t index, const std::string& target,
                                       const std::string& protocol) {
  clients.push_back(std::make_unique<client>());
  auto& c = *clients.back();
  c.shard = index;
  header_fields fields;
  if (!protocol.empty())
    fields["Sec-WebSocket-Protocol"] = protocol;
  fake_request request{target, std::move(fields), "192.0.2.1"};
  c.reply = at(index).handshake(request, c.socket);
  if (c.accepted())
    at(index).established(c.reply.slot);
  return c;
}

client& fake_node::connect(std::size_t index, const std::string& target,
                           const std::string& protocol, const std::string& address) {
  header_fields fields;
  if (!protocol.empty())
    fields["Sec-WebSocket-Protocol"] = protocol;
  return connect_with(index, target, std::move(fields), address);
}

client& fake_node::connect_with(std::size_t index, const std::string& target, header_fields fields,
                                const std::string& address) {
  clients.push_back(std::make_unique<client>());
  auto& c = *clients.back();
  c.shard = index;
  fake_request request{target, std::move(fields), address, time.now() - opening};
  if (!at(index).socket_accepted(request.address())) {
    c.reply.status = 429;
    return c;
  }
  c.reply = at(index).handshake(request, c.socket);
  if (c.accepted())
    at(index).established(c.reply.slot);
  at(index).socket_settled(request.address());
  run();
  return c;
}

void fake_node::text(client& c, const std::string& payload) {
  at(c.shard).bytes_came(time.now());
  if (!c.socket.paused && !c.socket.closing)
    at(c.shard).message(c.reply.slot, frame_opcode::text, payload);
  run();
}

void fake_node::pong(client& c) {
  auto id = c.socket.pings.back();
  std::string payload;
  for (int shift = 56; shift >= 0; shift -= 8)
    payload += static_cast<char>(id >> shift);
  at(c.shard).bytes_came(time.now());
  at(c.shard).pong(c.reply.slot, payload);
  run();
}

void fake_node::peer_closes(client& c, close_code code) {
  at(c.shard).closing(c.reply.slot, code, cause::peer_closed);
  transport_end how;
  how.peer_code = code;
  how.clean = true;
  end(c, how);
  run();
}

void fake_node::peer_vanishes(client& c) {
  transport_end how;
  how.peer_code = close_code::abnormal;
  end(c, how);
  run();
}

void fake_node::end(client& c, const transport_end& how) {
  c.gone = true;
  at(c.shard).ended(c.reply.slot, how);
}

bool fake_node::settle_sockets() {
  bool worked = false;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    auto& c = *clients[i];
    if (!c.accepted() || c.gone)
      continue;
    if (c.socket.closing && c.close_due == time_point::max())
      c.close_due = time.now() + c.socket.allowed.flush + c.socket.allowed.answer;
    bool answered = c.socket.closing && c.socket.peer == manners::answers;
    bool given_up = c.socket.closing && time.now() >= c.close_due;
    if (!answered && !given_up && !c.socket.aborted)
      continue;
    transport_end how;
    how.clean = answered && !c.socket.aborted;
    how.peer_code = how.clean ? c.socket.sent_code : close_code::abnormal;
    how.never_written = {c.socket.queued_messages, c.socket.queued_bytes};
    end(c, how);
    worked = true;
  }
  return worked;
}

void fake_node::run() {
  for (bool worked = true; worked;) {
    worked = control_.step();
    for (std::size_t i = 0; i < units_.size(); ++i) {
      worked = units_[i]->step() || worked;
      at(i).turn_ended();
    }
    worked = extensions_.step() || worked;
    worked = settle_sockets() || worked;
    worked = coordinator_.run() > 0 || worked;
    worked = worked || control_.waiting() || extensions_.waiting();
    for (auto& unit : units_)
      worked = worked || unit->waiting();
  }
}

void fake_node::tick() {
  coordinator_.advance_time(std::chrono::nanoseconds{0});
  for (std::size_t i = 0; i < units_.size(); ++i)
    at(i).tick(time.now());
  run();
}

void fake_node::advance(duration by) {
  for (; by > duration::zero(); by -= tick_length) {
    auto step = std::min(by, tick_length);
    time.advance(step);
    coordinator_.advance_time(step);
    tick();
  }
}

void fake_node::stall(duration by) {
  time.advance(by);
  tick();
}

void fake_node::make_throw(const std::string& actor, const std::string& text) {
  auto& registered = context().registry.at(actor);
  registered.probe->plant_fault(text);
  caf::anon_send(caf::actor_cast<caf::actor>(registered.address), tick_atom::value);
  run();
}

std::vector<close_receipt> fake_node::receipts(const std::string& user) {
  return ask<std::vector<close_receipt>>(peers().health, get_receipts{user, 1000});
}

node_settings test_settings() {
  node_settings settings;
  settings.name = "test";
  settings.routes = {{"/echo", "echo", {}}, {"/broadcast", "broadcast", {}}, {"/", "topics", {}}};
  settings.max_message_size = 64 * 1024;
  settings.heartbeat.connection_timeout = duration::zero();
  return settings;
}

} // namespace holdfast::test
