// Lists of connections, one connection, users, and the receipts of those that have ended.
#include "app/admin/api/connection_walk.hpp"
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "app/admin/api/selection.hpp"

#include <algorithm>

namespace holdfast::admin {

namespace {

constexpr std::uint64_t page_size = 100;
constexpr std::uint64_t largest_page = 1000;

/// "age", "-age". Nothing when 400 was answered.
std::optional<connection_order> order_of(exchange& from) {
  auto text = from.asked().param("sort").value_or("id");
  connection_order order;
  order.descending = text.size() > 1 && text.front() == '-';
  auto key = parse_connection_key(text.substr(order.descending ? 1 : 0));
  if (!key) {
    fail(
      from, 400, "bad_request", "sort cannot be " + text,
      "it takes id, age, idle, queue, rtt, state or user, with - before it for the largest first");
    return std::nullopt;
  }
  order.key = *key;
  return order;
}

/// The walk that a list's parameters ask for. Nothing when 400 was answered.
std::optional<walk_request> walk_of(exchange& from, const api_context& node) {
  auto which = selector_of_query(from, node);
  auto order = which ? order_of(from) : std::nullopt;
  if (!order)
    return std::nullopt;
  walk_request request;
  request.which = std::move(*which);
  request.order = *order;
  if (auto cursor = from.asked().param("cursor")) {
    request.after = parse_cursor(*cursor);
    if (!request.after) {
      fail(from, 400, "bad_request", "cursor is none that a list has given",
           "take `next` of the page before, with the same selectors and order");
      return std::nullopt;
    }
  }
  return request;
}

void page(const api_context& node, const exchange_ptr& to, walk_request request,
          std::size_t limit) {
  struct findings {
    best_of best;
    std::uint64_t matched = 0;
  };
  auto found = std::make_shared<findings>(findings{best_of{request.order, limit}, 0});
  request.rows = static_cast<std::uint32_t>(limit) + 1; // one more tells that there is a next page
  walk_connections(
    node, std::move(request),
    [found](connection_page part, const std::function<void()>& go_on) {
      found->matched += part.matched;
      found->best.add(std::move(part.rows));
      go_on();
    },
    [&node, to, found](const std::vector<std::string>& silent) {
      auto items = json::array();
      for (auto& row : found->best.rows())
        items.push_back(to_json(row.view, false));
      auto next = found->best.next();
      reply(*to, {{"items", std::move(items)},
                  {"next", next ? json(to_cursor(*next)) : json{}},
                  {"total", found->matched},
                  {"open", node.total.taken()},
                  {"partial", silent}});
    });
}

/// One connection a line, as they are found; as fast as the client takes them.
void stream(const api_context& node, const exchange_ptr& to, walk_request request,
            std::uint64_t limit) {
  if (!to->start(200, "application/x-ndjson"))
    return;
  auto left = std::make_shared<std::uint64_t>(limit);
  auto walk = walk_connections(
    node, std::move(request),
    [to, left](const connection_page& part, const std::function<void()>& go_on) {
      std::string lines;
      for (auto& row : part.rows)
        if (*left > 0) {
          --*left;
          lines += text_of(to_json(row.view, false)) + "\n";
        }
      if (!lines.empty() && !to->write(std::move(lines)))
        return; // gone: when_gone() ends the walk
      if (*left > 0 && to->unsent() >= drained_below)
        to->when_drained(go_on);
      else
        go_on();
    },
    [to](const std::vector<std::string>& silent) {
      if (!silent.empty())
        to->write(text_of({{"partial", silent}}) + "\n");
      to->finish();
    });
  to->when_gone([walk] { caf::anon_send_exit(walk, caf::exit_reason::user_shutdown); });
}

void list_open(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, with_selectors({"limit", "cursor", "sort"})))
    return;
  auto request = walk_of(*to, node);
  if (!request)
    return;
  auto lines = to->asked().accept.find("application/x-ndjson") != std::string::npos;
  auto limit = lines ? number_of_query(*to, "limit", UINT64_MAX, 1, UINT64_MAX)
                     : number_of_query(*to, "limit", page_size, 1, largest_page);
  if (limit && lines)
    stream(node, to, std::move(*request), *limit);
  else if (limit)
    page(node, to, std::move(*request), *limit);
}

