// What is done to connections: kicks, and the clean-up of zombies.
#include "actors/validation.hpp"
#include "app/admin/api/connection_walk.hpp"
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "app/admin/api/selection.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::admin {

namespace {

/// So many are named in an answer; all are counted.
constexpr std::size_t most_named = 1000;

/// How often a kick closes some more.
constexpr duration pace = std::chrono::milliseconds{20};

struct kick {
  selector which;
  std::uint64_t rate = 500; ///< closes a second
  std::uint64_t limit = UINT64_MAX;
  bool dry_run = false;
  close_connection command{close_code::kicked, cause::kicked, {}};
};

/// What came of a look at everyone.
struct chosen {
  std::uint64_t matched = 0;
  std::vector<connection_id> ids;
  json items = json::array();
};

/// A server may send these (RFC 6455 section 7.4), and none of them says what is not true of a
/// kick.
bool may_be_kicked_with(std::int64_t code) {
  return code == 1000 || code == 1001 || code == 1008 || code == 1012 || code == 1013
         || (code >= 3000 && code <= 4999);
}

bool refuse(exchange& to, std::string_view message, std::string_view hint) {
  fail(to, 400, "bad_request", message, hint);
  return false;
}

bool read_count(exchange& to, const json& fields, const char* name, std::uint64_t& into) {
  auto found = fields.find(name);
  if (found == fields.end())
    return true;
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() == 0
      || found->get<std::uint64_t>() > most)
    return refuse(to, std::string{name} + " is no whole number from 1 to " + std::to_string(most),
                  "leave it out");
  into = found->get<std::uint64_t>();
  return true;
}

/// A rehearsal that was meant must not be carried out because of a typing error.
bool read_flag(exchange& to, const json& fields, const char* name, bool& into) {
  auto found = fields.find(name);
  if (found == fields.end())
    return true;
  if (!found->is_boolean())
    return refuse(to, std::string{name} + " is neither true nor false", "it takes no quotes");
  into = found->get<bool>();
  return true;
}

bool read_close(exchange& to, const json& fields, close_connection& into) {
  auto code = fields.value("code", json(static_cast<std::uint16_t>(into.code)));
  if (!code.is_number_integer() || !may_be_kicked_with(code.get<std::int64_t>()))
    return refuse(to, "code is none that a client may be closed with",
                  "take 4503 (it stops), 1012 or 1013 (it comes back), or 3000 to 4999");
  into.code = static_cast<close_code>(code.get<std::uint16_t>());
  auto reason = fields.value("reason", json(""));
  if (!reason.is_string() || reason.get<std::string>().size() > max_close_reason)
    return refuse(to, "reason is no text of at most 123 bytes", "a close frame holds no more");
  into.detail = reason.get<std::string>(); // the parser takes nothing but UTF-8
  return true;
}

/// Nothing when 400 was answered.
std::optional<kick> kick_of(exchange& to, const api_context& node) {
  auto fields
    = fields_of(to, with_selectors({"all", "rate", "limit", "dry_run", "code", "reason"}));
  auto which = fields ? selector_of_body(to, *fields, node) : std::nullopt;
  if (!which)
    return std::nullopt;
  kick result;
  result.which = std::move(*which);
  auto all = false;
  if (!read_flag(to, *fields, "dry_run", result.dry_run) || !read_flag(to, *fields, "all", all))
    return std::nullopt;
  if (all != result.which.selects_everyone()) {
    refuse(to, all ? "all, and selectors beside it" : "nobody is selected",
           R"(name whom you mean, such as {"user":"u42"}, or say {"all":true})");
    return std::nullopt;
  }
  if (!read_count(to, *fields, "rate", result.rate)
      || !read_count(to, *fields, "limit", result.limit)
      || !read_close(to, *fields, result.command))
    return std::nullopt;
  return result;
}

