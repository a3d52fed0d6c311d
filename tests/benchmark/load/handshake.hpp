// Where the server is, and the opening handshake with it (RFC 6455, section 4).
#pragma once

#include "tests/benchmark/load/failure.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>

namespace holdfast::load {

/// A server's address and the resource to ask it for.
struct target {
  std::string url;
  std::string host; ///< with its port, as the Host header wants it
  std::string resource;
  sockaddr_storage address{};
  socklen_t address_size = 0;
};

/// The subprotocol that leased clients ask for.
inline constexpr std::string_view lease_protocol = "holdfast.v1";

/// Parses and resolves ws://HOST:PORT[/PATH][?QUERY]. Throws `failure`.
inline target parse_target(const std::string& url) {
  constexpr std::string_view scheme = "ws://";
  if (url.compare(0, scheme.size(), scheme) != 0)
    throw failure{url + " does not begin with ws:// (TLS is not spoken here)"};
  auto end = std::min(url.find_first_of("/?", scheme.size()), url.size());
  target result;
  result.url = url;
  result.host = url.substr(scheme.size(), end - scheme.size());
  result.resource = url.substr(end);
  if (result.resource.empty() || result.resource.front() == '?')
    result.resource.insert(0, "/");
  auto colon = result.host.rfind(':');
  if (colon == std::string::npos || colon + 1 == result.host.size())
    throw failure{url + " names no port"};
  auto name = result.host.substr(0, colon);
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto error = ::getaddrinfo(name.c_str(), result.host.c_str() + colon + 1, &hints, &found);
  if (error != 0)
    throw failure{"cannot resolve " + result.host + ": " + ::gai_strerror(error)};
  std::memcpy(&result.address, found->ai_addr, found->ai_addrlen);
  result.address_size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return result;
}

// The example of RFC 6455, section 1.3. A server cannot tell that all clients use the same key, and
// with it the right answer is known without SHA-1.
inline constexpr std::string_view handshake_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view handshake_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The upgrade request. `user` empty: an anonymous one.
inline std::string handshake_request(const target& to, const std::string& user, bool leased) {
  std::string text = "GET " + to.resource;
  if (!user.empty())
    text += (to.resource.find('?') == std::string::npos ? "?user=" : "&user=") + user;
  text += " HTTP/1.1\r\nHost: " + to.host
          + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  text.append("Sec-WebSocket-Key: ").append(handshake_key).append("\r\n");
  if (leased)
    text.append("Sec-WebSocket-Protocol: ").append(lease_protocol).append("\r\n");
  return text + "\r\n";
}

/// The value of the header `name` (in lower case) in `head`; empty if it has none.
inline std::string_view header_of(std::string_view head, std::string_view name) {
  auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    auto line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':'
        || !std::equal(name.begin(), name.end(), line.begin(),
                       [&](char n, char l) { return same(l, n); }))
      continue;
    line.remove_prefix(name.size() + 1);
    auto first = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(first, line.find_last_not_of(' ') + 1 - first);
  }
  return {};
}

/// Why `head`, a response up to its empty line, does not open the connection; empty: it does.
inline std::string refusal_of(std::string_view head, bool leased) {
  if (head.compare(0, 13, "HTTP/1.1 101 ") != 0)
    return std::string{head.substr(0, head.find("\r\n"))};
  if (header_of(head, "sec-websocket-accept") != handshake_accept)
    return "wrong Sec-WebSocket-Accept";
  if (leased != (header_of(head, "sec-websocket-protocol") == lease_protocol))
    return leased ? "holdfast.v1 not accepted" : "a subprotocol nobody asked for";
  return {};
}

} // namespace holdfast::load
