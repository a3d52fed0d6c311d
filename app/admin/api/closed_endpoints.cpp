// The receipts of connections that have ended.
#include "app/admin/api/endpoints.hpp"
#include "app/admin/api/inquiry.hpp"
#include "app/admin/api/selection.hpp"
#include "app/nearest.hpp"

#include <cstdint>
#include <limits>

namespace holdfast::admin {

namespace {

std::optional<cause> parse_cause(std::string_view text) {
  for (std::size_t i = 0; i < cause_count; ++i)
    if (to_string(static_cast<cause>(i)) == text)
      return static_cast<cause>(i);
  return std::nullopt;
}

bool wrong(exchange& to, const std::string& name, const std::string& value,
           const std::string& hint) {
  fail(to, 400, "bad_request", name + " cannot be " + value, hint);
  return false;
}

bool take_cause(exchange& to, const std::string& value, find_receipts& into) {
  into.why = parse_cause(value);
  if (into.why)
    return true;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < cause_count; ++i)
    names.emplace_back(to_string(static_cast<cause>(i)));
  return wrong(to, "cause", value,
               "it takes a cause such as peer_closed" + did_you_mean(value, names));
}

/// False when 400 was answered.
bool read(exchange& to, find_receipts& into) {
  auto text = [&to](const char* name) { return to.asked().param(name); };
  if (auto id = text("id")) {
    into.id = parse_connection_id(*id);
    if (!into.id)
      return wrong(to, "id", *id, "it takes the id of a connection");
  }
  if (auto address = text("addr")) {
    into.from = parse_cidr_block(*address);
    if (!into.from)
      return wrong(to, "addr", *address,
                   "it takes an address such as 203.0.113.9 or a network such as 203.0.113.0/24");
  }
  if (auto why = text("cause"); why && !take_cause(to, *why, into))
    return false;
  into.user = text("user");
  into.route = text("route").value_or("");
  auto code = number_of_query(to, "code", 0, 0, std::numeric_limits<std::uint16_t>::max());
  auto before = code ? number_of_query(to, "cursor", 0, 1, UINT64_MAX) : std::nullopt;
  auto limit = before ? number_of_query(to, "limit", 100, 1, 1000) : std::nullopt;
  if (!limit)
    return false;
  if (text("code"))
    into.code = static_cast<std::uint16_t>(*code);
  into.before = *before;
  into.limit = static_cast<std::uint32_t>(*limit);
  return true;
}

void list_receipts(const api_context& node, const exchange_ptr& to) {
  find_receipts wanted;
  if (!knows_parameters(*to, {"id", "user", "addr", "route", "cause", "code", "limit", "cursor"})
      || !read(*to, wanted))
    return;
  auto page = std::make_shared<receipt_page>();
  inquiry ask;
  ask.ask<receipt_page>("health", node.peers.health, wanted,
                        [page](receipt_page& x) { *page = std::move(x); });
  std::move(ask).run(node, [to, page](const inquiry::silent_list& silent) {
    auto items = json::array();
    for (auto& receipt : page->receipts)
      items.push_back(to_json(receipt));
    reply(*to, {{"items", std::move(items)},
                {"next", page->next == 0 ? json{} : json(std::to_string(page->next))},
                {"kept", page->kept},
                {"ever", page->ever},
                {"partial", silent}});
  });
}

} // namespace

std::vector<endpoint> closed_endpoints(api_context& node) {
  return {{"GET", "/v1/closed",
           [&node](const exchange_ptr& to, const std::string&) { list_receipts(node, to); }}};
}

} // namespace holdfast::admin
