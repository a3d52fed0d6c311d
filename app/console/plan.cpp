#include "app/console/plan.hpp"

#include "app/admin/http/percent.hpp"
#include "app/console/json.hpp"
#include "app/units.hpp"

namespace holdfast::console {

namespace {

using admin::percent_encode;

constexpr auto ndjson = "application/x-ndjson";
constexpr auto server_sent = "text/event-stream";

class query {
public:
  explicit query(std::string path) : target_{std::move(path)} {}

  query& add(std::string_view name, std::string_view text) {
    target_ += (first_ ? "?" : "&") + std::string{name} + "=" + percent_encode(text);
    first_ = false;
    return *this;
  }

  /// Every option with a parameter, and ids given as arguments.
  query& add_all(const asked& what) {
    for (auto& option : what.command->options)
      if (auto given = what.options.find(option.name);
          given != what.options.end() && !option.parameter.empty())
        for (auto& text : given->second)
          add(option.parameter, text);
    for (auto& id : what.arguments)
      add("id", id);
    return *this;
  }

  request get(const char* accept = "application/json") const {
    return {"GET", target_, "", accept};
  }

private:
  std::string target_;
  bool first_ = true;
};

request get(std::string target) {
  return {"GET", std::move(target), ""};
}

request post(std::string target, const json& body = json::object()) {
  return {"POST", std::move(target), body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::string of_argument(const asked& what, const char* path, const char* behind = "") {
  return path + percent_encode(what.arguments.front(), true) + behind;
}

std::uint64_t as_number(const std::string& text) {
  return std::stoull(text); // the parser has seen that it is one
}

request kick(const asked& what, bool dry_run) {
  auto body = json::object();
  for (auto& option : what.command->options) {
    auto given = what.options.find(option.name);
    if (given == what.options.end() || option.parameter.empty())
      continue;
    if (option.takes == value::none)
      body[option.parameter] = true;
    else if (option.takes == value::number)
      body[option.parameter] = as_number(given->second.back());
    else if (option.repeated)
      body[option.parameter] = given->second;
    else
      body[option.parameter] = given->second.back();
  }
  for (auto& id : what.arguments)
    body["id"].push_back(id);
  body["dry_run"] = dry_run;
  return post("/v1/connections/kick", body);
}

void add_message(json& body, const asked& what, const std::string& message) {
  if (what.has("--data"))
    body["data"] = parse_json(message).value_or(json{}); // the parser has seen that it is one
  else
    body["text"] = message;
}

request send(const asked& what) {
  auto body = json::object();
  for (auto name : {"--user", "--id"})
    if (what.has(name))
      body[name + 2] = what.value_of(name);
  if (what.has("--everyone"))
    body["everyone"] = true;
  add_message(body, what, what.arguments.front());
  return post("/v1/send", body);
}

request publish(const asked& what) {
  auto body = json::object();
  body["topic"] = what.arguments.front();
  if (what.has("--from"))
    body["from"] = what.value_of("--from");
  add_message(body, what, what.arguments.back());
  return post("/v1/publish", body);
}

request spawn_actor(const asked& what) {
  auto& type = what.arguments.front();
  json body{{"type", type}, {"name", what.has("--name") ? what.value_of("--name") : type}};
  for (auto& given : what.all_of("--arg")) {
    auto equals = given.find('=');
    body["arguments"][given.substr(0, equals)] = given.substr(equals + 1);
  }
  return post("/v1/actors/spawn", body);
}

request drain(const asked& what, bool dry_run) {
  auto body = json::object();
  if (dry_run)
    body["plan"] = true;
  for (auto& option : what.command->options) {
    auto text = what.value_of(option.name);
    if (text.empty() || option.parameter.empty())
      continue;
    if (option.takes == value::time)
      body[option.parameter] = to_ms(*parse_duration(text));
    else
      body[option.parameter] = as_number(text);
  }
  return post("/v1/drain", body);
}

request zombies() {
  return query{"/v1/connections"}.add("state", "zombie").add("limit", "1000").get();
}

request list_zombies(const asked& what) {
  auto list = query{"/v1/connections"};
  list.add("state", "zombie").add("limit", "1000");
  if (what.has("--sort"))
    list.add("sort", what.value_of("--sort"));
  return list.get();
}

request top_connections(const asked& what) {
  auto list = query{"/v1/connections"};
  list.add_all(what);
  if (!what.has("--limit"))
    list.add("limit", "10");
  auto by = what.has("--by") ? what.value_of("--by") : "queue";
  return list.add("sort", "-" + by).get();
}

request health(const asked& what) {
  if (what.has("--validate"))
    return post("/v1/health/validate");
  return get(what.arguments.empty() ? "/v1/health"
                                    : of_argument(what, "/v1/connections/", "/health"));
}

request actors(const asked& what) {
  auto list = query{"/v1/actors"};
  if (what.has("--kind"))
    list.add("kind", what.value_of("--kind"));
  return list.get();
}

request list_users(const asked& what) {
  auto list = query{"/v1/users"};
  if (what.has("--near"))
    list.add("near", "1");
  return list.add_all(what).get();
}

} // namespace

request plan(const asked& what) {
  switch (what.command->what) {
  case verb::status: return get("/v1/status");
  case verb::pool: return get("/v1/pool");
  case verb::health: return health(what);
  case verb::conns_list:
    return query{"/v1/connections"}.add_all(what).get(is_stream(what) ? ndjson
                                                                      : "application/json");
  case verb::conns_show: return get(of_argument(what, "/v1/connections/"));
  case verb::conns_health: return get(of_argument(what, "/v1/connections/", "/health"));
  case verb::conns_kick: return kick(what, what.has("--dry-run"));
  case verb::conns_trace: return query{"/v1/trace"}.add_all(what).get(ndjson);
  case verb::conns_top: return top_connections(what);
  case verb::closed: return query{"/v1/closed"}.add_all(what).get();
  case verb::users: return list_users(what);
  case verb::zombies_list: return list_zombies(what);
  case verb::zombies_clean: return what.has("--dry-run") ? zombies() : post("/v1/zombies/clean");
  case verb::actors_list: return actors(what);
  case verb::actors_tree: return get("/v1/actors");
  case verb::actors_show: return get(of_argument(what, "/v1/actors/"));
  case verb::actors_spawn: return spawn_actor(what);
  case verb::actors_stop: return post("/v1/actors/stop", {{"name", what.arguments.front()}});
  case verb::send: return send(what);
  case verb::publish: return publish(what);
  case verb::drain: return drain(what, what.has("--plan") || what.has("--dry-run"));
  case verb::drain_status: return get("/v1/drain");
  case verb::drain_cancel: return post("/v1/drain/cancel");
  case verb::alerts: return get("/v1/alerts");
  case verb::events: return query{"/v1/events"}.add_all(what).get(server_sent);
  case verb::stats: return get("/v1/stats");
  case verb::reload: return post("/v1/reload");
  case verb::top:
  case verb::console:
  case verb::completion: return {};
  }
  return {};
}

request rehearsal(const asked& what) {
  switch (what.command->what) {
  case verb::conns_kick: return kick(what, true);
  case verb::zombies_clean: return zombies();
  case verb::drain: return drain(what, true);
  default: return {};
  }
}

request next_page(const asked& what, std::string_view cursor, std::size_t limit) {
  auto rest = what;
  rest.options["--limit"] = {std::to_string(limit)};
  rest.options.erase("--cursor");
  if (!cursor.empty())
    rest.options["--cursor"] = {std::string{cursor}};
  return query{"/v1/connections"}.add_all(rest).get();
}

bool is_stream(const asked& what) {
  auto everything = what.command->what == verb::conns_list && what.has("--all")
                    && (what.has("--json") || what.has("--fields"));
  return what.command->what == verb::conns_trace || what.command->what == verb::events
         || everything;
}

bool hits_many(const asked& what) {
  if (what.has("--dry-run") || what.has("--plan"))
    return false;
  auto one = what.arguments.size() == 1 && what.command->what == verb::conns_kick;
  auto changes = what.command->what == verb::conns_kick || what.command->what == verb::zombies_clean
                 || what.command->what == verb::drain;
  return changes && !one;
}

} // namespace holdfast::console