void not_there(exchange& to, const std::string& id) {
  fail(to, 404, "not_found", "there is no connection " + id,
       "GET /v1/closed?id=" + id + " tells whether it has ended, and why");
}

/// Finds one connection and hands it on; answers by itself when it is not there.
void find_one(const api_context& node, const exchange_ptr& to, const std::string& text,
              std::function<void(connection_view&)> found) {
  if (!knows_parameters(*to, {}))
    return;
  auto id = parse_connection_id(text);
  auto shard = id ? id->shard() : shard_index{0};
  if (!id || id->node != node.settings.life || shard >= node.peers.members.size()) {
    not_there(*to, text);
    return;
  }
  auto views = std::make_shared<std::vector<connection_view>>();
  inquiry ask;
  ask.ask<std::vector<connection_view>>(
    "pool/" + std::to_string(shard), node.peers.members[shard], find_connection{*id},
    [views](std::vector<connection_view>& x) { *views = std::move(x); });
  std::move(ask).run(
    node, [to, views, text, found = std::move(found)](const inquiry::silent_list& silent) {
      if (!silent.empty())
        fail(*to, 504, "timeout", silent.front() + " did not answer in time", "ask again");
      else if (views->empty())
        not_there(*to, text);
      else
        found(views->front());
    });
}

json health_of(const api_context& node, const connection_view& x) {
  auto health = judge(x, node.limits);
  return {{"id", to_string(x.id)},
          {"state", to_string(x.state)},
          {"healthy", health.healthy},
          {"findings", health.findings},
          {"silence_ms", to_ms(x.silence)},
          {"missed_pongs", x.missed_pongs},
          {"max_missed_pongs", node.limits.max_missed_pongs},
          {"rtt_ms", x.rtt > duration::zero() ? json(fractional_ms(x.rtt)) : json{}},
          {"queue_fill", health.queue_fill},
          {"reading_paused", x.reading_paused}};
}

void users(const api_context& node, const exchange_ptr& to) {
  if (!knows_parameters(*to, {"limit", "near"}))
    return;
  auto limit = number_of_query(*to, "limit", page_size, 1, largest_page);
  auto near = limit ? number_of_query(*to, "near", 0, 0, 1) : std::nullopt;
  if (!near)
    return;
  auto all = std::make_shared<user_list>();
  inquiry ask;
  for (std::size_t i = 0; i < node.peers.members.size(); ++i)
    ask.ask<user_list>("pool/" + std::to_string(i), node.peers.members[i],
                       list_users{static_cast<std::uint32_t>(*limit)}, [all](user_list& part) {
                         all->users += part.users;
                         all->limit = part.limit;
                         std::move(part.top.begin(), part.top.end(), std::back_inserter(all->top));
                       });
  std::move(ask).run(node, [to, all, limit = *limit,
                            near = *near != 0](const inquiry::silent_list& silent) {
    if (near) {
      auto far = [&](const user_count& x) { return !is_near_limit(x.connections, all->limit); };
      all->top.erase(std::remove_if(all->top.begin(), all->top.end(), far), all->top.end());
      all->users = all->top.size();
    }
    std::stable_sort(
      all->top.begin(), all->top.end(), [](const user_count& a, const user_count& b) {
        return a.connections != b.connections ? a.connections > b.connections : a.user < b.user;
      });
    auto items = json::array();
    for (auto& x : all->top)
      if (items.size() < limit)
        items.push_back({{"user", x.user}, {"connections", x.connections}, {"limit", all->limit}});
    reply(*to, {{"items", std::move(items)}, {"total", all->users}, {"partial", silent}});
  });
}

} // namespace

std::vector<endpoint> connection_endpoints(api_context& node) {
  return {
    {"GET", "/v1/connections",
     [&node](const exchange_ptr& to, const std::string&) { list_open(node, to); }},
    {"GET", "/v1/connections/{}",
     [&node](const exchange_ptr& to, const std::string& id) {
       find_one(node, to, id, [to](connection_view& x) { reply(*to, to_json(x, true)); });
     }},
    {"GET", "/v1/connections/{}/health",
     [&node](const exchange_ptr& to, const std::string& id) {
       find_one(node, to, id, [&node, to](connection_view& x) { reply(*to, health_of(node, x)); });
     }},
    {"GET", "/v1/users", [&node](const exchange_ptr& to, const std::string&) { users(node, to); }},
  };
}

} // namespace holdfast::admin
