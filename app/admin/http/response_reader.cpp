#include "app/admin/http/response_reader.hpp"

#include "app/transport/http_request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace holdfast::admin {

namespace {

using kind = client_error::kind;

constexpr std::size_t longest_line = 16 * 1024;
constexpr std::size_t most_fields = 100;

[[noreturn]] void no_http(const char* what) {
  throw client_error{kind::protocol, std::string{"what answers is no Holdfast node: "} + what};
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::uint64_t parse(std::string_view text, int base) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size())
    no_http("a length is no number");
  return number;
}

/// "HTTP/1.1 200 OK"
int parse_status(std::string_view line) {
  int status = 0;
  auto digits = line.substr(std::min(line.size(), std::size_t{9}), 3);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  bool version = line.substr(0, 9) == "HTTP/1.1 " || line.substr(0, 9) == "HTTP/1.0 ";
  bool whole = digits.size() == 3 && error == std::errc{} && end == digits.data() + 3;
  if (!version || !whole || status < 100 || (line.size() > 12 && line[12] != ' '))
    no_http("it does not speak HTTP/1.1");
  return status;
}

} // namespace

std::string_view response::header(std::string_view name) const {
  for (auto& [key, value] : headers) {
    if (key == name)
      return value;
  }
  return {};
}

bool response_reader::more() {
  return more_(in_);
}

std::string response_reader::read_line() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n")) == std::string::npos) {
    if (in_.size() > longest_line)
      no_http("a line has no end");
    if (!more())
      throw client_error{kind::unreachable, "the connection broke before the answer was complete"};
  }
  auto line = in_.substr(0, end);
  in_.erase(0, end + 2);
  begun_ = true;
  return line;
}

void response_reader::read_fields(response& to) {
  while (true) {
    auto line = read_line();
    if (line.empty())
      return;
    auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || to.headers.size() == most_fields)
      no_http("a header field is none");
    auto name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    to.headers.emplace_back(std::move(name), trim(std::string_view{line}.substr(colon + 1)));
  }
}

response response_reader::read_head(bool head_only) {
  response head;
  do {
    auto line = read_line();
    head = {};
    head.status = parse_status(line);
    http_1_1_ = line[7] == '1';
    read_fields(head);
  } while (head.status < 200);
  judge_body(head, head_only);
  return head;
}

void response_reader::judge_body(const response& head, bool head_only) {
  auto connection = head.header("connection");
  keeps_alive_ = http_1_1_ ? !transport::same_without_case(connection, "close")
                           : transport::same_without_case(connection, "keep-alive");
  auto coding = head.header("transfer-encoding");
  auto length = head.header("content-length");
  left_ = 0;
  if (head_only || head.status == 204 || head.status == 304) {
    body_ = body::none;
  } else if (!coding.empty()) {
    if (!transport::same_without_case(coding, "chunked"))
      no_http("it uses a transfer coding that is not known");
    body_ = body::chunked;
    first_chunk_ = true;
  } else if (!length.empty()) {
    body_ = body::sized;
    left_ = parse(length, 10);
  } else {
    body_ = body::to_the_end;
    keeps_alive_ = false;
  }
}

/// Sets `left_`; the last chunk, which is empty, ends the body.
void response_reader::begin_chunk() {
  if (!std::exchange(first_chunk_, false) && !read_line().empty())
    no_http("a chunk is longer than it says");
  auto line = read_line();
  left_ = parse(trim(std::string_view{line}.substr(0, line.find(';'))), 16);
  if (left_ > 0)
    return;
  response trailer;
  read_fields(trailer);
  body_ = body::none;
}

std::string response_reader::read_piece() {
  if (body_ == body::chunked && left_ == 0)
    begin_chunk();
  bool over = body_ == body::none || (body_ == body::sized && left_ == 0);
  if (!over && in_.empty() && !more()) {
    if (body_ != body::to_the_end)
      throw client_error{kind::unreachable, "the connection broke in the middle of the answer"};
    over = true;
  }
  if (over) {
    body_ = body::none;
    begun_ = false;
    return {};
  }
  if (body_ == body::to_the_end)
    return std::exchange(in_, {});
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in_.size()));
  left_ -= size;
  auto piece = in_.substr(0, size);
  in_.erase(0, size);
  return piece;
}

} // namespace holdfast::admin
