#include "app/bench/handshake.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace holdfast::bench {

namespace {

// The example of RFC 6455, section 1.3. A server cannot tell that all clients use the same key, and
// with it the right answer is known without SHA-1.
constexpr std::string_view handshake_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view handshake_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// No server has a reason to say more before the first frame.
constexpr std::size_t longest_answer = 64 * 1024;

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  auto first = std::min(text.find_first_not_of(blank), text.size());
  return text.substr(first, text.find_last_not_of(blank) + 1 - first);
}

/// Whether `list`, with commas between its items, has `item`.
bool lists(std::string_view list, std::string_view item) {
  for (;;) {
    auto comma = list.find(',');
    if (same(trimmed(list.substr(0, comma)), item))
      return true;
    if (comma == std::string_view::npos)
      return false;
    list.remove_prefix(comma + 1);
  }
}

/// The value of the header `name` in `head`, which ends with a line break; empty if it has none.
std::string_view header_of(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    auto line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() > name.size() && line[name.size()] == ':'
        && same(line.substr(0, name.size()), name))
      return trimmed(line.substr(name.size() + 1));
  }
  return {};
}

/// Somebody else's text, fit for a terminal: one line, printable, not too long.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string result{text.substr(0, longest)};
  for (auto& c : result)
    if (c < ' ' || c == 0x7f)
      c = static_cast<unsigned char>(c) < 0x80 ? '?' : c;
  return result.append(text.size() > longest ? "..." : "");
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (unsigned char c : text) {
    if (c < 0x80
        && (std::isalnum(c) != 0
            || std::string_view{"-._~"}.find(static_cast<char>(c)) != std::string_view::npos)) {
      result.push_back(static_cast<char>(c));
      continue;
    }
    result.push_back('%');
    result.push_back("0123456789ABCDEF"[c >> 4]);
    result.push_back("0123456789ABCDEF"[c & 15]);
  }
  return result;
}

std::string_view advice_for(std::string_view status, bool redirects) {
  if (status == "401" || status == "403")
    return " (say who you are with --header 'Authorization: ...', or where from with 'Origin: "
           "...')";
  if (status == "404")
    return " (no WebSocket at this path?)";
  if (status == "429" || status == "503")
    return " (the server limits connections: ask for fewer or use --open-rate)";
  if (redirects)
    return " (use that URL)";
  return " (see the server's log)";
}

/// The first line of a body that is there as far as `body`; nothing while more of it may come.
bool first_body_line(std::string_view head, std::string_view body, bool ended,
                     std::string_view& line) {
  // Of a chunked body the first line is a length.
  if (same(header_of(head, "transfer-encoding"), "chunked")) {
    auto end = body.find("\r\n");
    if (end == std::string_view::npos)
      return ended;
    body.remove_prefix(end + 2);
  }
  auto end = body.find_first_of("\r\n");
  line = trimmed(body.substr(0, end));
  auto length = header_of(head, "content-length");
  std::size_t announced = 0;
  auto known
    = !length.empty()
      && std::from_chars(length.data(), length.data() + length.size(), announced).ec == std::errc{};
  return end != std::string_view::npos || ended || (known && body.size() >= announced);
}

answer refused(std::string why) {
  return {answer_state::refused, 0, std::move(why)};
}

/// An answer that is no upgrade.
answer other_status(std::string_view head, std::string_view body, bool ended) {
  std::string_view line;
  if (!first_body_line(head, body, ended, line))
    return {};
  auto why = printable(head.substr(0, head.find("\r\n")));
  auto location = header_of(head, "location");
  if (!location.empty())
    why += ", to " + printable(location);
  if (!line.empty())
    why += ": " + printable(line);
  return refused(why.append(advice_for(head.substr(9, 3), !location.empty())));
}

