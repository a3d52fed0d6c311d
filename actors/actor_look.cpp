#include "actors/actor_look.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace holdfast {

namespace {

constexpr duration patience = std::chrono::seconds{1};
constexpr std::string_view of_a_connection = "connection/";

using fields = std::vector<published_field>;

void add(fields& to, std::string name, std::string_view text) {
  to.push_back({std::move(name), std::string{text}});
}

void add(fields& to, std::string name, std::uint64_t number) {
  to.push_back({std::move(name), static_cast<std::int64_t>(number)});
}

void add_span(fields& to, std::string name, duration d) {
  to.push_back({std::move(name), to_ms(d)});
}

void add_flag(fields& to, std::string name, bool flag) {
  add(to, std::move(name), flag ? std::string_view{"yes"} : std::string_view{"no"});
}

void publish(fields& to, const pool_status& x) {
  add(to, "connections", x.connections);
  add(to, "limit", x.limit);
  add(to, "reserve", x.reserve);
  add(to, "users", x.users);
  add(to, "users_at_limit", x.users_at_limit);
  add(to, "sweeps", x.sweeps);
}

void publish(fields& to, const shard_status& x) {
  add(to, "shard", x.shard);
  add(to, "connections", x.connections);
  add(to, "users", x.users);
  add(to, "users_at_limit", x.users_at_limit);
  add_flag(to, "rebuilding", x.rebuilding);
  for (std::size_t i = 0; i < x.counters.in_state.size(); ++i)
    add(to, std::string{to_string(static_cast<connection_state>(i))}, x.counters.in_state[i]);
  add(to, "admitted", x.counters.admitted);
  add(to, "ended", x.counters.ended);
  add(to, "mended", x.counters.mended);
}

void publish(fields& to, const heartbeat_status& x) {
  add(to, "shard", x.shard);
  add(to, "watched", x.watched);
  add_flag(to, "pinging", x.pinging);
}

void publish(fields& to, const drain_status& x) {
  add(to, "phase", to_string(x.phase));
  add_span(to, "phase_age_ms", x.age);
  add(to, "drain", x.drain);
  if (x.drain != 0)
    add(to, "reason", to_string(x.reason));
}

void publish(fields& to, const health_status& x) {
  add(to, "receipts", x.receipts);
  for (std::size_t i = 0; i < x.closed_by_cause.size(); ++i)
    if (x.closed_by_cause[i] > 0)
      add(to, "closed_" + std::string{to_string(static_cast<cause>(i))}, x.closed_by_cause[i]);
}

void publish(fields& to, const router_status& x) {
  add(to, "groups", x.groups);
  add(to, "publications", x.publications);
}

void publish(fields& to, const connection_view& x) {
  add(to, "user", x.user);
  add(to, "route", x.route);
  add(to, "handler", x.handler);
  add(to, "address", x.address);
  add(to, "state", to_string(x.state));
  add_span(to, "state_age_ms", x.state_age);
  add_span(to, "idle_ms", x.idle);
  add_span(to, "silence_ms", x.silence);
  add(to, "missed_pongs", x.missed_pongs);
  add(to, "messages_in", x.in.messages);
  add(to, "messages_out", x.out.messages);
  add(to, "queued_bytes", x.queued_bytes);
  add(to, "topics", x.topics.size());
}

/// "pool/1" -> 1; more than there can be when there is no such number.
std::size_t index_of(std::string_view name) {
  std::size_t index = 0;
  for (char c : name.substr(name.find('/') + 1))
    index = std::min<std::size_t>(index * 10 + static_cast<std::size_t>(c - '0'), max_shards);
  return index;
}

class looker : public std::enable_shared_from_this<looker> {
public:
  looker(caf::event_based_actor* self, services peers, std::string name,
         std::function<void(const actor_look&)> done)
    : self_{self},
      peers_{std::move(peers)},
      name_{std::move(name)},
      done_{std::move(done)} {}

  void begin() {
    if (std::string_view{name_}.substr(0, of_a_connection.size()) == of_a_connection)
      begin_connection(parse_connection_id(name_.substr(of_a_connection.size())));
    else
      ask<std::vector<actor_view>>("inspector", peers_.inspector, list_actors{},
                                   [this](const std::vector<actor_view>& all) { choose(all); });
  }

private:
  template <class Answer, class Handle, class Question, class F>
  void ask(std::string who, const Handle& actor, Question question, F heard) {
    if (!actor) {
      silent(std::move(who));
      return;
    }
    self_->request(actor, patience, std::move(question))
      .then([me = shared_from_this(), heard](const Answer& answer) { heard(answer); },
            [me = shared_from_this(), who](const caf::error&) { me->silent(who); });
  }

  void silent(std::string who) {
    look_.silent.push_back(std::move(who));
    done_(look_);
  }

  /// Asks the actor itself, and is done with what it says.
  template <class Answer, class Handle, class Question>
  void ask_itself(const Handle& actor, Question question) {
    ask<Answer>(name_, actor, std::move(question), [this](const Answer& answer) {
      publish(look_.state, answer);
      done_(look_);
    });
  }

  template <class Answer, class Handle, class Question>
  void ask_itself(const std::vector<Handle>& by_shard, Question question) {
    auto index = index_of(name_);
    ask_itself<Answer>(index < by_shard.size() ? by_shard[index] : Handle{}, std::move(question));
  }

  void choose(const std::vector<actor_view>& all) {
    auto found = std::find_if(all.begin(), all.end(),
                              [this](const actor_view& x) { return x.name == name_; });
    if (found == all.end()) {
      done_(look_);
      return;
    }
    look_.view = *found;
    auto& kind = found->kind;
    if (kind == "pool")
      ask_itself<pool_status>(peers_.pool, get_pool{});
    else if (kind == "pool_member")
      ask_itself<shard_status>(peers_.members, get_shard{});
    else if (kind == "heartbeat")
      ask_itself<heartbeat_status>(peers_.heartbeats, get_heartbeat{});
    else if (kind == "shutdown")
      ask_itself<drain_status>(peers_.shutdown, get_drain{});
    else if (kind == "health")
      ask_itself<health_status>(peers_.health, get_health{});
    else if (kind == "router")
      ask_itself<router_status>(peers_.router, get_router{});
    else
      done_(look_);
  }

  void begin_connection(std::optional<connection_id> id) {
    if (!id || id->shard() >= peers_.members.size()) {
      done_(look_);
      return;
    }
    auto member = "pool/" + std::to_string(id->shard());
    ask<std::vector<connection_view>>(member, peers_.members[id->shard()], find_connection{*id},
                                      [this, member](const std::vector<connection_view>& found) {
                                        if (!found.empty())
                                          show(found.front(), member);
                                        done_(look_);
                                      });
  }

  void show(const connection_view& x, const std::string& parent) {
    actor_view v;
    v.name = name_;
    v.kind = "connection";
    v.parent = parent;
    v.messages = x.in.messages;
    v.uptime = x.age;
    look_.view = v;
    publish(look_.state, x);
  }

  caf::event_based_actor* self_;
  services peers_;
  std::string name_;
  std::function<void(const actor_look&)> done_;
  actor_look look_;
};

} // namespace

caf::actor look_at_actor(host_unit& unit, services peers, std::string name,
                         std::function<void(const actor_look&)> done) {
  // It has no behaviour: it ends when no question of its own is open any more.
  return spawn_on(unit, probe_ptr{},
                  [peers = std::move(peers), name = std::move(name),
                   done = std::move(done)](caf::event_based_actor* self) {
                    std::make_shared<looker>(self, peers, name, done)->begin();
                  });
}

} // namespace holdfast
