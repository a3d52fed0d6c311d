#include "app/admin/http/framing.hpp"

#include <charconv>

namespace holdfast::admin {

namespace {

using transport::http_request;

problem bad_request(std::string message, std::string hint) {
  return {400, "bad_request", std::move(message), std::move(hint)};
}

problem too_large(std::size_t limit) {
  return {413, "bad_request", "the body is longer than " + std::to_string(limit) + " bytes",
          "send less at once"};
}

/// Of a Content-Length. Nothing when it is no number, or one that is larger than any body.
std::optional<std::size_t> parse_length(std::string_view text) {
  std::size_t length = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return length;
}

std::optional<problem> judge_fields(const http_request& request) {
  if (request.count("Host") > 1)
    return bad_request("the Host header is repeated", "send it once");
  if (request.count("Host") == 0 && request.is_http_1_1())
    return bad_request("the Host header is missing", "HTTP/1.1 needs one");
  if (request.count("Transfer-Encoding") > 0)
    return problem{501, "bad_request", "transfer codings are not taken in requests",
                   "send the body with Content-Length"};
  if (request.count("Content-Length") > 1)
    return bad_request("Content-Length is repeated", "send it once");
  if (request.count("Expect") > 0
      && !transport::same_without_case(request.header("Expect"), "100-continue"))
    return problem{417, "bad_request", "only 100-continue can be expected", "leave Expect out"};
  return std::nullopt;
}

} // namespace

std::variant<framing, problem> judge_framing(const http_request& request, std::size_t body_limit) {
  if (auto wrong = judge_fields(request))
    return std::move(*wrong);
  framing is;
  is.http_1_1 = request.is_http_1_1();
  is.head_only = request.method() == "HEAD";
  is.keep_alive = !request.list_has("Connection", "close")
                  && (is.http_1_1 || request.list_has("Connection", "keep-alive"));
  if (request.count("Content-Length") > 0) {
    auto text = request.header("Content-Length");
    bool figures = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!figures)
      return bad_request("Content-Length is not a number", "send the number of bytes");
    auto length = parse_length(text);
    if (!length || *length > body_limit)
      return too_large(body_limit);
    is.body = *length;
  }
  is.asks_to_continue = is.http_1_1 && is.body > 0 && request.count("Expect") > 0;
  return is;
}

std::optional<problem> judge_progress(http_request::progress progress,
                                      const http_request::limits& limits) {
  switch (progress) {
  case http_request::progress::incomplete: return std::nullopt;
  case http_request::progress::complete: return std::nullopt;
  case http_request::progress::malformed:
    return bad_request("this is not HTTP/1.1", "ask with curl, or see RFC 7230");
  case http_request::progress::header_too_large:
    return problem{431, "bad_request",
                   "the head is longer than " + std::to_string(limits.head)
                     + " bytes or 100 header fields",
                   "send fewer header fields"};
  case http_request::progress::uri_too_long:
    return problem{414, "bad_request",
                   "the target is longer than " + std::to_string(limits.uri) + " bytes",
                   "ask for fewer things at once"};
  }
  return std::nullopt;
}

} // namespace holdfast::admin
