#include "actors/handlers/shared_actor.hpp"

#include "protocol/query.hpp"
#include "protocol/topic.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

/// A connection as the handler sees it from another thread.
class shared_actor::remote_session final : public session {
public:
  remote_session(shared_actor& home, std::shared_ptr<const session_card> card)
    : home_{home},
      card_{std::move(card)},
      attributes_{card_->attributes},
      groups_{card_->groups} {}

  const session_card& card() const { return *card_; }

  /// Of opened(), while it is called.
  void set_request(const opening_request* request) { request_ = request; }
  void set_closing() { closing_ = true; }

  connection_id id() const override { return card_->id; }
  std::string_view user() const override { return card_->user; }
  std::string_view route() const override { return home_.route().path; }
  bool speaks_v1() const override { return card_->speaks_v1; }

  std::string query(std::string_view name) const override {
    return request_ ? query_value(request_->query, name) : std::string{};
  }

  std::string_view header(std::string_view name) const override {
    return request_ ? value_of(request_->headers, name) : std::string_view{};
  }

  std::string_view attribute(std::string_view name) const override {
    return value_of(attributes_, name);
  }

  bool set_attribute(std::string_view name, std::string_view value) override {
    if (name.empty() || name.size() + value.size() > max_attribute
        || !set_value(attributes_, name, value, max_attributes))
      return false;
    order(named(session_order::kind::attribute, name, value));
    return true;
  }

  void set_priority(bool priority) override {
    session_order x;
    x.what = session_order::kind::priority;
    x.flag = priority;
    order(std::move(x));
  }

  send_outcome send(payload_kind kind, std::string_view payload) override {
    if (closing_)
      return send_outcome::gone;
    session_order x;
    x.what = session_order::kind::send;
    x.payload = kind;
    x.data = payload;
    order(std::move(x));
    return send_outcome::taken;
  }

  void send_error(std::string_view code, std::string_view message) override {
    order(named(session_order::kind::send_error, code, message));
  }

  void close(close_code code, std::string_view reason) override {
    require_on_wire(code);
    auto x = named(session_order::kind::close, {}, reason);
    x.code = code;
    order(std::move(x));
    closing_ = true;
  }

  void pause_reading() override { order(named(session_order::kind::pause)); }
  void resume_reading() override { order(named(session_order::kind::resume)); }

  bool subscribe(std::string_view topic, bool presence) override {
    if (topic.empty() || topic.size() > max_topic || !enter(topic_group(topic)))
      return false;
    auto x = named(session_order::kind::subscribe, topic);
    x.flag = presence;
    order(std::move(x));
    return true;
  }

  void unsubscribe(std::string_view topic) override {
    depart(topic_group(topic));
    order(named(session_order::kind::unsubscribe, topic));
  }

  void publish(std::string_view topic, payload_kind kind, std::string_view payload) override {
    auto x = named(session_order::kind::publish, topic, payload);
    x.payload = kind;
    order(std::move(x));
  }

  bool join(std::string_view group) override {
    if (!is_own_group(group) || !enter(group))
      return false;
    order(named(session_order::kind::join, group));
    return true;
  }

  void leave(std::string_view group) override {
    if (!is_own_group(group))
      return;
    depart(group);
    order(named(session_order::kind::leave, group));
  }

  void publish_to_group(std::string_view group, payload_kind kind,
                        std::string_view payload) override {
    auto x = named(session_order::kind::publish_to_group, group, payload);
    x.payload = kind;
    order(std::move(x));
  }

  void after(duration delay, std::function<void(session&)> f) override {
    home_.after(card_->id, delay, std::move(f));
  }

private:
  static session_order named(session_order::kind what, std::string_view name = {},
                             std::string_view data = {}) {
    session_order x;
    x.what = what;
    x.name = name;
    x.data = data;
    return x;
  }

  void order(session_order x) { home_.order(*card_, std::move(x)); }

  /// As the connection will see it when the order comes to it.
  bool enter(std::string_view group) {
    if (closing_)
      return false;
    if (std::find(groups_.begin(), groups_.end(), group) != groups_.end())
      return true;
    if (groups_.size() >= card_->max_topics)
      return false;
    groups_.emplace_back(group);
    return true;
  }

  void depart(std::string_view group) {
    groups_.erase(std::remove(groups_.begin(), groups_.end(), group), groups_.end());
  }

  shared_actor& home_;
  std::shared_ptr<const session_card> card_;
  const opening_request* request_ = nullptr;
  named_texts attributes_;
  std::vector<std::string> groups_;
  bool closing_ = false;
};

