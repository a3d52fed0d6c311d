#include "app/transport/opening.hpp"

#include <algorithm>

namespace holdfast::transport {

namespace {

std::string text_of(const client_address& address, std::uint16_t port) {
  auto text = to_string(address);
  return (address.is_v4() ? text : "[" + text + "]").append(":").append(std::to_string(port));
}

/// 16 bytes in base64 (RFC 6455 section 4.2.1, item 5).
bool is_key(std::string_view text) {
  constexpr std::string_view alphabet
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.substr(22) == "==" && text.find_first_not_of(alphabet) == 22;
}

/// A number from 0 to 255 without leading zeros (RFC 6455 section 4.3).
bool is_version(std::string_view text) {
  if (text.size() > 3 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return false;
  return text == "0" || (text.front() != '0' && (text.size() < 3 || text <= "255"));
}

opening_verdict refuse(refusal why, std::string_view detail) {
  return {opening_verdict::action::refuse, info(why).http_status, why, detail};
}

opening_verdict bad_request(std::string_view detail) {
  return refuse(refusal::bad_request, detail);
}

opening_verdict judge_plain(const http_request& request) {
  if (request.path() == "/healthz")
    return {opening_verdict::action::health, 200, refusal::bad_request, {}};
  return refuse(refusal::upgrade_required,
                "this is a WebSocket endpoint; connect with ws:// or wss://");
}

opening_verdict judge_upgrade(const http_request& request) {
  if (!request.is_http_1_1())
    return bad_request("an upgrade needs HTTP/1.1");
  if (!request.list_has("Connection", "upgrade"))
    return bad_request("the Connection header does not say upgrade");
  auto version = request.header("Sec-WebSocket-Version");
  if (!version.empty() && !is_version(version))
    return bad_request("Sec-WebSocket-Version is not a number from 0 to 255");
  if (version != "13")
    return refuse(refusal::upgrade_required, "this server speaks WebSocket version 13");
  if (!is_key(request.header("Sec-WebSocket-Key")))
    return bad_request("Sec-WebSocket-Key is not 16 bytes of base64");
  return {opening_verdict::action::upgrade, 101, refusal::bad_request, {}};
}

std::string_view words(unsigned status) {
  switch (status) {
  case 200: return "OK";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 414: return "URI Too Long";
  case 426: return "Upgrade Required";
  case 429: return "Too Many Requests";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 503: return "Service Unavailable";
  default: return "Refused";
  }
}

} // namespace

void opening::begin(const client_address& from, std::uint16_t port, time_point accepted) {
  accepted_ = accepted;
  request_.clear();
  address_ = from;
  address_text_ = text_of(from, port);
}

std::unique_ptr<opening> opening_pool::take() {
  if (spare_.empty())
    return std::make_unique<opening>();
  auto taken = std::move(spare_.back());
  spare_.pop_back();
  return taken;
}

void opening_pool::give_back(std::unique_ptr<opening> used) {
  constexpr std::size_t kept = 64;
  if (!used || spare_.size() >= kept)
    return;
  used->request().clear();
  spare_.push_back(std::move(used));
}

opening_verdict judge(const http_request& request) {
  for (auto name : {"Host", "Sec-WebSocket-Version", "Sec-WebSocket-Key"}) {
    if (request.count(name) > 1)
      return bad_request("a header that must not be repeated is repeated");
  }
  if (request.count("Host") == 0 && request.is_http_1_1())
    return bad_request("the Host header is missing");
  if (request.count("Transfer-Encoding") > 0
      || (request.count("Content-Length") > 0 && request.header("Content-Length") != "0"))
    return bad_request("requests with a body are not accepted");
  if (request.method() != "GET" && request.method() != "HEAD")
    return {opening_verdict::action::refuse, 405, refusal::bad_request, {}};
  if (request.method() == "GET" && request.list_has("Upgrade", "websocket"))
    return judge_upgrade(request);
  if (request.method() == "GET" && request.count("Sec-WebSocket-Key") > 0)
    return bad_request("the Upgrade header does not say websocket");
  return judge_plain(request);
}

std::optional<opening_verdict> judge(http_request::progress progress) {
  switch (progress) {
  case http_request::progress::incomplete: return std::nullopt;
  case http_request::progress::complete: return std::nullopt;
  case http_request::progress::malformed: return bad_request("malformed request");
  case http_request::progress::header_too_large: return refuse(refusal::header_too_large, {});
  case http_request::progress::uri_too_long: return refuse(refusal::uri_too_long, {});
  }
  return std::nullopt;
}

std::string to_bytes(const http_answer& answer) {
  auto body = std::string{answer.body.empty() ? words(answer.status) : answer.body}.append("\n");
  std::string text = "HTTP/1.1 ";
  text.append(std::to_string(answer.status)).append(" ").append(words(answer.status));
  text.append("\r\nConnection: close");
  if (answer.status == 426) // RFC 7231 section 6.5.15, RFC 6455 section 4.4
    text.append(", Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13");
  if (answer.status == 401) // RFC 7235 section 4.1
    text.append("\r\nWWW-Authenticate: Bearer");
  if (answer.status == 405)
    text.append("\r\nAllow: GET, HEAD");
  if (answer.retry_after_s > 0)
    text.append("\r\nRetry-After: ").append(std::to_string(answer.retry_after_s));
  text.append("\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store");
  text.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return answer.head_only ? text : text.append(body);
}

} // namespace holdfast::transport
