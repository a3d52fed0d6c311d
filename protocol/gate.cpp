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

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    auto end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos || end == 0 || end > 3 || (end > 1 && text[0] == '0'))
      return std::nullopt;
    unsigned value = 0;
    for (char c : text.substr(0, end)) {
      if (c < '0' || c > '9')
        return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255)
      return std::nullopt;
    address = address << 8 | value;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return address;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4)
    return std::nullopt;
  unsigned value = 0;
  for (char c : text) {
    auto digit = std::string_view{"0123456789abcdef"}.find(lower(c));
    if (digit == std::string_view::npos)
      return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return static_cast<std::uint16_t>(value);
}

// The groups on one side of "::", appended as bytes; the last may be an IPv4 address.
bool parse_groups(std::string_view text, bool may_end_in_v4, std::vector<std::uint8_t>& bytes) {
  while (!text.empty()) {
    auto colon = text.find(':');
    auto group = text.substr(0, colon);
    bool last = colon == std::string_view::npos;
    if (last && may_end_in_v4 && group.find('.') != std::string_view::npos) {
      auto v4 = parse_v4(group);
      if (!v4)
        return false;
      for (int shift : {24, 16, 8, 0})
        bytes.push_back(static_cast<std::uint8_t>(*v4 >> shift));
      return true;
    }
    auto value = parse_group(group);
    if (!value)
      return false;
    bytes.push_back(static_cast<std::uint8_t>(*value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(*value));
    if (last)
      return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) // it ended in a single colon
      return false;
  }
  return true;
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

client_address client_address::from_v4(std::uint32_t address) {
  client_address result;
  auto out = std::copy(mapped_prefix.begin(), mapped_prefix.end(), result.bytes.begin());
  for (int shift : {24, 16, 8, 0})
    *out++ = static_cast<std::uint8_t>(address >> shift);
  return result;
}

bool client_address::is_v4() const {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
}

std::uint64_t client_address::network() const {
  // An IPv4 address goes where multicast is in IPv6 (ff00::/8), from which no client comes.
  std::uint64_t key = is_v4() ? 0xffffffff : 0;
  auto first = is_v4() ? bytes.begin() + 12 : bytes.begin();
  auto last = is_v4() ? bytes.end() : bytes.begin() + 8;
  for (; first != last; ++first)
    key = key << 8 | *first;
  return key;
}

std::optional<client_address> parse_client_address(std::string_view text) {
  constexpr std::size_t longest = 45; // eight groups of which two are written as IPv4
  if (text.size() > longest)
    return std::nullopt;
  if (text.find(':') == std::string_view::npos) {
    auto v4 = parse_v4(text);
    return v4 ? std::optional{client_address::from_v4(*v4)} : std::nullopt;
  }
  auto gap = text.find("::");
  bool has_gap = gap != std::string_view::npos;
  std::vector<std::uint8_t> head;
  std::vector<std::uint8_t> tail;
  if (!parse_groups(text.substr(0, gap), !has_gap, head))
    return std::nullopt;
  if (has_gap && !parse_groups(text.substr(gap + 2), true, tail))
    return std::nullopt;
  client_address result;
  auto given = head.size() + tail.size();
  // "::" stands for at least one group.
  if (has_gap ? given > result.bytes.size() - 2 : given != result.bytes.size())
    return std::nullopt;
  std::copy(head.begin(), head.end(), result.bytes.begin());
  std::copy_backward(tail.begin(), tail.end(), result.bytes.end());
  return result;
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
    origins_{std::move(config.origins)},
    routes_{std::move(routes)},
    total_{total},
    addresses_{share_of(config.handshakes_per_address, config.shards), config.remembered_addresses},
    closes_{share_of(config.refuse_close_rate, config.shards)} {
  std::sort(routes_.begin(), routes_.end());
}

std::optional<refusal> gate::admit_socket(const client_address& from, time_point now) {
  if (auto no = admit_proxy_socket())
    return no;
  if (auto no = admit_address(from, now)) {
    settle();
    return no;
  }
  return std::nullopt;
}

std::optional<refusal> gate::admit_proxy_socket() {
  if (half_open_limit_ != 0 && half_open_ >= half_open_limit_)
    return refusal::half_open;
  ++half_open_;
  return std::nullopt;
}

std::optional<refusal> gate::admit_address(const client_address& from, time_point now) {
  if (!addresses_.take(from.network(), now))
    return refusal::address_rate;
  return std::nullopt;
}

bool gate::settle() {
  if (half_open_ == 0)
    return false;
  --half_open_;
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

std::optional<refusal> gate::admit_request(const gate_request& request) {
  if (!accepting_)
    return refusal::draining;
  if (!route_known(request.path))
    return refusal::not_found;
  if (!origin_allowed(request.origin))
    return refusal::origin;
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