/// Closes them, so many in every `pace`. Nobody is asked for an answer: each has its receipt.
caf::behavior closer(caf::event_based_actor* self, const api_context& node,
                     std::vector<connection_id> ids, const kick& how) {
  auto each_time = std::max<std::uint64_t>(1, how.rate * pace.count() / 1'000'000'000);
  auto between = how.rate * pace.count() >= 1'000'000'000
                   ? pace
                   : duration{1'000'000'000 / static_cast<std::int64_t>(how.rate)};
  self->send(self, tick_atom::value);
  // Timers do not keep an actor, so it keeps itself until it is done.
  return {[self, me = caf::actor{self}, &node, ids = std::move(ids), how, each_time, between,
           done = std::size_t{0}](tick_atom) mutable {
    for (std::uint64_t i = 0; i < each_time && done < ids.size(); ++i, ++done)
      if (auto shard = ids[done].shard(); shard < node.peers.members.size())
        self->send(node.peers.members[shard], close_by_id{ids[done], how.command});
    if (done < ids.size())
      node.unit.send_at(node.unit.time().now() + between, self, tick_atom::value);
    else
      self->quit();
  }};
}

void carry_out(const api_context& node, const kick& how, std::vector<connection_id> ids) {
  node.log.write(
    log_level::info, "kick",
    {{"connections", static_cast<std::int64_t>(ids.size())},
     {"rate", static_cast<std::int64_t>(how.rate)},
     {"code", static_cast<std::int64_t>(static_cast<std::uint16_t>(how.command.code))}});
  node.spawn([&node, how, ids = std::move(ids)](caf::event_based_actor* self) {
    return closer(self, node, ids, how);
  });
}

/// Whoever is closing already is not closed again.
void choose(std::uint64_t limit, chosen& into, const connection_page& part) {
  for (auto& row : part.rows) {
    if (row.view.state == connection_state::closing)
      continue;
    ++into.matched;
    if (into.ids.size() >= limit)
      continue;
    into.ids.push_back(row.view.id);
    if (into.items.size() < most_named)
      into.items.push_back({{"id", to_string(row.view.id)}, {"user", text_or_null(row.view.user)}});
  }
}

void post_kick(const api_context& node, const exchange_ptr& to) {
  auto how = kick_of(*to, node);
  if (!how)
    return;
  auto found = std::make_shared<chosen>();
  walk_request everyone;
  everyone.which = how->which;
  walk_connections(
    node, std::move(everyone),
    [found, limit = how->limit](const connection_page& part, const std::function<void()>& go_on) {
      choose(limit, *found, part);
      go_on();
    },
    [&node, to, found, how = *how](const std::vector<std::string>& silent) {
      auto selected = found->ids.size();
      auto count = how.dry_run ? 0 : selected;
      if (count > 0)
        carry_out(node, how, std::move(found->ids));
      reply(*to, {{"dry_run", how.dry_run},
                  {"matched", found->matched},
                  {"selected", selected},
                  {"kicked", count},
                  {"items", found->items},
                  {"partial", silent}});
    });
}

/// Names the zombies, then has the pool clean them: whoever comes between is in the count alone.
void clean(const api_context& node, const exchange_ptr& to) {
  if (!fields_of(*to, {}))
    return;
  auto items = std::make_shared<json>(json::array());
  walk_request zombies;
  zombies.which.state = connection_state::zombie;
  walk_connections(
    node, std::move(zombies),
    [items](const connection_page& part, const std::function<void()>& go_on) {
      for (auto& row : part.rows)
        if (items->size() < most_named)
          items->push_back({{"id", to_string(row.view.id)},
                            {"user", text_or_null(row.view.user)},
                            {"silence_ms", to_ms(row.view.silence)}});
      go_on();
    },
    [&node, to, items](const std::vector<std::string>&) {
      auto cleaned = std::make_shared<std::uint64_t>(0);
      inquiry ask;
      for (std::size_t i = 0; i < node.peers.members.size(); ++i)
        ask.ask<std::uint64_t>("pool/" + std::to_string(i), node.peers.members[i], clean_zombies{},
                               [cleaned](std::uint64_t& x) { *cleaned += x; });
      std::move(ask).run(node, [to, items, cleaned](const inquiry::silent_list& silent) {
        reply(*to, {{"cleaned", *cleaned}, {"items", *items}, {"partial", silent}});
      });
    });
}

json report_of(const validation_report& x) {
  auto problems = json::array();
  for (auto& each : x.problems)
    problems.push_back(
      {{"id", to_string(each.id)}, {"user", text_or_null(each.user)}, {"problem", each.problem}});
  auto books = json::array();
  for (auto& each : x.books)
    books.push_back({{"check", each.check}, {"ok", each.ok}, {"detail", each.detail}});
  return {{"checked", x.checked},
          {"healthy", x.healthy},
          {"by_state", to_json(x.by_state)},
          {"problems", std::move(problems)},
          {"problem_count", x.problem_count},
          {"books", std::move(books)},
          {"partial", x.silent}};
}

void validate_all(const api_context& node, const exchange_ptr& to) {
  if (fields_of(*to, {}))
    node.adopt(validate(node.unit, node.peers, node.limits,
                        [to](const validation_report& x) { reply(*to, report_of(x)); }));
}

} // namespace

std::vector<endpoint> action_endpoints(api_context& node) {
  return {
    {"POST", "/v1/connections/kick",
     [&node](const exchange_ptr& to, const std::string&) { post_kick(node, to); }},
    {"POST", "/v1/health/validate",
     [&node](const exchange_ptr& to, const std::string&) { validate_all(node, to); }},
    {"POST", "/v1/zombies/clean",
     [&node](const exchange_ptr& to, const std::string&) { clean(node, to); }},
  };
}

} // namespace holdfast::admin
