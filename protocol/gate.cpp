#include "protocol/gate.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace holdfast {

namespace {

// Retry-After: an address has its burst again after a second; a half-open place is free after
// handshake_timeout at the latest; a restart and a full node take longer.
constexpr std::array<refusal_info, refusal_count> table{{
  {refusal::draining, "draining", 503, 1012, 10},
  {refusal::half_open, "half_open", 429, 0, 5},
  {refusal::address_rate, "address_rate", 429, 0, 1},
  {refusal::bad_request, "bad_request", 400, 0, 0},
  {refusal::upgrade_required, "upgrade_required", 426, 0, 0},
  {refusal::header_too_large, "header_too_large", 431, 0, 0},
  {refusal::uri_too_long, "uri_too_long", 414, 0, 0},
  {refusal::handshake_timeout, "handshake_timeout", 408, 0, 0},
  {refusal::not_found, "not_found", 404, 0, 0},
  {refusal::origin, "origin", 403, 0, 0},
  {refusal::unauthenticated, "unauthenticated", 401, 4501, 0},
  {refusal::pool_full, "pool_full", 503, 1013, 30},
  {refusal::user_limit, "user_limit", 0, 4500, 0},
  {refusal::no_verdict, "no_verdict", 0, 1013, 0},
  {refusal::address_half_open, "address_half_open", 429, 0, 5},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].why != static_cast<refusal>(i))
      return false;
  }
  return true;
}
static_assert(in_order(), "a refusal is its row's index");

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

const refusal_info& info(refusal why) {
  return table[static_cast<std::size_t>(why)];
}

std::string_view to_string(refusal why) {
  return info(why).label;
}

std::string_view to_string(refusal_style style) {
  switch (style) {
  case refusal_style::upgrade_then_close: return "upgrade_then_close";
  case refusal_style::http_status: return "http_status";
  }
  return "?";
}

std::string_view to_string(refuse_mode mode) {
  switch (mode) {
  case refuse_mode::automatic: return "auto";
  case refuse_mode::close: return "close";
  case refuse_mode::http: return "http";
  }
  return "?";
}

std::size_t gate::network_hash::operator()(std::uint64_t network) const noexcept {
  // The finaliser of splitmix64: neighbouring networks must not share a hash bucket.
  network = (network ^ (network >> 30)) * 0xbf58476d1ce4e5b9ull;
  network = (network ^ (network >> 27)) * 0x94d049bb133111ebull;
  return static_cast<std::size_t>(network ^ (network >> 31));
}

gate::gate(gate_config config, std::vector<std::string> routes, capacity& total)
  : mode_{config.refuse},
    half_open_limit_{share_of(config.half_open, config.shards)},
    network_limit_{share_of(config.half_open_per_address, config.shards)},
    trusted_proxies_{std::move(config.trusted_proxies)},
    origins_{std::move(config.origins)},
    routes_{std::move(routes)},
    total_{total},
    addresses_{share_of(config.handshakes_per_address, config.shards), config.remembered_addresses},
    closes_{share_of(config.refuse_close_rate, config.shards)} {
  std::sort(routes_.begin(), routes_.end());
}

std::optional<refusal> gate::admit_socket(const client_address& from, time_point now) {
  if (half_open_limit_ != 0 && half_open_ >= half_open_limit_)
    return refusal::half_open;
  if (!trusts(from)) {
    if (auto no = enter(from, now))
      return no;
  }
  ++half_open_;
  return std::nullopt;
}

/// The limits of an address, at accept.
std::optional<refusal> gate::enter(const client_address& from, time_point now) {
  auto network = from.network();
  auto found
    = network_limit_ == 0 ? half_open_by_network_.end() : half_open_by_network_.find(network);
  if (found != half_open_by_network_.end() && found->second >= network_limit_)
    return refusal::address_half_open;
  if (auto no = admit_address(from, now))
    return no;
  if (network_limit_ != 0)
    ++half_open_by_network_[network];
  return std::nullopt;
}

std::optional<refusal> gate::admit_address(const client_address& from, time_point now) {
  if (!addresses_.take(from.network(), now))
    return refusal::address_rate;
  return std::nullopt;
}

bool gate::settle(const client_address& from) {
  if (half_open_ == 0)
    return false;
  --half_open_;
  if (network_limit_ == 0 || trusts(from))
    return true;
  auto found = half_open_by_network_.find(from.network());
  if (found == half_open_by_network_.end())
    return false;
  if (--found->second == 0)
    half_open_by_network_.erase(found);
  return true;
}

bool gate::route_known(std::string_view path) const {
  return std::binary_search(routes_.begin(), routes_.end(), path, std::less<>{});
}

bool gate::origin_allowed(std::optional<std::string_view> origin) const {
  if (origins_.empty() || !origin)
    return true;
  return std::any_of(origins_.begin(), origins_.end(), [&](const std::string& allowed) {
    return same_without_case(allowed, *origin);
  });
}

std::optional<refusal> gate::screen(const gate_request& request) const {
  if (!accepting_)
    return refusal::draining;
  if (!route_known(request.path))
    return refusal::not_found;
  if (!origin_allowed(request.origin))
    return refusal::origin;
  return std::nullopt;
}

std::optional<refusal> gate::admit_request(const gate_request& request) {
  if (auto no = screen(request))
    return no;
  if (!request.authenticated)
    return refusal::unauthenticated;
  if (!total_.take(request.priority))
    return refusal::pool_full;
  return std::nullopt;
}

refusal_reply gate::refuse(refusal why, time_point now) {
  const auto& row = info(why);
  auto style = closes(row, now) ? refusal_style::upgrade_then_close : refusal_style::http_status;
  return {style, row.http_status, row.close_code, std::chrono::seconds{row.retry_after}};
}

bool gate::closes(const refusal_info& row, time_point now) {
  if (row.close_code == 0)
    return false;
  if (row.http_status == 0)
    return true;
  switch (mode_) {
  case refuse_mode::automatic: return closes_.take(now);
  case refuse_mode::close: return true;
  case refuse_mode::http: return false;
  }
  return true;
}

} // namespace holdfast