shared_actor::shared_actor(caf::actor_config& cfg, handler_type type, const route_config& route,
                           gateway& node, event_log& log, std::size_t shards, probe_ptr probe)
  : hosted{cfg},
    host_context{route, node, *static_cast<host_unit*>(cfg.host), log},
    type_{std::move(type)},
    own_probe_{std::move(probe)},
    shards_(shards) {
  set_probe(own_probe_);
  keep_failures(own_probe_);
}

shared_actor::~shared_actor() = default;

caf::behavior shared_actor::make_behavior() {
  own_probe_->show_nothing();
  app_ = make_handler(type_, *this);
  caf::message_handler own{
    [this](const handler_batch& x) { take(x); },
    [](tick_atom) {},
  };
  return further_ ? own.or_else(further_) : own;
}

caf::invoke_message_result shared_actor::consume(caf::mailbox_element& x) {
  auto result = hosted::consume(x);
  flush();
  return result;
}

void shared_actor::on_exit() {
  // What it has ordered stands, and what it has dealt with is not to be done again.
  flush();
  for (auto& shard : shards_)
    shard.port = nullptr; // it holds this actor
  sessions_.clear();
  app_.reset();
}

void shared_actor::take(const handler_batch& x) {
  auto& from = shards_[x.shard];
  from.port = x.port;
  from.owes_answer = true;
  auto number = x.first;
  for (auto& event : *x.events) {
    if (number != 0)
      from.handled = number++; // also if it is too much for the handler: once is enough
    handle(event);
  }
}

void shared_actor::handle(const handler_event& x) {
  using kind = handler_event::kind;
  if (x.what == kind::opened || x.what == kind::adopted) {
    auto& s = *(sessions_[x.id] = std::make_unique<remote_session>(*this, x.card));
    begin(s, x);
    return;
  }
  auto found = sessions_.find(x.id);
  if (found == sessions_.end())
    return; // it opened in a way that was too much for the handler's predecessor
  auto& s = *found->second;
  switch (x.what) {
  case kind::opened:
  case kind::adopted: return;
  case kind::inbound:
    app_->inbound(s, {x.payload, x.data, x.sequence});
    answer(s, x, command_outcome::done);
    return;
  case kind::subscribe: answer(s, x, app_->subscribe(s, x.topic, x.presence)); return;
  case kind::unsubscribe: answer(s, x, app_->unsubscribe(s, x.topic)); return;
  case kind::publish: answer(s, x, app_->publish(s, x.topic, x.payload, x.data)); return;
  case kind::zombie: app_->zombie(s); return;
  case kind::closing:
    s.set_closing();
    app_->closing(s, x.code, x.why);
    return;
  case kind::closed:
    app_->closed(*x.receipt);
    sessions_.erase(x.id);
    return;
  case kind::phase: app_->phase(s, x.entered); return;
  }
}

/// Whom it throws for is closed: its successor would throw for him again.
void shared_actor::begin(remote_session& s, const handler_event& x) {
  s.set_request(x.request.get());
  try {
    if (x.what == handler_event::kind::opened)
      app_->opened(s);
    else
      app_->adopted(s);
  } catch (...) {
    session_order fault;
    fault.what = session_order::kind::fault;
    fault.data = what_was_thrown(std::current_exception());
    order(s.card(), std::move(fault));
    throw;
  }
  s.set_request(nullptr);
}

void shared_actor::answer(const remote_session& s, const handler_event& x,
                          command_outcome outcome) {
  if (!x.command && outcome == command_outcome::done)
    return;
  session_order back;
  back.what = session_order::kind::answer;
  back.outcome = outcome;
  back.name = x.command.value_or("");
  order(s.card(), std::move(back));
}

void shared_actor::order(const session_card& of, session_order x) {
  x.id = of.id;
  x.slot = of.slot;
  shards_[of.shard].orders.push_back(std::move(x));
}

void shared_actor::flush() {
  for (auto& shard : shards_) {
    if (!shard.owes_answer && shard.orders.empty())
      continue;
    shard.owes_answer = false;
    auto orders
      = std::make_shared<const std::vector<session_order>>(std::exchange(shard.orders, {}));
    if (shard.port)
      caf::anon_send(shard.port, session_orders{shard.handled, std::move(orders)});
  }
}

void shared_actor::after(connection_id id, duration delay, std::function<void(session&)> f) {
  host_context::after(delay, [this, id, f = std::move(f)] {
    auto found = sessions_.find(id);
    if (found != sessions_.end())
      f(*found->second);
  });
}

void shared_actor::show(std::string_view key, std::string_view value) {
  own_probe_->show(key, value);
}

void shared_actor::run(const std::function<void()>& f) {
  call([&] { f(); });
  flush();
}

} // namespace holdfast
