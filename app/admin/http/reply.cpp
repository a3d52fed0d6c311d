#include "app/admin/http/reply.hpp"

#include "app/transport/http_request.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace holdfast::admin {

namespace {

std::string_view words(int status) {
  switch (status) {
  case 200: return "OK";
  case 202: return "Accepted";
  case 204: return "No Content";
  case 304: return "Not Modified";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 409: return "Conflict";
  case 413: return "Payload Too Large";
  case 414: return "URI Too Long";
  case 415: return "Unsupported Media Type";
  case 417: return "Expectation Failed";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 503: return "Service Unavailable";
  case 504: return "Gateway Timeout";
  default: return status < 400 ? "OK" : "Error";
  }
}

bool fits_on_a_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

void add(std::string& to, std::string_view name, std::string_view value) {
  if (fits_on_a_line(name) && fits_on_a_line(value))
    to.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

std::string to_json(const problem& what) {
  nlohmann::ordered_json error;
  error["code"] = what.code;
  error["message"] = what.message;
  error["hint"] = what.hint;
  nlohmann::ordered_json whole;
  whole["error"] = std::move(error);
  return whole.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_bytes(const reply_head& head, const exchange::header_list& headers,
                     std::time_t now) {
  std::string text = "HTTP/1.1 ";
  text.append(std::to_string(head.status)).append(" ").append(words(head.status)).append("\r\n");
  add(text, "Date", http_date(now));
  if (!head.content_type.empty())
    add(text, "Content-Type", head.content_type);
  if (head.length)
    add(text, "Content-Length", std::to_string(*head.length));
  if (head.chunked)
    add(text, "Transfer-Encoding", "chunked");
  if (!head.keep_alive)
    add(text, "Connection", "close");
  else if (!head.http_1_1)
    add(text, "Connection", "keep-alive");
  auto says = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(), [name](auto& header) {
      return transport::same_without_case(header.first, name);
    });
  };
  if (!says("Cache-Control"))
    add(text, "Cache-Control", "no-store");
  add(text, "X-Content-Type-Options", "nosniff");
  for (auto& [name, value] : headers)
    add(text, name, value);
  return text.append("\r\n");
}

std::string to_chunk(std::string_view data) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  std::string chunk{size};
  chunk.reserve(chunk.size() + data.size() + 2);
  return chunk.append(data).append("\r\n");
}

std::string http_date(std::time_t time) {
  // strftime() would write the names in the language of the locale.
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[]
    = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", days[parts.tm_wday],
                parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

} // namespace holdfast::admin
