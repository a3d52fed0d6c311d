// A second reading of what a client of the admin server sends: requests one after the other
// (RFC 7230 section 3), up to the first that ends the connection.
#pragma once

#include "tests/fuzz/oracle/reference_request.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::fuzz {

struct expected_request {
  std::string method, path, body;
  std::vector<std::pair<std::string, std::string>> query;
  std::string authorization, host, content_type, origin;
  bool names_origin = false; ///< if with nothing
  bool http_1_1 = false;
  bool stays = false; ///< another may follow
};

class reference_stream {
public:
  reference_stream(std::string_view sent, const reference_request::limits& limits,
                   std::size_t body_limit) {
    while (refusals_.empty() && !over_) {
      reference_request request{sent, limits};
      refusals_ = request.refusals();
      over_ = !request.complete();
      if (!over_ && refusals_.empty())
        judge(request, sent, body_limit);
    }
  }

  /// Complete ones that are right by themselves, whoever may send them.
  const std::vector<expected_request>& requests() const { return requests_; }

  /// What the one after them may be answered with, since something is wrong with it. Empty: there
  /// is none, or not all of it.
  const std::vector<unsigned>& refusals() const { return refusals_; }

  /// Whether the one that is refused was read as a HEAD, so that its answer has no body.
  bool refuses_head() const { return refuses_head_; }

private:
  static std::string small(std::string text) {
    for (auto& c : text)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return text;
  }

  /// Nothing when it is no text.
  static std::optional<std::string> decode(std::string text) {
    constexpr std::string_view figures = "0123456789abcdef";
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at) {
      auto code = small(text.substr(at + 1, 2));
      if (code.size() < 2 || code.find_first_not_of(figures) != std::string::npos)
        return std::nullopt;
      text.replace(at, 3, 1, static_cast<char>(std::stoi(code, nullptr, 16)));
    }
    for (unsigned char c : text) {
      if (c < 32 || c == 127)
        return std::nullopt;
    }
    try {
      nlohmann::json{text}.dump();
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;
    }
    return text;
  }

  static bool decode_query(std::string text, expected_request& into) {
    std::replace(text.begin(), text.end(), '+', ' ');
    while (!text.empty()) {
      auto item = text.substr(0, text.find('&'));
      text.erase(0, item.size() + 1);
      auto sign = item.find('=');
      auto name = decode(item.substr(0, sign));
      auto value = decode(sign == std::string::npos ? std::string{} : item.substr(sign + 1));
      if (!name || !value)
        return false;
      if (!item.empty())
        into.query.emplace_back(*name, *value);
    }
    return true;
  }

  void judge_length(const reference_request& request, std::size_t limit, std::size_t& length) {
    auto values = request.values("content-length");
    auto figures = [](auto& text) {
      return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (values.size() > 1 || !std::all_of(values.begin(), values.end(), figures))
      refusals_.push_back(400);
    else if (!values.empty()) {
      auto text = values[0];
      text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
      length = text.size() > 9 ? limit + 1 : std::stoul(text);
      if (length > limit)
        refusals_.push_back(413);
    }
  }

  void judge(const reference_request& request, std::string_view& sent, std::size_t limit) {
    auto line = sent.substr(0, sent.find("\r\n"));
    expected_request is;
    is.http_1_1 = line.substr(line.size() - 3) == "1.1";
    auto hosts = request.values("host").size();
    if (hosts > 1 || (hosts == 0 && is.http_1_1))
      refusals_.push_back(400);
    if (!request.values("transfer-encoding").empty())
      refusals_.push_back(501);
    if (!request.values("expect").empty() && small(request.header("expect")) != "100-continue")
      refusals_.push_back(417);
    std::size_t length = 0;
    judge_length(request, limit, length);
    auto path = decode(std::string{request.path()});
    if (!path || !decode_query(std::string{request.query()}, is))
      refusals_.push_back(400);
    sent.remove_prefix(request.head_size());
    over_ = sent.size() < length;
    refuses_head_ = !refusals_.empty() && request.method() == "HEAD";
    if (over_ || !refusals_.empty())
      return;
    is.method = request.method();
    is.path = *path;
    is.body = sent.substr(0, length);
    is.authorization = request.header("authorization");
    is.host = small(request.header("host"));
    is.content_type = small(request.header("content-type"));
    is.names_origin = !request.values("origin").empty();
    is.origin = small(request.header("origin"));
    is.stays = !request.lists("connection", "close")
               && (is.http_1_1 || request.lists("connection", "keep-alive"));
    sent.remove_prefix(length);
    over_ = !is.stays;
    requests_.push_back(std::move(is));
  }

  std::vector<expected_request> requests_;
  std::vector<unsigned> refusals_;
  bool over_ = false;
  bool refuses_head_ = false;
};

} // namespace holdfast::fuzz
