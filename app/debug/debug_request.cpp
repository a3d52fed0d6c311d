#include "app/debug/debug_request.hpp"

#include "app/nearest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>

namespace holdfast {

namespace {

using nlohmann::json;
using reply_function = std::function<void(const debug_answer&)>;

/// For an actor to answer in. One that does not is named.
constexpr duration patience = std::chrono::seconds{2};

std::string row(const actor_view& v) {
  char text[256];
  auto milliseconds = to_ms(v.uptime);
  std::snprintf(
    text, sizeof text, "%-14s %-13s %-6s %8llu %10llu %8llu %9lld.%03llds  ", v.name.c_str(),
    v.kind.c_str(), v.alive ? "alive" : "dead", static_cast<unsigned long long>(v.restarts),
    static_cast<unsigned long long>(v.messages), static_cast<unsigned long long>(v.mailbox),
    static_cast<long long>(milliseconds / 1000),
    static_cast<unsigned long long>(milliseconds % 1000));
  return text + (v.last_failure.empty() ? std::string{"-"} : v.last_failure) + "\n";
}

std::string table(const std::vector<actor_view>& views) {
  std::string text = "actor          kind          state  restarts   messages  mailbox         "
                     "uptime  last failure\n";
  for (auto& v : views)
    text += row(v);
  return text;
}

void add(json& to, const shard_status& x) {
  auto add_up
    = [&](const char* key, std::uint64_t n) { to[key] = to.value(key, std::uint64_t{0}) + n; };
  auto& counted = x.counters;
  add_up("admitted", counted.admitted);
  add_up("ended", counted.ended);
  add_up("users", x.users);
  add_up("zombies", counted.zombies);
  add_up("slow_consumers", counted.slow_consumers);
  add_up("pings", counted.pings);
  add_up("mended", counted.mended);
  add_up("slots", x.connections);
  add_up("rebuilding", x.rebuilding ? 1 : 0);
  for (std::size_t i = 0; i < counted.in_state.size(); ++i) {
    auto& n = to["states"][std::string{to_string(static_cast<connection_state>(i))}];
    n = (n.is_null() ? 0 : n.get<std::uint64_t>()) + counted.in_state[i];
  }
  for (std::size_t i = 0; i < counted.refused.size(); ++i)
    if (counted.refused[i] > 0) {
      auto& n = to["refused"][std::string{to_string(static_cast<refusal>(i))}];
      n = (n.is_null() ? 0 : n.get<std::uint64_t>()) + counted.refused[i];
    }
}

void add(json& to, const health_status& x) {
  to["receipts"] = x.receipts;
  to["closed"] = json::object();
  for (std::size_t i = 0; i < x.closed_by_cause.size(); ++i)
    if (x.closed_by_cause[i] > 0)
      to["closed"][std::string{to_string(static_cast<cause>(i))}] = x.closed_by_cause[i];
}

void add(json& to, const drain_status& x) {
  to["phase"] = to_string(x.phase);
}

/// Questions to several actors, one answer.
struct gathering {
  json counts;
  std::size_t waiting = 0;
  reply_function reply;

  void one_less() {
    if (--waiting > 0)
      return;
    auto partial = counts.contains("silent");
    reply({partial ? exit_code::partial : exit_code::ok,
           counts.dump(2, ' ', false, json::error_handler_t::replace) + "\n"});
  }
};

class request {
public:
  request(node& served, const std::string& line, reply_function reply)
    : node_{served},
      reply_{std::move(reply)} {
    std::istringstream words{line};
    words >> verb_ >> name_;
    std::getline(words >> std::ws, text_);
  }

  void carry_out() {
    if (verb_ == "actors")
      actors();
    else if (verb_ == "counts")
      counts();
    else if (verb_ == "kill" || verb_ == "throw")
      fault();
    else if (verb_ == "drain")
      start();
    else if (verb_ == "cancel-drain")
      cancel();
    else
      reply_({exit_code::usage, "the node knows no debug request \"" + verb_ + "\"\n"});
  }

private:
  template <class F>
  void ask(F&& f) {
    spawn_on(node_.context().unit, probe_ptr{}, std::forward<F>(f));
  }

