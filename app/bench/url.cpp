#include "app/bench/url.hpp"

#include "app/bench/failure.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace holdfast::bench {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw failure{"the URL " + why};
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// Takes the scheme off `rest`; says whether it means TLS.
bool take_scheme(std::string_view& rest) {
  auto end = rest.find("://");
  if (end == std::string_view::npos)
    refuse("has no scheme; did you mean ws://" + std::string{rest} + "?");
  auto scheme = lower(rest.substr(0, end));
  rest.remove_prefix(end + 3);
  if (scheme == "ws" || scheme == "wss")
    return scheme == "wss";
  auto meant = scheme == "https" ? "wss://" : "ws://";
  refuse("begins with " + scheme + "://; did you mean " + meant + std::string{rest} + "?");
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    refuse("has no valid port (1 to 65535): \"" + std::string{text} + "\"");
  return port;
}

bool is_ipv6(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::string without_zone{text.substr(0, text.find('%'))};
  return ::inet_pton(AF_INET6, without_zone.c_str(), address.data()) == 1;
}

bool is_name(std::string_view text) {
  auto fits = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_');
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

/// The host of `authority`, which keeps what follows it: nothing, or a colon and the port.
std::string take_host(std::string_view& authority) {
  if (!authority.empty() && authority.front() == '[') {
    auto end = authority.find(']');
    if (end == std::string_view::npos || !is_ipv6(authority.substr(1, end - 1)))
      refuse("has no valid IPv6 address in its brackets: " + std::string{authority});
    std::string host{authority.substr(1, end - 1)};
    authority.remove_prefix(end + 1);
    return host;
  }
  auto colons = std::count(authority.begin(), authority.end(), ':');
  if (colons > 1)
    refuse("needs brackets around an IPv6 address, as in ws://[::1]:8080/");
  auto end = std::min(authority.find(':'), authority.size());
  std::string host{authority.substr(0, end)};
  if (host.empty())
    refuse("names no host");
  if (!is_name(host))
    refuse("has no valid host name: " + host
           + " (letters, digits, dots and hyphens; others in their xn-- form)");
  authority.remove_prefix(end);
  return host;
}

std::string checked_resource(std::string_view text) {
  if (text.find('#') != std::string_view::npos)
    refuse("has a fragment (#...), which is nothing that a server gets");
  auto odd = [](unsigned char c) { return c <= ' ' || c >= 0x7f; };
  if (std::any_of(text.begin(), text.end(), odd))
    refuse("has spaces or other characters that must be written as %20 and the like");
  std::string resource{text};
  if (resource.empty() || resource.front() == '?')
    resource.insert(0, "/");
  return resource;
}

} // namespace

url parse_url(std::string_view text) {
  url result;
  result.text = text;
  auto rest = text;
  result.secure = take_scheme(rest);
  auto end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    refuse("has a user name in front of an @; leave it out (a server wants it as --header "
           "'Authorization: ...')");
  auto whole = authority;
  result.host = take_host(authority);
  std::uint16_t usual = result.secure ? 443 : 80;
  result.port = usual;
  if (!authority.empty()) {
    if (authority.front() != ':')
      refuse("goes on after the brackets with " + std::string{authority});
    result.port = parse_port(authority.substr(1));
  }
  result.authority = whole.substr(0, whole.size() - authority.size());
  if (result.port != usual)
    result.authority += ":" + std::to_string(result.port);
  result.resource = checked_resource(rest.substr(end));
  return result;
}

} // namespace holdfast::bench