/// What is wrong with the head of an answer with status 101; empty: nothing.
std::string upgrade_fault(std::string_view head, std::string_view protocols) {
  if (!same(header_of(head, "upgrade"), "websocket")
      || !lists(header_of(head, "connection"), "upgrade"))
    return "the answer 101 upgrades to something else than WebSocket";
  if (header_of(head, "sec-websocket-accept") != handshake_accept)
    return "wrong Sec-WebSocket-Accept: is that a WebSocket server?";
  if (!header_of(head, "sec-websocket-extensions").empty())
    return "an extension nobody asked for";
  auto protocol = header_of(head, "sec-websocket-protocol");
  if (!protocol.empty() && !lists(protocols, protocol))
    return "a subprotocol nobody asked for";
  if (protocol.empty() && protocols == lease_protocol)
    return "holdfast.v1 not accepted";
  return {};
}

} // namespace

std::string handshake_request(const url& to, const identity& who,
                              const std::vector<std::string>& headers) {
  std::string text = "GET " + to.resource;
  auto mark = to.resource.find('?') == std::string::npos ? '?' : '&';
  for (auto& [name, value] : {std::pair{"user=", who.user}, {"topic=", who.topic}})
    if (!value.empty())
      text += std::exchange(mark, '&') + (name + percent_encoded(value));
  text += " HTTP/1.1\r\n";
  auto names_host = [](const std::string& line) { return same(line.substr(0, 5), "host:"); };
  if (std::none_of(headers.begin(), headers.end(), names_host))
    text += "Host: " + to.authority + "\r\n";
  text += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  text.append("Sec-WebSocket-Key: ").append(handshake_key).append("\r\n");
  if (who.leased)
    text.append("Sec-WebSocket-Protocol: ").append(lease_protocol).append("\r\n");
  for (auto& line : headers)
    text.append(line).append("\r\n");
  return text + "\r\n";
}

std::string header_fault(std::string_view header) {
  auto colon = header.find(':');
  auto name = header.substr(0, colon);
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  auto in_name = [&](unsigned char c) {
    return c < 0x80
           && (std::isalnum(c) != 0
               || symbols.find(static_cast<char>(c)) != std::string_view::npos);
  };
  if (colon == std::string_view::npos || name.empty()
      || !std::all_of(name.begin(), name.end(), in_name))
    return "a header is written 'Name: value'";
  auto control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
  if (std::any_of(header.begin(), header.end(), control))
    return "a header is one line without control characters";
  constexpr std::array<std::string_view, 6> ours{"upgrade",           "connection",
                                                 "sec-websocket-key", "sec-websocket-version",
                                                 "content-length",    "transfer-encoding"};
  auto is_ours = [&](std::string_view each) { return same(each, name); };
  if (std::any_of(ours.begin(), ours.end(), is_ours) || same(name, "sec-websocket-extensions"))
    return std::string{name} + " is part of the handshake and cannot be set";
  return {};
}

std::string offered_protocols(const std::vector<std::string>& headers) {
  std::string result;
  for (auto& line : headers) {
    auto colon = std::min(line.find(':'), line.size());
    if (same(std::string_view{line}.substr(0, colon), "sec-websocket-protocol"))
      result.append(result.empty() ? "" : ",").append(line, colon + 1);
  }
  return result;
}

answer read_answer(std::string_view bytes, std::string_view protocols, bool ended) {
  constexpr std::string_view begins = "HTTP/1.";
  auto seen = bytes.substr(0, begins.size());
  if (seen != begins.substr(0, seen.size())) {
    auto tls = bytes.front() == 0x15; // an alert
    return refused(tls ? "TLS is spoken there: try wss://"
                       : "what answers is no HTTP: " + printable(bytes.substr(0, 20)));
  }
  auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > longest_answer)
      return refused("the answer has no end");
    return ended ? refused(bytes.empty() ? "closed without an answer to the handshake"
                                         : "closed in the middle of its answer")
                 : answer{};
  }
  auto head = bytes.substr(0, end + 2);
  if (head.size() < 12 || head[8] != ' ')
    return refused("what answers is no HTTP/1.1: " + printable(head.substr(0, 20)));
  if (head.substr(9, 3) != "101") {
    auto enough = bytes.size() > longest_answer;
    return other_status(head, bytes.substr(end + 4), ended || enough);
  }
  if (auto fault = upgrade_fault(head, protocols); !fault.empty())
    return refused(fault);
  return {answer_state::accepted, end + 4, {}};
}

} // namespace holdfast::bench
