#include "protocol/bearer_token.hpp"

#include "protocol/query.hpp"
#include "protocol/trimmed.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

constexpr std::string_view subprotocol_v1 = "holdfast.v1";
constexpr std::string_view bearer_entry = "bearer.";
constexpr std::string_view bearer_scheme = "bearer";

/// Takes the first entry off a list that commas separate.
std::string_view next_entry(std::string_view& list) {
  auto comma = list.find(',');
  auto entry = trimmed(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return entry;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 7230 section 3.2.6.
bool is_protocol_name(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

/// "b64token" of RFC 6750 section 2.1.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "-._~+/=";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

bool is_bearer_scheme(std::string_view scheme) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(scheme.begin(), scheme.end(), bearer_scheme.begin(), bearer_scheme.end(),
                    [&](char a, char b) { return lower(a) == b; });
}

/// Moved, so that there is one copy for the caller to wipe.
void add(bearer_token& found, std::string token) {
  if (!is_token(token))
    found.fault = "malformed";
  else if (found.token.empty())
    found.token = std::move(token);
  else if (found.token != token)
    found.fault = "two_tokens";
}

} // namespace

bearer_token find_bearer_token(const handshake_request& request) {
  bearer_token found;
  auto credentials = request.header("Authorization");
  auto blank = credentials.find_first_of(" \t");
  if (is_bearer_scheme(credentials.substr(0, blank)))
    add(found, blank == std::string_view::npos ? std::string{}
                                               : std::string{trimmed(credentials.substr(blank))});
  for (auto offered = request.header("Sec-WebSocket-Protocol"); !offered.empty();)
    if (auto entry = next_entry(offered); starts_with(entry, bearer_entry))
      add(found, std::string{entry.substr(bearer_entry.size())});
  for (auto& token : query_values(request.query(), token_parameter))
    add(found, std::move(token));
  if (found.fault.empty() && found.token.empty())
    found.fault = "missing";
  return found;
}

std::string_view choose_subprotocol(std::string_view offered) {
  std::string_view other;
  bool has_token = false;
  while (!offered.empty()) {
    auto entry = next_entry(offered);
    if (entry == subprotocol_v1)
      return entry;
    if (starts_with(entry, bearer_entry))
      has_token = true;
    else if (other.empty() && is_protocol_name(entry))
      other = entry;
  }
  return has_token ? other : std::string_view{};
}

} // namespace holdfast
