#include "app/admin/http/access.hpp"

#include "app/admin/http/authority.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

namespace holdfast::admin {

namespace {

using transport::http_request;
using transport::same_without_case;

/// As the kernel writes it; empty: no address of IPv6.
std::string plain_v6(std::string_view text) {
  in6_addr bytes{};
  char plain[INET6_ADDRSTRLEN];
  if (::inet_pton(AF_INET6, std::string{text}.c_str(), &bytes) != 1)
    return {};
  return ::inet_ntop(AF_INET6, &bytes, plain, sizeof plain);
}

bool same_host(std::string_view a, std::string_view b) {
  if (same_without_case(a, b))
    return true;
  auto plain = plain_v6(a);
  return !plain.empty() && plain == plain_v6(b);
}

bool is_listed(const authority& asked, const std::vector<std::string>& hosts) {
  return std::any_of(hosts.begin(), hosts.end(), [&](std::string_view entry) {
    auto listed = split_authority(entry);
    return listed && same_host(asked.host, listed->host)
           && (listed->port.empty() || listed->port == asked.port);
  });
}

std::optional<problem> judge_host(std::string_view host, const access_rules& rules,
                                  std::string_view reached) {
  if (host.empty())
    return std::nullopt; // HTTP/1.0, which no browser speaks
  auto asked = split_authority(host);
  if (asked
      && (same_host(asked->host, "localhost") || same_host(asked->host, "127.0.0.1")
          || same_host(asked->host, "::1") || same_host(asked->host, reached)
          || is_listed(*asked, rules.hosts)))
    return std::nullopt;
  return problem{403, "denied", "the Host " + std::string{host} + " is not this server's",
                 "connect by address, or add the name to admin.hosts"};
}

std::optional<problem> judge_origin(const http_request& request) {
  auto origin = request.header("Origin");
  auto host = request.header("Host");
  if (request.count("Origin") == 0)
    return std::nullopt;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (same_without_case(origin.substr(0, scheme.size()), scheme)
        && same_without_case(origin.substr(scheme.size()), host))
      return std::nullopt;
  }
  return problem{403, "denied", "a page of " + std::string{origin} + " may not use this server",
                 "open the dashboard at the address of this server itself"};
}

/// As GET is; everything else may change something.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::optional<problem> judge_token(const http_request& request, std::string_view path,
                                   const access_rules& rules) {
  bool safe = is_safe(request.method());
  bool probe = safe && (path == "/livez" || path == "/readyz");
  if (probe || (safe && rules.loopback))
    return std::nullopt;
  if (rules.token.empty())
    return problem{403, "denied", "changes over TCP need a token, and this node has none",
                   "use the Unix socket, or set admin.token_file"};
  constexpr std::string_view scheme = "Bearer ";
  auto shown = request.header("Authorization");
  bool bearer = same_without_case(shown.substr(0, scheme.size()), scheme);
  if (bearer && same_secret(shown.substr(scheme.size()), rules.token))
    return std::nullopt;
  return problem{401, "denied", bearer ? "the token is not this node's" : "this needs the token",
                 "send Authorization: Bearer and what is in admin.token_file"};
}

std::optional<problem> judge_content(const http_request& request) {
  auto type = request.header("Content-Type");
  type = type.substr(0, type.find_first_of("; \t"));
  if (is_safe(request.method()) || same_without_case(type, "application/json"))
    return std::nullopt;
  return problem{415, "bad_request", "over TCP a change has a body of application/json",
                 "send Content-Type: application/json"};
}

} // namespace

std::optional<problem> judge_access(const http_request& request, std::string_view path,
                                    const access_rules& rules, std::string_view reached) {
  auto denied = judge_host(request.header("Host"), rules, reached);
  if (!denied)
    denied = judge_origin(request);
  if (!denied)
    denied = judge_token(request, path, rules);
  if (!denied)
    denied = judge_content(request);
  return denied;
}

bool same_secret(std::string_view given, std::string_view secret) {
  if (secret.empty())
    return false;
  volatile std::size_t differs = given.size() ^ secret.size();
  for (std::size_t i = 0; i < given.size(); ++i)
    differs = differs | static_cast<std::size_t>(given[i] ^ secret[i % secret.size()]);
  return differs == 0;
}

bool may_use_socket(uid_t peer, uid_t mine) {
  return peer == mine || peer == 0;
}

bool is_loopback(std::string_view address) {
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  in_addr v4{};
  if (::inet_pton(AF_INET, std::string{address}.c_str(), &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == 127;
  return plain_v6(address) == "::1";
}

} // namespace holdfast::admin