  void actors() {
    ask(
      [inspector = node_.context().peers.inspector, reply = reply_](caf::event_based_actor* self) {
        self->request(inspector, patience, list_actors{})
          .then(
            [reply](const std::vector<actor_view>& views) {
              reply({exit_code::ok, table(views)});
            },
            [reply](const caf::error&) {
              reply({exit_code::partial, "the inspector does not answer; ask again\n"});
            });
      });
  }

  void counts() {
    auto& context = node_.context();
    auto all = std::make_shared<gathering>();
    all->reply = reply_;
    all->counts = {{"open", context.total.taken()},
                   {"limit", context.total.limit()},
                   {"per_user", context.total.per_user()},
                   {"sweeps", context.sweeps},
                   {"given_up", context.given_up}};
    std::uint64_t restarts = 0;
    for (auto& [name, registration] : context.registry)
      restarts += registration.probe->read().restarts;
    all->counts["restarts"] = restarts;
    all->waiting = context.peers.members.size() + 2;
    ask([peers = context.peers, all](caf::event_based_actor* self) {
      auto put = [all](const auto& answer) {
        add(all->counts, answer);
        all->one_less();
      };
      auto silent = [all](const std::string& name) {
        return [all, name](const caf::error&) {
          all->counts["silent"].push_back(name);
          all->one_less();
        };
      };
      for (std::size_t i = 0; i < peers.members.size(); ++i)
        self->request(peers.members[i], patience, get_shard{})
          .then([put](const shard_status& x) { put(x); }, silent("pool/" + std::to_string(i)));
      self->request(peers.health, patience, get_health{})
        .then([put](const health_status& x) { put(x); }, silent("health"));
      self->request(peers.shutdown, patience, get_drain{})
        .then([put](const drain_status& x) { put(x); }, silent("shutdown"));
    });
  }

  void fault() {
    auto& registry = node_.context().registry;
    auto found = registry.find(name_);
    auto handle
      = found == registry.end() ? caf::actor{} : caf::actor_cast<caf::actor>(found->second.address);
    if (!handle) {
      no_such_actor();
      return;
    }
    if (verb_ == "kill") {
      caf::anon_send_exit(handle, caf::exit_reason::kill);
    } else {
      found->second.probe->plant_fault(text_.empty() ? "thrown by holdfast debug" : text_);
      caf::anon_send(handle, tick_atom::value);
    }
    reply_({exit_code::ok, {}});
  }

  void no_such_actor() {
    std::vector<std::string> names;
    for (auto& [name, registration] : node_.context().registry)
      names.push_back(name);
    reply_({exit_code::not_found, "there is no live actor \"" + name_ + "\""
                                    + did_you_mean(name_, names)
                                    + "; holdfast debug actors lists them\n"});
  }

  void start() {
    node_.tell_shutdown(start_drain{drain_reason::admin});
    reply_({exit_code::ok, {}});
  }

  void cancel() {
    ask([shutdown = node_.context().peers.shutdown, reply = reply_](caf::event_based_actor* self) {
      self->request(shutdown, patience, cancel_drain{})
        .then(
          [reply](errc outcome) {
            if (outcome == errc::none)
              reply({exit_code::ok, {}});
            else
              reply({exit_code::failed, std::string{to_string(outcome)} + "\n"});
          },
          [reply](const caf::error&) {
            reply({exit_code::partial, "the shutdown actor does not answer; ask again\n"});
          });
    });
  }

  node& node_;
  reply_function reply_;
  std::string verb_;
  std::string name_;
  std::string text_;
};

} // namespace

void carry_out_debug_request(node& served, const std::string& line,
                             std::function<void(const debug_answer&)> reply) {
  request{served, line, std::move(reply)}.carry_out();
}

} // namespace holdfast
