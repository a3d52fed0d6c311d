// Where a WebSocket server is, as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::bench {

/// A WebSocket URL (RFC 6455, section 3).
struct url {
  std::string text;       ///< as it was written
  bool secure = false;    ///< wss
  std::string host;       ///< a name or a numeric address, without brackets
  std::uint16_t port = 0; ///< 80 or 443 where none was written
  std::string authority;  ///< what the Host header says
  std::string resource;   ///< path and query; begins with a slash
};

/// Parses ws://HOST[:PORT][/PATH][?QUERY], or wss. Throws `failure` with what to write instead:
/// user names, fragments and what an HTTP request line cannot hold are refused.
url parse_url(std::string_view text);

} // namespace holdfast::bench
